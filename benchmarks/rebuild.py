"""Building and pushing a retrained model, against building and pushing everything."""

import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.images import Images, base, why_not
from benchmarks.measure import Timing, machine, run, show, show_ratio
from mldeploy.config.file import load_config
from mldeploy.images.builder import BuildOptions, RepositoryTarget
from mldeploy.images.making import with_docker
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.model.bundle import load_bundle
from tests.cloud import engine
from tests.cloud.registry import Registry, running_registry

ROUNDS = 3
STEPS = ("build, answers checked", "push", "build and push")
EXAMPLE = Path(__file__).parent.parent / "examples" / "iris"


@dataclass
class Cost:
    """The cost of one way of pushing a model to the registry, per round.

    Attributes:
        seconds: by step.
        stored: bytes added to the registry (compressed).
        layers: (pushed, existing).
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    stored: list[int] = field(default_factory=list)
    layers: list[tuple[int, int]] = field(default_factory=list)


def main() -> None:
    """Print seconds and bytes of both ways, or why they can't be measured here."""
    reason = why_not()
    if reason:
        print(f"  left out: {reason}")
        return
    print(f"  {machine()}; {engine.status()}; {base()}\n")
    costs = {"model only": Cost(), "everything": Cost()}
    with tempfile.TemporaryDirectory() as name, _Builds() as builds:
        project = Path(name) / "iris"
        shutil.copytree(EXAMPLE, project)
        settings = project / "mldeploy.toml"
        settings.write_text(settings.read_text().replace('"iris"', '"iris-benchmark"'))
        for number in range(ROUNDS):
            # A new registry each time, because an empty one has no layers to reuse.
            with running_registry() as registry:
                spec = trained(project, 3 + 2 * number)
                builds.measure(spec, registry, costs["everything"], no_cache=True)
                spec = trained(project, 4 + 2 * number)
                builds.measure(spec, registry, costs["model only"], no_cache=False)
    _report(costs)


def trained(project: Path, neighbours: int) -> ImageSpec:
    """Train another model of the same kind, without measuring it, and return its recipe."""
    script = project / "train.py"
    wanted = f"n_neighbors={neighbours}"
    script.write_text(re.sub(r"n_neighbors=\d+", wanted, script.read_text()))
    run([Path(sys.executable).with_name("mldeploy"), "train"], cwd=project)
    config = load_config(project)
    return image_spec(config, load_bundle(config.bundle))


class _Builds(Images):
    """Builds and pushes, and removes at the end what the builds left on the engine."""

    def __init__(self) -> None:
        super().__init__()
        self._builder = with_docker().builder

    def measure(self, spec: ImageSpec, registry: Registry, cost: Cost, *, no_cache: bool) -> None:
        """Build and push once, and add what it took to `cost`."""
        target = RepositoryTarget(
            f"{registry.address}/{spec.project}", registry.username, registry.password
        )
        stored = bytes_in(registry)
        started = time.perf_counter()
        built = self._builder.build(spec, self.note, BuildOptions(no_cache=no_cache))
        between = time.perf_counter()
        self.add(spec.local_tag)
        pushed = self._builder.push(built, target, self.note)
        ended = time.perf_counter()
        took = (between - started, ended - between, ended - started)
        for step, seconds in zip(STEPS, took, strict=True):
            cost.seconds[step].append(seconds)
        cost.stored.append(bytes_in(registry) - stored)
        cost.layers.append((pushed.layers_pushed, pushed.layers_reused))


def bytes_in(registry: Registry) -> int:
    """Return the bytes in a registry."""
    folder = registry.log.parent / "images"
    return sum(path.stat().st_size for path in folder.rglob("data") if path.is_file())


def _report(costs: dict[str, Cost]) -> None:
    timings = {
        f"{step}: {name}": Timing(tuple(cost.seconds[step]))
        for step in STEPS
        for name, cost in costs.items()
    }
    show(timings)
    only, everything = costs
    for step in STEPS:
        show_ratio(timings, f"{step}: {only}", f"{step}: {everything}")
    for name, cost in costs.items():
        pushed, reused = cost.layers[-1]
        print(f"  {name}: {max(cost.stored):,} bytes sent; {pushed} layers, {reused} were there")
    ratio = max(costs[only].stored) / max(costs[everything].stored)
    print(f"  ratio {ratio:.6f}  bytes, {only} / {everything}")


if __name__ == "__main__":
    main()
