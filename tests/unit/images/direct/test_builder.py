"""Images of a base, wheels and files, made and pushed with no engine; a registry on loopback."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.events import Event, Note, Progress
from mldeploy.files.shipped import shipped
from mldeploy.images.builder import BuildOptions, Built, RepositoryTarget
from mldeploy.images.direct.builder import DirectBuilder
from mldeploy.images.spec import Content, ImageSpec
from mldeploy.text.digests import digest_of_content, fingerprint
from tests.support.registry_server import Registry, Trouble, digest, registry_server
from tests.support.wheel_index import serving, write_wheel

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
BASE = [gzip.compress(b"a base", mtime=0), gzip.compress(b"its python", mtime=0)]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wheels that were written in the same two seconds are equal: no test uses another's layer."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def registry() -> Iterator[Registry]:
    with registry_server() as found:
        found.put_image("base/python", "3", BASE, DOCKER)
        yield found


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """An index with one wheel; it is emptied by `tmp_path / "index"`."""
    (tmp_path / "index").mkdir()
    write_wheel(tmp_path / "index", "lib-one", "1.0", text="VALUE = 1\n")
    with serving(tmp_path / "index") as port:
        yield f"http://127.0.0.1:{port}"


def recipe(registry: Registry, index: str, folder: Path, **more: Content) -> ImageSpec:
    """Return a recipe as `image_spec` makes them: the template, a wheel, code, a model."""
    (wheel,) = (folder / "index").glob("*/*.whl")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    template = shipped("image_template")
    programs = ("openmp.py", "prune.py", "imports.py", "settle.py")
    files: dict[str, Content] = {
        "Dockerfile": template / "Dockerfile",
        **{f"build/{name}": template / "build" / name for name in programs},
        "requirements.txt": f"lib-one==1.0 --hash=sha256:{sha256}\n".encode(),
        "endpoint/handler.py": b"import lib_one\n",
        "include/features.py": b"X = 2\n",
        "model/model.json": b"{}",
        **more,
    }
    base = f"{registry.url.removeprefix('http://')}/base/python:3"
    hashes = {name: digest_of_content(content) for name, content in files.items()}
    tag = fingerprint(hashes, base=base, platform="linux/amd64")
    return ImageSpec(
        project="iris",
        fingerprint=tag,
        platform="linux/amd64",
        base=base,
        python=PYTHON,
        files=tuple(sorted(files.items())),
        labels=(("mldeploy.project", "iris"),),
        index_url=index,
    )


def target_of(registry: Registry, tag: str = "t") -> RepositoryTarget:
    host = registry.url.removeprefix("http://")
    return RepositoryTarget(f"{host}/team/iris", "AWS", "pw", registry.url, tag)


def nothing(_event: Event) -> None:
    """Take an event."""


def made(spec: ImageSpec, options: BuildOptions | None = None) -> tuple[DirectBuilder, Built]:
    builder = DirectBuilder(lambda _image: ("", ""))
    return builder, builder.build(spec, nothing, options)


def pushed(registry: Registry, tag: str = "t") -> tuple[dict[str, object], dict[str, object]]:
    """Return manifest and configuration of what a registry holds."""
    _, text = registry.manifests["team/iris"][tag]
    manifest = json.loads(text)
    return manifest, json.loads(registry.blobs["team/iris"][manifest["config"]["digest"]])


def files_in(registry: Registry, tag: str = "t") -> dict[str, bytes]:
    """Return all files of our layers by their names in the image."""
    manifest, _ = pushed(registry, tag)
    found = {}
    for layer in manifest["layers"][len(BASE) :]:  # type: ignore[index]
        content = registry.blobs["team/iris"][layer["digest"]]
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            found.update(
                {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}  # type: ignore[union-attr]
            )
    return found


def test_the_image_is_whole(registry: Registry, index: str, tmp_path: Path) -> None:
    """Every layer's digest and diff id is right, and the files lie where Lambda looks for them."""
    spec = recipe(registry, index, tmp_path)
    builder, built = made(spec)
    reference = builder.push(built, target_of(registry), nothing)
    manifest, configuration = pushed(registry)
    assert reference.digest == digest(registry.manifests["team/iris"]["t"][1])
    assert built.image_id == manifest["config"]["digest"]  # type: ignore[index]
    layers = manifest["layers"]
    contents = [registry.blobs["team/iris"][one["digest"]] for one in layers]  # type: ignore[attr-defined]
    assert [digest(one) for one in contents] == [one["digest"] for one in layers]  # type: ignore[attr-defined]
    diff_ids = configuration["rootfs"]["diff_ids"]  # type: ignore[index]
    own = [digest(gzip.decompress(one)) for one in contents[len(BASE) :]]
    assert diff_ids == [*(digest(b"tar " + one) for one in BASE), *own]
    assert len(configuration["history"]) == len(layers)  # type: ignore[arg-type]
    assert {one["mediaType"] for one in layers} == {  # type: ignore[attr-defined]
        "application/vnd.docker.image.rootfs.diff.tar.gzip"
    }
    settings = configuration["config"]
    assert settings["Cmd"] == ["endpoint.handler.handle"]  # type: ignore[index]
    assert settings["Entrypoint"] == ["/entry"]  # type: ignore[index]
    assert {"PATH=/bin", "HOME=/tmp", "OMP_NUM_THREADS=1"} <= set(settings["Env"])  # type: ignore[index]
    assert settings["Labels"]["mldeploy.project"] == "iris"  # type: ignore[index]
    found = files_in(registry)
    assert found["var/task/lib_one.py"] == b"VALUE = 1\n"
    assert found["var/task/endpoint/handler.py"] == b"import lib_one\n"
    assert found["var/task/features.py"] == b"X = 2\n"
    assert found["var/task/model/model.json"] == b"{}"
    assert f"var/task/__pycache__/lib_one.cpython-{PYTHON.replace('.', '')}.pyc" in found
    assert not any("prune" in name or name.startswith("var/task/bin") for name in found)


def test_a_push_tells_how_far_each_blob_is(registry: Registry, index: str, tmp_path: Path) -> None:
    """Every blob that is sent comes to 100 %, one that is cut off begins anew; bytes add up."""
    builder, built = made(recipe(registry, index, tmp_path))
    registry.trouble("PUT", "/blobs/", Trouble(503))
    events: list[Event] = []
    sent = builder.push(built, target_of(registry), events.append)
    told = [one for one in events if isinstance(one, Progress)]
    seen = {part for one in told for part in one.text.split(", ")}
    names = ("requirements", "code", "model", "configuration")
    assert {f"{name} {share} %" for name in names for share in (0, 100)} >= seen
    assert seen >= {f"{name} 100 %" for name in names}
    assert max(one.current or 0 for one in told) == sent.bytes_sent > registry.sent


def test_no_script_names_this_machines_python(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """Neither the files of a wheel's commands nor what RECORD says of them are in the image."""
    path = write_wheel(tmp_path / "index", "lib-one", "1.0", text="VALUE = 1\n")
    with zipfile.ZipFile(path, "a") as archive:
        points = "[console_scripts]\none = lib_one:main\n"
        archive.writestr("lib_one-1.0.dist-info/entry_points.txt", points)
    builder, built = made(recipe(registry, index, tmp_path))
    builder.push(built, target_of(registry), nothing)
    found = files_in(registry)
    assert "var/task/lib_one-1.0.dist-info/entry_points.txt" in found
    assert not any(name.startswith("var/task/bin") for name in found)
    record = found["var/task/lib_one-1.0.dist-info/RECORD"].decode()
    assert "lib_one.py," in record
    assert "bin/" not in record


def test_a_saved_image_is_an_oci_layout(registry: Registry, index: str, tmp_path: Path) -> None:
    """Every blob is named by its digest, and both indexes lead to the image's documents."""
    builder, built = made(recipe(registry, index, tmp_path))
    builder.save(built, tmp_path / "image.tar")
    with tarfile.open(tmp_path / "image.tar") as tar:
        found = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    blobs = {name: content for name, content in found.items() if name.startswith("blobs/")}
    assert {name.removeprefix("blobs/").replace("/", ":") for name in blobs} == {
        digest(content) for content in blobs.values()
    }
    (descriptor,) = json.loads(found["index.json"])["manifests"]
    manifest = json.loads(found["blobs/" + descriptor["digest"].replace(":", "/")])
    (loaded,) = json.loads(found["manifest.json"])
    assert loaded["Config"] == "blobs/" + built.image_id.replace(":", "/")
    assert loaded["Layers"] == [
        "blobs/" + one["digest"].replace(":", "/") for one in manifest["layers"]
    ]
    assert len(loaded["Layers"]) == len(BASE) + 3
    assert json.loads(found["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}


def test_a_file_that_cannot_be_whole_does_not_appear(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """The base's registry breaks off: no file, and no part of one."""
    builder, built = made(recipe(registry, index, tmp_path))
    registry.blobs["base/python"] = dict.fromkeys(registry.blobs["base/python"], b"other")
    with pytest.raises((MldeployError, OSError)):
        builder.save(built, tmp_path / "image.tar")
    assert list(tmp_path.glob("image*")) == []


def test_two_machines_make_the_same_image(
    registry: Registry, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With caches of their own, another folder for temporary files, and another time zone."""
    spec = recipe(registry, index, tmp_path)
    ids = []
    for number, zone in enumerate(("UTC", "Asia/Tokyo")):
        for name in ("cache", "tmp"):
            (tmp_path / f"{name}{number}").mkdir()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache{number}"))
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / f"tmp{number}"))
        monkeypatch.setenv("TZ", zone)
        ids.append(made(spec)[1].image_id)
    assert ids[0] == ids[1]
    assert all((tmp_path / f"cache{number}" / "mldeploy").is_dir() for number in range(2))


def test_a_new_model_sends_the_model_alone(registry: Registry, index: str, tmp_path: Path) -> None:
    """The same machine, the next build: one layer and two documents."""
    builder, built = made(recipe(registry, index, tmp_path))
    first = builder.push(built, target_of(registry, "1"), nothing)
    builder, built = made(recipe(registry, index, tmp_path, **{"model/model.json": b'{"a": 1}'}))
    before = registry.sent
    second = builder.push(built, target_of(registry, "2"), nothing)
    # The base's two layers are mounted from its repository.
    assert (first.layers_pushed, first.layers_reused) == (3, 2)
    assert (second.layers_pushed, second.layers_reused) == (1, 4)
    assert registry.sent - before == second.bytes_sent < 5000
    assert files_in(registry, "2")["var/task/model/model.json"] == b'{"a": 1}'


def test_an_empty_machine_takes_the_requirements_over(
    registry: Registry, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the previous image in the repository nothing is installed: the index is gone."""
    builder, built = made(recipe(registry, index, tmp_path))
    digest_ = builder.push(built, target_of(registry, "1"), nothing).digest
    spec = recipe(registry, index, tmp_path, **{"model/model.json": b'{"a": 1}'})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    for wheel in (tmp_path / "index").glob("*/*.whl"):
        wheel.unlink()
    target = target_of(registry, "2")
    builder, built = made(spec, BuildOptions(cache=(f"{target.uri}@{digest_}", target)))
    assert builder.push(built, target, nothing).layers_pushed == 1
    assert files_in(registry, "2")["var/task/lib_one.py"] == b"VALUE = 1\n"
    with pytest.raises(MldeployError) as raised:
        made(spec)
    assert raised.value.code in {"MLD302", "MLD328"}


def test_without_the_cache_everything_is_made_again(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """`--no-cache` installs anew: without the wheel that fails, though a layer is kept."""
    spec = recipe(registry, index, tmp_path)
    made(spec)
    for wheel in (tmp_path / "index").glob("*/*.whl"):
        wheel.unlink()
    made(spec)
    with pytest.raises(MldeployError):
        made(spec, BuildOptions(no_cache=True))


def test_other_requirements_are_installed(registry: Registry, index: str, tmp_path: Path) -> None:
    """A previous image with another lock is no source of the layer."""
    builder, built = made(recipe(registry, index, tmp_path))
    digest_ = builder.push(built, target_of(registry, "1"), nothing).digest
    (wheel,) = (tmp_path / "index").glob("*/*.whl")
    wheel.unlink()
    write_wheel(tmp_path / "index", "lib-one", "1.0", text="VALUE = 2\n")
    target = target_of(registry, "2")
    cache = (f"{target.uri}@{digest_}", target)
    builder, built = made(recipe(registry, index, tmp_path), BuildOptions(cache=cache))
    builder.push(built, target, nothing)
    assert files_in(registry, "2")["var/task/lib_one.py"] == b"VALUE = 2\n"


def test_no_module_of_the_current_folder_runs(
    registry: Registry, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder may be a stranger's: its files are no modules of pip's or of our programs'."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    for name in ("pip", "json", "compileall", "shutil", "re"):
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'trace')!r}, 'w').close()\n")
    monkeypatch.chdir(folder)
    made(recipe(registry, index, tmp_path))
    assert not (tmp_path / "trace").exists()


def test_a_wheel_with_another_hash_stops_the_build(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """The index gives something else than training recorded."""
    spec = recipe(registry, index, tmp_path)
    write_wheel(tmp_path / "index", "lib-one", "1.0", text="EVIL = 1\n")
    with pytest.raises(MldeployError) as raised:
        made(spec)
    assert raised.value.code == "MLD328"
    assert registry.manifests.keys() == {"base/python"}


def test_the_base_is_chosen_by_platform_and_keeps_its_family(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """Of an index the image of the function's architecture; an OCI base makes an OCI image."""
    manifest = registry.put_image("base/python", "oci", BASE, OCI)
    children = [
        {"digest": "sha256:" + "0" * 64, "platform": {"os": "linux", "architecture": "arm64"}},
        {"digest": digest(manifest), "platform": {"os": "linux", "architecture": "amd64"}},
    ]
    text = json.dumps({"schemaVersion": 2, "manifests": children}).encode()
    registry.manifests["base/python"]["3"] = ("application/vnd.oci.image.index.v1+json", text)
    builder, built = made(recipe(registry, index, tmp_path))
    builder.push(built, target_of(registry), nothing)
    found, _ = pushed(registry)
    assert registry.manifests["team/iris"]["t"][0] == found["mediaType"] == OCI
    assert {one["mediaType"] for one in found["layers"]} == {  # type: ignore[attr-defined]
        "application/vnd.oci.image.layer.v1.tar+gzip"
    }


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (b"no json", "can't be read"),
        (b'{"schemaVersion": 1, "config": {"digest": "sha256:1"}}', "404"),
        (None, "isn't in its registry"),
    ],
)
def test_a_base_that_is_none_is_told(
    manifest: bytes | None, said: str, registry: Registry, index: str, tmp_path: Path
) -> None:
    """Before anything is installed."""
    if manifest is None:
        del registry.manifests["base/python"]["3"]
    else:
        registry.manifests["base/python"]["3"] = (DOCKER, manifest)
    with pytest.raises(MldeployError, match=said):
        made(recipe(registry, index, tmp_path))


def test_a_dockerfile_of_ones_own_is_refused(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """Only an engine can run its commands."""
    own = tmp_path / "Dockerfile"
    own.write_text("FROM scratch\n")
    spec = recipe(registry, index, tmp_path, Dockerfile=own)
    with pytest.raises(MldeployError) as raised:
        made(spec)
    assert raised.value.code == "MLD361"
    assert registry.log == []


def test_a_library_for_another_processor_is_refused(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """ELF's header says it, whatever the wheel's name says."""
    (wheel,) = (tmp_path / "index").glob("*/*.whl")
    wheel.unlink()
    path = write_wheel(tmp_path / "index", "lib-one", "1.0")
    arm = (
        b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little") + (183).to_bytes(2, "little")
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("lib_two.so", arm)
    with pytest.raises(MldeployError, match=r"lib_two\.so .* amd64") as raised:
        made(recipe(registry, index, tmp_path))
    assert raised.value.code == "MLD303"


def test_without_a_python_of_the_version_there_is_no_byte_code(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """The build says what that costs, and goes on."""
    spec = replace(recipe(registry, index, tmp_path), python="3.99")
    notes: list[Event] = []
    builder = DirectBuilder(lambda _image: ("", ""))
    built = builder.build(spec, notes.append)
    builder.push(built, target_of(registry), nothing)
    assert not any(name.endswith(".pyc") for name in files_in(registry))
    assert "var/task/lib_one.py" in files_in(registry)
    assert any("Python 3.99 isn't installed" in one.text for one in notes if isinstance(one, Note))


def test_two_pushes_at_once_end_with_one_image(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """Two machines push the same recipe: both succeed, and everything is there."""
    spec = recipe(registry, index, tmp_path)
    machines = [made(spec) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        pushes = [
            pool.submit(builder.push, built, target_of(registry), nothing)
            for builder, built in machines
        ]
        digests = {one.result().digest for one in pushes}
    manifest, _ = pushed(registry)
    assert digests == {digest(registry.manifests["team/iris"]["t"][1])}
    parts = [manifest["config"], *manifest["layers"]]  # type: ignore[misc]
    assert {one["digest"] for one in parts} <= registry.blobs["team/iris"].keys()


def test_every_crash_leaves_nothing_that_refers_to_what_is_missing(
    registry: Registry, index: str, tmp_path: Path
) -> None:
    """The connection breaks at each request; a rerun ends with the same image."""
    spec = recipe(registry, index, tmp_path)
    builder, built = made(spec)
    expected = builder.push(built, target_of(registry), nothing).digest
    requests = len([1 for _, path, _ in registry.log if "/team/iris/" in path])
    assert requests > 15
    for number in range(requests):
        registry.blobs["team/iris"] = {}
        registry.manifests["team/iris"] = {}
        broken = _BreakingAt(number)
        with pytest.raises(ConnectionError):
            broken.push(builder, built, target_of(registry))
        for _, text in registry.manifests["team/iris"].values():
            parts = json.loads(text)
            for one in [parts["config"], *parts["layers"]]:
                assert one["digest"] in registry.blobs["team/iris"], number
        assert builder.push(built, target_of(registry), nothing).digest == expected
    registry.trouble("PUT", "/blobs/", Trouble(503))


class _BreakingAt:
    """Lets the process lose its connection for good from its n-th request on."""

    def __init__(self, number: int) -> None:
        self._left = number

    def push(self, builder: DirectBuilder, built: Built, target: RepositoryTarget) -> None:
        from mldeploy.http.streams import answered

        def send(*given: Any, **named: Any) -> Any:
            if self._left <= 0:
                raise ConnectionError("the process is gone")
            self._left -= 1
            return answered(*given, **named)

        again = DirectBuilder(lambda _image: ("", ""), send)
        again._made = builder._made
        again.push(built, target, nothing)
