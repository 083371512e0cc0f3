"""Images without an engine: the command line finds none; AWS and the judges have a real one.

One story, told in order: each test goes on from where the one before it ended.
"""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from mldeploy.config.file import load_config
from mldeploy.images.builder import Built, RepositoryTarget, Retention
from mldeploy.images.docker import DockerRunner
from mldeploy.images.making import directly
from mldeploy.images.spec import image_spec
from mldeploy.model.bundle import load_bundle
from tests.cloud import base_image
from tests.cloud.cloud import Cloud
from tests.cloud.registry import Registry, running_registry
from tests.e2e.conftest import Cli, Ran
from tests.support.events import http

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3], [5.9, 3.0, 4.2, 1.5]]
REPOSITORY = "mldeploy/iris-direct"


@dataclass
class Story:
    """A project on its way.

    Attributes:
        folder: the project.
        base: its base image, in a registry that asks for a login.
        places: the folder for the homes of machines.
        url: of the endpoint.
        image_id: what engines call the live image.
        digest: of its manifest.
    """

    folder: Path
    base: str
    places: Path
    url: str = ""
    image_id: str = ""
    digest: str = ""


@pytest.fixture(scope="module")
def registry(engine: Any) -> Iterator[Registry]:
    """A registry of its own: elsewhere nobody is to find the base image's layers."""
    del engine
    with running_registry() as running:
        yield running


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory, engine: Any, registry: Registry, cli: Cli
) -> Iterator[Story]:
    """Push the base image to the registry; scaffold a project that builds on it."""
    place = tmp_path_factory.mktemp("direct")
    name = f"{registry.address}/lambda/python"
    engine.images.get(base_image.name_of("3.12")).tag(name, "3.12")
    said = engine.images.push(name, "3.12", auth_config=registry.auth_config)
    assert "errorDetail" not in said, said
    login = base64.b64encode(f"{registry.username}:{registry.password}".encode()).decode()
    (place / "docker").mkdir()
    settings = {"auths": {registry.address: {"auth": login}}}
    (place / "docker" / "config.json").write_text(json.dumps(settings))
    cli(place, "init", "iris-direct", "--yes", "--auth", "none").ok()
    file = place / "iris-direct" / "mldeploy.toml"
    text = file.read_text()
    assert text.count("[image]") == 1
    file.write_text(text.replace("[image]", f'[image]\nbase = "{name}:3.12"'))
    yield Story(place / "iris-direct", f"{name}:3.12", place)
    cli(place / "iris-direct", "destroy", "--confirm", "iris-direct").ok()
    # Others save the base image by its name: it is to have one.
    engine.images.remove(f"{name}:3.12")


def machine(story: Story, cli: Cli, name: str) -> Cli:
    """Return the command line of a machine with a home of its own, whose Docker socket is none."""
    home = story.places / name
    home.mkdir(exist_ok=True)
    program = home / "python"
    hidden = "mount --bind /dev/null /var/run/docker.sock"
    program.write_text(
        f'#!/bin/sh\nexec unshare --mount sh -c \'{hidden} && exec {cli.python} "$@"\' sh "$@"\n'
    )
    program.chmod(0o755)
    own = {f"XDG_{kind}_HOME": str(home / kind) for kind in ("CACHE", "STATE")}
    environment = {**cli.environment, **own, "DOCKER_CONFIG": str(story.places / "docker")}
    return Cli(environment, str(program))


def sent(ran: Ran) -> tuple[float, int, int]:
    """Return the megabytes that a deploy sent, the layers pushed, the layers there."""
    found = re.search(r"([\d.]+) MB sent: (\d+) layers pushed, (\d+) already there", ran.err)
    assert found, ran.err
    return float(found[1]), int(found[2]), int(found[3])


def image_id(cloud: Cloud, digest: str) -> str:
    """Return what engines call an image in ECR: its configuration's digest."""
    (found,) = cloud.client("ecr").batch_get_image(
        repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest}]
    )["images"]
    return str(json.loads(found["imageManifest"])["config"]["digest"])


def test_a_first_deploy_needs_no_engine(story: Story, cli: Cli, cloud: Cloud) -> None:
    """Train and deploy; a container of that image answers over HTTP as the estimator does."""
    here = machine(story, cli, "first")
    here(story.folder, "train").ok()
    ran = here(story.folder, "deploy", "-o", "json")
    result = ran.ok().json["result"]
    assert "the image is made without Docker" in ran.err
    (function,) = result["functions"]
    story.url, story.digest = function["url"], function["digest"]
    status, body = cloud.open(story.url, json.dumps({"instances": ROWS}).encode())
    assert status == 200
    given = [one["class_label"] for one in json.loads(body)["predictions"]]
    assert given == _predicted(story.folder)
    story.image_id = image_id(cloud, story.digest)
    assert story.image_id in {container.image.id for container in cloud.containers()}


def _predicted(folder: Path) -> list[int]:
    """Return what the fitted estimator says, in plain Python."""
    import joblib

    return [int(one) for one in joblib.load(folder / "model" / "model.joblib").predict(ROWS)]


def test_nothing_is_left_to_do(story: Story, cli: Cli) -> None:
    """The plan is empty, also where nothing was ever built."""
    other = machine(story, cli, "other")
    assert other(story.folder, "plan", "--exit-code").code == 0


def test_a_second_machine_makes_the_same_image(story: Story, cli: Cli) -> None:
    """Another folder, cache, time zone and umask: the digest that ECR has."""
    copy = story.places / "elsewhere" / "copy"
    shutil.copytree(story.folder, copy)
    there = machine(story, cli, "second")
    before = os.umask(0o077)
    try:
        ran = there(copy, "build", "--builder", "direct", "-o", "json", TZ="Asia/Tokyo")
    finally:
        os.umask(before)
    assert ran.ok().json["result"]["id"] == story.image_id


def test_a_full_disk_is_told_and_a_rerun_goes_on(story: Story, cli: Cli, tmp_path: Path) -> None:
    """A file system too small for the requirements; with another one the build is done."""
    copy, small = tmp_path / "copy", tmp_path / "small"
    shutil.copytree(story.folder, copy)
    small.mkdir()
    there = machine(story, cli, "full")
    full = tmp_path / "python"
    mounted = f"mount -t tmpfs -o size=40m none {small} && TMPDIR={small} {there.python}"
    full.write_text(f'#!/bin/sh\nexec unshare --mount sh -c \'{mounted} "$@"\' sh "$@"\n')
    full.chmod(0o755)
    build = (copy, "build", "--builder", "direct", "-o", "json")
    ran = Cli(there.environment, str(full))(*build)
    assert ran.code != 0
    assert "MLD620" in ran.err + ran.out
    assert not list((story.places / "full").rglob("*.tar.gz"))
    assert machine(story, cli, "second")(*build).ok().json["result"]["id"] == story.image_id


def test_a_registry_of_debians_takes_the_image(
    story: Story, cli: Cli, registry: Registry, engine: Any
) -> None:
    """With a password; an engine that pulls it from there has the same image."""
    settings = load_config(story.folder)
    spec = image_spec(settings, load_bundle(settings.bundle))
    login = (registry.username, registry.password)
    builder = directly(logins=lambda _image: login).builder
    name = f"{registry.address}/direct/iris"
    target = RepositoryTarget(name, *login, f"http://{registry.address}", "1")
    try:
        builder.push(builder.build(spec, print), target, print)
    finally:
        builder.tidy(Retention("", 0), print)
    pulled = engine.images.pull(name, "1", auth_config=registry.auth_config)
    assert pulled.id == story.image_id
    engine.images.remove(f"{name}:1")


def test_an_engine_runs_it_as_lambda_would(
    story: Story, cli: Cli, cloud: Cloud, engine: Any
) -> None:
    """Read-only root, little memory, not root, no network: the golden examples are answered.

    The image that Docker builds of the same recipe has the same requirements, byte-code included,
    and the same files of ours.
    """
    settings = load_config(story.folder)
    spec = image_spec(settings, load_bundle(settings.bundle))
    runner = DockerRunner(lambda: engine.api)
    for trial in spec.trials:
        outcome = runner.try_out(Built(story.image_id, spec, 0, "amd64"), trial)
        assert (outcome.code, outcome.problems) == (0, ()), outcome.output
    built = cli(story.folder, "build", "--builder", "docker", "-o", "json").ok().json["result"]
    listed = [_files(engine, image) for image in (story.image_id, built["id"])]
    ours, theirs = ({k: v for k, v in one.items() if not _of_pip(k)} for one in listed)
    assert ours == theirs
    assert len(ours) > 500
    direct, docker = (_emulated(engine, image) for image in (story.image_id, built["id"]))
    assert direct == docker
    assert [one["class_label"] for one in direct["predictions"]] == _predicted(story.folder)


def _emulated(engine: Any, image: str) -> Any:
    """Return what an image answers under Lambda's runtime interface emulator, its own entry point.

    With a read-only root, as no user that the image knows.
    """
    container = engine.containers.run(
        image,
        detach=True,
        read_only=True,
        tmpfs={"/tmp": "size=512m"},  # noqa: S108 - of the container
        user="993:990",
        ports={"8080/tcp": ("127.0.0.1", None)},
    )
    try:
        container.reload()
        assert container.attrs["HostConfig"]["ReadonlyRootfs"]
        (place,) = container.attrs["NetworkSettings"]["Ports"]["8080/tcp"]
        url = f"http://127.0.0.1:{place['HostPort']}/2015-03-31/functions/function/invocations"
        # Until the emulator listens, the engine resets connections.
        tries = urllib3.Retry(50, backoff_factor=0.1, backoff_max=0.5, allowed_methods=None)
        event = http({"instances": ROWS})
        # A client that hangs up during the first event ends the emulator.
        answer = urllib3.request("POST", url, json=event, retries=tries, timeout=120)
        assert answer.status == 200
        assert "aws-lambda-rie" in str(container.top()["Processes"])
        found = answer.json()
        assert found["statusCode"] == 200
        body = json.loads(found["body"])
        assert body.pop("request_id")
        return body
    finally:
        container.remove(force=True)


def _of_pip(name: str) -> bool:
    """Tell whether a file says how it was installed: the versions of pip and Python differ."""
    return name.startswith("/var/task/bin") or ".dist-info/" in name


LIST = """
import hashlib, json, pathlib
files = [one for one in pathlib.Path("/var/task").rglob("*") if one.is_file()]
print(json.dumps({str(one): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}))
"""


def _files(engine: Any, image: str) -> dict[str, str]:
    output = engine.containers.run(image, ["-c", LIST], entrypoint="python", remove=True)
    return dict(json.loads(output))


def test_an_engine_loads_a_saved_image(story: Story, cli: Cli, engine: Any, tmp_path: Path) -> None:
    """`docker load` takes the file of an image that no registry has, and it runs."""
    copy, file = tmp_path / "copy", tmp_path / "saved.tar"
    shutil.copytree(story.folder, copy)
    _change(copy, "n_neighbors=5", "n_neighbors=4")
    here = machine(story, cli, "first")
    here(copy, "train").ok()
    ran = here(copy, "build", "--builder", "direct", "--save", str(file), "-o", "json").ok()
    (loaded,) = engine.images.load(file.read_bytes())
    assert loaded.id == ran.json["result"]["id"] != story.image_id
    settings = load_config(copy)
    spec = image_spec(settings, load_bundle(settings.bundle))
    outcome = DockerRunner(lambda: engine.api).try_out(
        Built(loaded.id, spec, 0, "amd64"), spec.trials[0]
    )
    assert (outcome.code, outcome.problems) == (0, ()), outcome.output


def _change(folder: Path, old: str, new: str) -> None:
    code = folder / "train.py"
    assert old in code.read_text()
    code.write_text(code.read_text().replace(old, new))


def test_a_retrained_model_goes_alone_from_an_empty_runner(
    story: Story, cli: Cli, cloud: Cloud
) -> None:
    """Nothing cached, no engine: one layer of ours and two documents are sent."""
    _change(story.folder, "n_neighbors=5", "n_neighbors=6")
    machine(story, cli, "first")(story.folder, "train").ok()
    runner = machine(story, cli, "runner")
    ran = runner(story.folder, "deploy", "-o", "json")
    result = ran.ok().json["result"]
    megabytes, layers, there = sent(ran)
    assert (layers, megabytes < 0.1) == (1, True), ran.err
    assert there >= 3
    assert result["functions"][0]["digest"] != story.digest
    status, body = cloud.open(story.url, json.dumps({"instances": ROWS}).encode())
    given = [one["class_label"] for one in json.loads(body)["predictions"]]
    assert (status, given) == (200, _predicted(story.folder))
    assert not list((story.places / "runner").rglob("*.tar.gz"))


def test_an_image_for_arm_has_libraries_for_arm(
    story: Story, cli: Cli, registry: Registry, tmp_path: Path
) -> None:
    """Made on this machine, whatever that is: binutils' readelf says what the objects are for."""
    from mldeploy.http.registry import Registry as Client
    from mldeploy.http.repository import Repository

    name = story.base.partition("/")[2].rpartition(":")[0]
    login = (registry.username, registry.password)
    repository = Repository(Client(f"http://{registry.address}", *login), name)
    found = repository.manifest("3.12")
    assert found
    manifest = json.loads(found[1])
    configuration = json.loads(repository.small_blob(manifest["config"]["digest"]))
    content = json.dumps({**configuration, "architecture": "arm64"}).encode()
    _put(repository, content, found[0], manifest)
    copy = tmp_path / "arm"
    shutil.copytree(story.folder, copy)
    file = copy / "mldeploy.toml"
    file.write_text(file.read_text().replace(f"{name}:3.12", f"{name}:arm"))
    there = machine(story, cli, "arm")
    there = Cli({**there.environment, "MLDEPLOY_PROJECT__ARCHITECTURE": "arm64"}, there.python)
    there(copy, "train").ok()
    ran = there(copy, "build", "--builder", "direct", "-o", "json")
    assert ran.ok().json["result"]["architecture"] == "arm64"
    (layer,) = (story.places / "arm").rglob("*.tar.gz")
    subprocess.run(["tar", "-xzf", layer, "-C", tmp_path], check=True)
    objects = [one for one in (tmp_path / "var").rglob("*.so*") if not one.is_symlink()]
    said = subprocess.run(
        ["readelf", "-h", *objects], capture_output=True, text=True, check=True
    ).stdout
    machines = re.findall(r"Machine: +(\S+)", said)
    assert len(machines) == len(objects) > 10  # NumPy
    assert set(machines) == {"AArch64"}


def _put(repository: Any, content: bytes, media_type: str, manifest: dict[str, Any]) -> None:
    import hashlib

    repository.store(content)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    manifest["config"].update(digest=digest, size=len(content))
    repository.put_manifest("arm", media_type, json.dumps(manifest).encode())
