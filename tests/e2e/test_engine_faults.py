"""A real engine and a real registry whose connections are cut, and a disk that is full."""

import shutil
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.events import Event
from mldeploy.images.builder import BuildOptions, RepositoryTarget
from mldeploy.images.docker import DockerBuilder
from mldeploy.images.making import with_docker
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.model.bundle import load_bundle
from tests.cloud.registry import Registry
from tests.support.cutting import Cutting, cutting

EXAMPLE = Path(__file__).parents[2] / "examples" / "iris"
NAME = "iris-engine-faults"


def nothing(_event: Event) -> None:
    """Take an event and forget it."""


@pytest.fixture(scope="module")
def project(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("faults") / "iris"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("model"))
    file = root / "mldeploy.toml"
    file.write_text(file.read_text().replace('"iris"', f'"{NAME}"'))
    done = mldeploy(root, "train")
    assert done.returncode == 0, done.stderr
    yield root
    for image in engine.images.list(filters={"label": f"mldeploy.project={NAME}"}):
        engine.api.remove_image(image.id, force=True)


def mldeploy(root: Path, *arguments: str, before: tuple[str, ...] = ()) -> Any:
    return subprocess.run(
        [*before, sys.executable, "-m", "mldeploy", *arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def spec(project: Path) -> ImageSpec:
    config = load_config(project / "mldeploy.toml", environ={})
    return image_spec(config, load_bundle(config.bundle))


@pytest.fixture(scope="module")
def socket_of(engine: Any) -> str:
    return str(engine.api.get_adapter(engine.api.base_url).socket_path)


@pytest.fixture
def cut_engine(socket_of: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cutting]:
    """The engine behind a proxy that its address names."""
    with cutting(socket_of) as proxy:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{proxy.port}")
        yield proxy


def fails(work: Any) -> MldeployError:
    with pytest.raises(MldeployError) as raised:
        work()
    return raised.value


def has(registry: Registry, tag: str) -> bool:
    """Tell whether the registry has a manifest under a tag."""
    login = b64encode(f"{registry.username}:{registry.password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{registry.address}/v2/{NAME}/manifests/{tag}",
        headers={"Authorization": f"Basic {login}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - on loopback
            return True
    except HTTPError:
        return False


def test_an_engine_that_is_cut_in_a_build_is_named(cut_engine: Cutting, spec: ImageSpec) -> None:
    """MLD301, no check's container is left, and the same build then succeeds."""
    cut_engine.down = lambda piece, _: b"Step 4/" in piece
    error = fails(lambda: with_docker().builder.build(spec, nothing, BuildOptions(no_cache=True)))
    assert cut_engine.cuts == 1
    assert (error.code, int(error.exit_code)) == ("MLD301", 5)
    assert "connection to the Docker engine broke" in error.message
    cut_engine.down = lambda _piece, _: False
    assert with_docker().builder.build(spec, nothing).spec == spec


def test_an_engine_that_is_cut_in_a_push_is_named(
    cut_engine: Cutting, spec: ImageSpec, registry: Registry
) -> None:
    """MLD301; the registry has the tag only once a push has said so."""
    uri = f"{registry.address}/{NAME}"
    target = RepositoryTarget(uri, registry.username, registry.password, registry.address)
    built = with_docker().builder.build(spec, nothing)
    # A registry that has all layers already is sent none.
    cut_engine.down = lambda piece, _: b"Preparing" in piece or b"Pushing" in piece
    error = fails(lambda: DockerBuilder().push(built, target, nothing))
    assert cut_engine.cuts == 1
    assert error.code == "MLD301"
    assert "connection to the Docker engine broke" in error.message
    cut_engine.down = lambda _piece, _: False
    assert DockerBuilder().push(built, target, nothing).digest.startswith("sha256:")
    assert has(registry, spec.fingerprint)


def test_a_registry_whose_uploads_are_cut_is_named(
    engine: Any, spec: ImageSpec, registry: Registry
) -> None:
    """MLD306 with the broken connection and no tag; without the cut the same push goes through."""
    host, _, port = registry.address.partition(":")
    built = with_docker().builder.build(spec, nothing)
    with cutting((host, int(port))) as proxy:
        proxy.up = lambda _piece, so_far: so_far > 20_000
        address = f"127.0.0.1:{proxy.port}"
        uri = f"{address}/{NAME}-cut"
        target = RepositoryTarget(uri, registry.username, registry.password, address)
        error = fails(lambda: DockerBuilder().push(built, target, nothing))
        assert proxy.cuts
        assert error.code == "MLD306"
        assert "connection broke" in error.hint
        assert not engine.images.list(name=uri)
        proxy.up = lambda _piece, _so_far: False
        assert DockerBuilder().push(built, target, nothing).digest.startswith("sha256:")


def test_a_full_disk_stops_a_build(project: Path, tmp_path: Path) -> None:
    """A temporary folder of 64 kB: MLD620 says where there is no room."""
    script = 'mount -t tmpfs -o size=64k none "$0" && TMPDIR="$0" exec "$@"'
    small = ("unshare", "--map-root-user", "--mount", "sh", "-c", script, str(tmp_path))
    done = mldeploy(project, "build", "--no-cache", before=small)
    assert done.returncode == 1, done.stderr
    assert "MLD620" in done.stderr
    assert str(tmp_path) in done.stderr
