"""Cold start of a container and size of the image, compared with a tutorial's image.

Two times are measured: all of it, and from the moment when Docker has started the process. The
second has what Lambda reports as the init duration and the first invocation: Lambda's environment
exists then. An image with an empty handler shows what Python and AWS's runtime client take of it.
"""

import base64
import io
import json
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.images import Images, base, why_not
from benchmarks.iris import ESTIMATORS, event, rows, train
from benchmarks.measure import Timing, machine, show, show_ratio
from mldeploy.images.cold_start import Measurement
from mldeploy.images.docker.cold_start import first_answer
from mldeploy.images.making import with_docker
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.images.trials import Trial
from tests.cloud import engine
from tests.cloud.registry import Registry, running_registry
from tests.support.models import Trained

RUNS = 10
_TIMES = ("from the container's start", "from the process's start")
MEMORY = 1024
TUTORIAL = Path(__file__).with_name("tutorial")
_TAG = "mldeploy-benchmark-tutorial"
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass(frozen=True)
class Size:
    """Of an image, in bytes: on the machine, as pushed, and as pushed without the base image."""

    whole: int
    pushed: int
    own: int

    def __str__(self) -> str:
        whole, pushed, own = (size / 1e6 for size in (self.whole, self.pushed, self.own))
        return f"{whole:6.0f} MB; compressed {pushed:5.1f} MB, {own:5.1f} MB of it above the base"


def main() -> None:
    """Print seconds and bytes of both images of each model, or why they can't be had here."""
    reason = why_not()
    if reason:
        print(f"  left out: {reason}")
        return
    print(f"  {machine()}; {engine.status()}; {base()}; {MEMORY} MB and a share of a processor")
    with tempfile.TemporaryDirectory() as name, Images() as images, running_registry() as registry:
        for model in ESTIMATORS:
            trained = train(model, Path(name), index_url="")
            spec = image_spec(trained.config, trained.bundle)
            builds = {
                "mldeploy": _ours(spec, images),
                "tutorial": _tutorial(trained, spec, images),
                "empty": _empty(spec, images),
            }
            print(f"\n  {model}")
            _show(builds, spec.base, registry)


def _ours(spec: ImageSpec, images: Images) -> str:
    images.add(spec.local_tag)
    return with_docker().builder.build(spec, images.note).spec.local_tag


def _tutorial(trained: Trained, spec: ImageSpec, images: Images) -> str:
    """Build the tutorial's image with the same model and base."""
    wanted = [f"{name}=={version(name)}" for name in ("scikit-learn", "joblib")]
    tag = f"{_TAG}:{spec.fingerprint}"
    images.add(tag)
    with tempfile.TemporaryDirectory() as name:
        for file in (*TUTORIAL.iterdir(), trained.bundle.path / "model.joblib"):
            if file.is_file():
                shutil.copy(file, name)
        engine.client().images.build(
            path=name,
            tag=tag,
            buildargs={"BASE": spec.base, "REQUIREMENTS": " ".join(wanted)},
            rm=True,
            forcerm=True,
        )
    return tag


def _empty(spec: ImageSpec, images: Images) -> str:
    """Build an image whose handler does nothing."""
    tag = f"{_TAG}:empty"
    images.add(tag)
    handler = "def handler(event, context): return {'statusCode': 200, 'body': '{}'}"
    lines = (f"FROM {spec.base}", f'RUN echo "{handler}" > app.py', 'CMD ["app.handler"]')
    file = io.BytesIO("\n".join(lines).encode())
    engine.client().images.build(fileobj=file, tag=tag, rm=True, forcerm=True)
    return tag


def _show(builds: dict[str, str], base_name: str, registry: Registry) -> None:
    asked = json.dumps(event({"features": rows(1)[0]})).encode()
    api = engine.client().api
    for what, timings in zip(_TIMES, _in_turn(api, builds, asked), strict=True):
        print(f"  {what}:")
        show(timings)
        show_ratio(timings, "mldeploy", "tutorial")
        ours, theirs, floor = (timings[name].median for name in builds)
        print(f"  ratio {(ours - floor) / (theirs - floor):.2f}  beyond the empty handler's")
    sizes = {name: _size(tag, base_name, registry) for name, tag in builds.items()}
    for name, size in sizes.items():
        print(f"  {name}: {size}")
    own, others, _ = sizes.values()
    print(
        f"  ratio {own.whole / others.whole:.2f}  size, {own.own / others.own:.2f} above the base"
    )


def _in_turn(api: Any, builds: dict[str, str], asked: bytes) -> list[dict[str, Timing]]:
    """Start containers in turn, and return both times; making and removing them isn't measured."""
    for tag in builds.values():
        _cold_start(api, tag, asked)
    rounds = [
        {name: _cold_start(api, tag, asked) for name, tag in builds.items()} for _ in range(RUNS)
    ]
    return [
        {name: Timing(tuple(one[name][number] for one in rounds)) for name in builds}
        for number in range(len(_TIMES))
    ]


def _cold_start(api: Any, tag: str, asked: bytes) -> tuple[float, float]:
    """Return the seconds until an image's first response, and those since its process runs."""
    start, rest = first_answer(api, Measurement(tag, Trial(), asked))
    return start + rest, rest


def _size(tag: str, base_name: str, registry: Registry) -> Size:
    """Push an image and add up the layers that its manifest names."""
    api = engine.client().api
    repository = f"{registry.address}/benchmark"
    name = tag.rpartition(":")[2] + tag[:8].replace("/", "-")
    api.tag(tag, repository, name)
    try:
        for told in api.push(
            repository, name, stream=True, decode=True, auth_config=registry.auth_config
        ):
            if "error" in told:
                raise RuntimeError(f"pushing {tag} failed: {told['error']}")
    finally:
        api.remove_image(f"{repository}:{name}", noprune=True)
    login = base64.b64encode(f"{registry.username}:{registry.password}".encode()).decode()
    answer = urllib3.request(
        "GET",
        f"http://{registry.address}/v2/benchmark/manifests/{name}",
        headers={"accept": _MANIFEST, "authorization": f"Basic {login}"},
    )
    layers = [one["size"] for one in answer.json()["layers"]]
    below = len(api.inspect_image(base_name)["RootFS"]["Layers"])
    whole = int(api.inspect_image(tag)["Size"])
    return Size(whole, sum(layers), sum(layers[below:]))


if __name__ == "__main__":
    main()
