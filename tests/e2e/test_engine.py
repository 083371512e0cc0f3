"""Images on a real engine and a real registry: layers, pushes, caches, refusals."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.images.builder import BuildOptions, Built, ImageRef, RepositoryTarget
from mldeploy.images.docker import DockerBuilder
from mldeploy.images.making import with_docker
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.model.bundle import load_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mldeploy.events import Event
    from tests.cloud.registry import Registry

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris"
NAME = "iris-engine-test"
CANARY = "canary-password"


def run_cli(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mldeploy", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def nothing(_event: Event) -> None:
    """Take an event and forget it."""


@dataclass(frozen=True)
class Project:
    """A project's folder, and its image's recipe."""

    root: Path

    @property
    def spec(self) -> ImageSpec:
        config = load_config(self.root / "mldeploy.toml", environ={})
        return image_spec(config, load_bundle(config.bundle))

    def settings(self, before: str, after: str) -> None:
        file = self.root / "mldeploy.toml"
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after))

    def retrain(self, neighbours: int) -> None:
        script = self.root / "train.py"
        text = script.read_text()
        script.write_text(text.replace("n_neighbors=5", f"n_neighbors={neighbours}"))
        self.train()

    def train(self) -> None:
        done = run_cli(self.root, "train")
        assert done.returncode == 0, done.stderr

    def copy(self, folder: Path) -> Project:
        return Project(Path(shutil.copytree(self.root, folder / "project")))


@pytest.fixture(scope="module")
def api(engine: Any) -> Iterator[Any]:
    yield engine.api
    for image in engine.images.list(filters={"label": f"mldeploy.project={NAME}"}):
        engine.api.remove_image(image.id, force=True)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("engine") / "iris"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("model"))
    project = Project(root)
    project.settings('"iris"', f'"{NAME}"')
    done = run_cli(root, "train")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture(scope="module")
def built(api: Any, trained: Project) -> tuple[Built, list[str]]:
    """The first image, built with no cache, and its layers."""
    built = with_docker(api).builder.build(trained.spec, nothing, BuildOptions(no_cache=True))
    return built, layers(api, built.image_id)


@pytest.fixture
def project(trained: Project, tmp_path: Path) -> Project:
    return trained.copy(tmp_path)


@pytest.fixture(scope="module")
def target(registry: Registry) -> RepositoryTarget:
    return RepositoryTarget(
        f"{registry.address}/{NAME}", registry.username, registry.password, registry.address
    )


@pytest.fixture(scope="module")
def pushed(api: Any, built: tuple[Built, list[str]], target: RepositoryTarget) -> ImageRef:
    return DockerBuilder(api).push(built[0], target, nothing)


def layers(api: Any, image: str) -> list[str]:
    return list(api.inspect_image(image)["RootFS"]["Layers"])


def build_fails(api: Any, spec: ImageSpec) -> MldeployError:
    with pytest.raises(MldeployError) as raised:
        with_docker(api).builder.build(spec, nothing)
    return raised.value


def checks_left(api: Any) -> list[str]:
    found = api.containers(all=True, filters={"name": "mldeploy-check-"})
    return [name for one in found for name in one["Names"]]


def test_building_twice_gives_the_same_layers(
    api: Any, trained: Project, built: tuple[Built, list[str]]
) -> None:
    """Nothing of a day, a machine or a hash seed is in requirements, code and model."""
    again = with_docker(api).builder.build(trained.spec, nothing, BuildOptions(no_cache=True))
    # The tag goes back: an image without one is gone when its temporary tag goes.
    api.tag(built[0].image_id, f"mldeploy/{NAME}", built[0].spec.fingerprint)
    assert layers(api, again.image_id) == built[1]
    assert not checks_left(api)


def test_a_first_push_sends_every_layer(pushed: ImageRef, built: tuple[Built, list[str]]) -> None:
    """And it comes back with the digest and what was sent."""
    assert pushed.digest.startswith("sha256:")
    assert pushed.layers_pushed == len(built[1])
    assert pushed.bytes_sent > 100_000_000


def test_a_retrained_model_pushes_its_own_layer_alone(
    api: Any,
    project: Project,
    built: tuple[Built, list[str]],
    pushed: ImageRef,
    target: RepositoryTarget,
) -> None:
    """The rebuild installs nothing, and the push sends kilobytes."""
    project.retrain(7)
    log: list[str] = []
    cache = (f"{target.uri}@{pushed.digest}", target)
    builder = with_docker(api).builder
    new = builder.build(
        project.spec, lambda event: log.append(str(event)), BuildOptions(cache=cache)
    )
    assert layers(api, new.image_id)[:-1] == built[1][:-1]
    assert layers(api, new.image_id)[-1] != built[1][-1]
    assert not [line for line in log if "Collecting" in line or "pulling" in line]
    ref = builder.push(new, target, nothing)
    assert (ref.layers_pushed, ref.layers_reused) == (1, len(built[1]) - 1)
    assert ref.bytes_sent < 200_000


def test_a_wrong_password_is_refused(
    api: Any, built: tuple[Built, list[str]], target: RepositoryTarget
) -> None:
    """MLD306 with advice, and the password in neither; the temporary tag is gone."""
    wrong = replace(target, uri=f"{target.uri}-wrong", password=CANARY)
    with pytest.raises(MldeployError) as raised:
        DockerBuilder(api).push(built[0], wrong, nothing)
    error = raised.value
    assert error.code == "MLD306"
    assert "login" in error.hint
    assert CANARY not in f"{error.message}{error.hint}{error.details}"
    assert not api.images(wrong.uri)


def test_docker_s_own_settings_stay_as_they_are(
    api: Any,
    built: tuple[Built, list[str]],
    target: RepositoryTarget,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Byte by byte, also with a credential store that fails whenever it is asked."""
    config = tmp_path / "config.json"
    config.write_text('{"credsStore": "fails", "auths": {}}\n')
    helper = tmp_path / "docker-credential-fails"
    helper.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    helper.chmod(0o755)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    before = config.read_bytes()
    spec = built[0].spec
    api.remove_image(spec.local_tag, noprune=True)
    events: list[str] = []
    builder = with_docker().builder
    again = builder.build(spec, lambda event: events.append(str(event)))
    assert any("credential store failed" in event for event in events)
    assert builder.push(again, target, nothing).digest
    assert config.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [config.name, helper.name]


def test_an_image_whose_module_is_missing_is_refused(api: Any, project: Project) -> None:
    """The error names the module and the line of mldeploy.toml that adds it."""
    (project.root / "mine.py").write_text("import features_of_mine\n")
    error = broken_model(api, project, "mine")
    assert error.code == "MLD305"
    assert "features_of_mine" in error.hint
    assert "include" in error.hint


def broken_model(api: Any, project: Project, module: str) -> MldeployError:
    """Let the file of the fitted estimator need a module of the project, and build."""
    project.settings("[image]", '[training]\ncompile = "off"\n\n[image]')
    project.train()
    path = project.root / "model" / "model.joblib"
    path.write_bytes(f"c{module}\nx\n.".encode())
    facts = json.loads((path.parent / "model.json").read_text())
    facts["model"]["forms"][0]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (path.parent / "model.json").write_text(json.dumps(facts))
    project.settings('# include = ["features.py"]', f'include = ["{module}.py"]')
    return build_fails(api, project.spec)


def test_an_image_that_writes_to_its_home_is_refused(api: Any, project: Project) -> None:
    """Lambda's file system is read-only, and so is the check's."""
    (project.root / "mine.py").write_text("open('/var/task/cache', 'w')\n")
    error = broken_model(api, project, "mine")
    assert error.code == "MLD305"
    assert "write to /tmp" in error.hint


def test_an_image_with_other_answers_is_refused(api: Any, project: Project) -> None:
    """What it answered stands beside what was expected."""
    path = project.root / "model" / "golden.json"
    golden = json.loads(path.read_text())
    golden["predictions"][0]["class_label"] = 99
    path.write_text(json.dumps(golden))
    facts = json.loads((path.parent / "model.json").read_text())
    facts["golden_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (path.parent / "model.json").write_text(json.dumps(facts))
    error = build_fails(api, project.spec)
    assert error.code == "MLD305"
    assert "99" in error.message
    assert "mldeploy train" in error.hint
    assert not checks_left(api)


def test_a_failing_index_tells_no_password(api: Any, project: Project) -> None:
    """Neither stdout nor stderr nor a debug log has it."""
    del api
    url = f"http://me:{CANARY}@127.0.0.1:1/simple"
    project.settings("[image]", f'[image]\nindex_url = "{url}"')
    done = run_cli(project.root, "build", "--no-cache", "--debug")
    assert done.returncode == 5
    assert "MLD302" in done.stderr
    assert "index_url" in done.stderr
    assert CANARY not in done.stdout + done.stderr


OWN = """
ARG BASE
FROM ${BASE} AS requirements
COPY requirements.txt /tmp/
COPY pip/ /tmp/pip/
FROM ${BASE}
COPY endpoint/ /var/task/endpoint/
%s
CMD ["endpoint.handler.handle"]
"""


@pytest.mark.parametrize(
    "leak",
    [
        f"ENV PIP_INDEX_URL=http://me:{CANARY}@127.0.0.1:1/simple",
        f"RUN true http://me:{CANARY}@127.0.0.1:1/simple",
        "COPY pip/ /etc/pip/\nRUN rm -r /etc/pip",
    ],
    ids=["settings", "history", "layer"],
)
def test_a_dockerfile_that_leaks_the_index_s_login_is_refused(
    api: Any, project: Project, leak: str
) -> None:
    """Also where a later layer removes the file: the layer below still has it."""
    project.settings(
        "[image]",
        f'[image]\nindex_url = "http://me:{CANARY}@127.0.0.1:1/simple"\ndockerfile = "Own"',
    )
    (project.root / "Own").write_text(OWN % leak)
    spec = project.spec
    error = build_fails(api, spec)
    assert error.code == "MLD307"
    assert CANARY not in f"{error.message}{error.hint}"
    assert not api.images(spec.local_tag)


def test_a_dockerfile_of_the_user_s_own_is_used(
    api: Any, project: Project, built: tuple[Built, list[str]]
) -> None:
    """With the same context, and held to the same checks."""
    project.settings("[image]", '[image]\ndockerfile = "Own"')
    mine = f"FROM {built[0].spec.local_tag}\nLABEL mine=yes\n"
    (project.root / "Own").write_text(mine)
    new = with_docker(api).builder.build(project.spec, nothing)
    assert api.inspect_image(new.image_id)["Config"]["Labels"]["mine"] == "yes"


def test_a_dockerfile_with_a_mistake_is_the_build_s_error(api: Any, project: Project) -> None:
    """MLD302 with the engine's words, not a missing engine."""
    project.settings("[image]", '[image]\ndockerfile = "Own"')
    (project.root / "Own").write_text("FORM scratch\n")
    error = build_fails(api, project.spec)
    assert error.code == "MLD302"
    assert "FORM" in error.message.upper()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_no_container(
    api: Any, project: Project, number: signal.Signals
) -> None:
    """Ctrl-C or the end of a CI job: what is built ends on the engine too."""
    project.settings("[image]", '[image]\ndockerfile = "Own"')
    (project.root / "Own").write_text(f"ARG BASE\nFROM ${{BASE}}\nRUN sleep 97 # {time.time()}\n")
    before = {one["Id"] for one in api.containers(all=True)}

    def sleeping() -> list[str]:
        now = api.containers(all=True)
        return [
            one["Id"] for one in now if one["Id"] not in before and "sleep 97" in one["Command"]
        ]

    process = subprocess.Popen(
        # A shell starts what runs beside it with SIGINT ignored, and children inherit that.
        ["env", "--default-signal=INT", sys.executable, "-m", "mldeploy", "build"],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert until(lambda: bool(sleeping()), seconds=30)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert until(lambda: not sleeping(), seconds=20)


def until(holds: Any, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.2)
    return False


def test_an_empty_runner_pushes_the_model_alone(
    api: Any,
    project: Project,
    built: tuple[Built, list[str]],
    pushed: ImageRef,
    target: RepositoryTarget,
) -> None:
    """With none of our images on the engine, the pushed one is pulled and serves as a cache.

    Last in this file: the others use what it removes.
    """
    project.retrain(9)
    for image in api.images(filters={"label": f"mldeploy.project={NAME}"}, quiet=True):
        api.remove_image(image, force=True)
    cache = (f"{target.uri}@{pushed.digest}", target)
    builder = with_docker(api).builder
    new = builder.build(project.spec, nothing, BuildOptions(cache=cache))
    assert layers(api, new.image_id)[:-1] == built[1][:-1]
    ref = builder.push(new, target, nothing)
    assert ref.layers_pushed == 1
    assert ref.bytes_sent < 200_000
    api.remove_image(cache[0], force=True)
