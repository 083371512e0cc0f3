"""The main job on a newer Docker engine with the containerd image store.

One story, told in order: each test goes on from where the one before it ended.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import base_image, second_engine
from tests.cloud import engine as docker_engine
from tests.cloud.cloud import Cloud, running_cloud
from tests.cloud.state import CloudError, run
from tests.e2e.conftest import Cli, unavailable

BODY = json.dumps({"features": [5.1, 3.5, 1.4, 0.2]}).encode()
NAME = "iris-second"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
NETWORK = (
    ["ip", "-oneline", "-4", "address", "show"],
    ["iptables", "--wait", "--list-rules"],
    ["iptables", "--wait", "--table", "nat", "--list-rules"],
)
TRACES = (
    ["findmnt", "--list", "--noheadings"],
    ["ps", "-eo", "args"],
    ["find", "/sys/fs/cgroup", "-maxdepth", "2", "-type", "d"],
)


@dataclass
class Story:
    """A project on its way: its folder, its URL and the digests of what was deployed."""

    folder: Path
    url: str = ""
    digests: list[str] = field(default_factory=list)

    def deploy(self, cli: Cli) -> list[str]:
        """Deploy, note URL and digest, and return the changes."""
        result = cli(self.folder, "deploy", "--yes", "-o", "json").ok().json["result"]
        (function,) = result["functions"]
        self.url = function["url"]
        self.digests.append(function["digest"])
        return [f"{one['action']} {one['kind']}" for one in result["changes"]]


def lines_with(mark: str, *commands: list[str]) -> list[str]:
    """Return the lines of commands' output that have a mark in them."""
    found = [line for one in commands for line in run(one).splitlines()]
    return sorted(" ".join(line.split()) for line in found if mark in line)


@dataclass(frozen=True)
class FirstEngine:
    """The first engine, with a container whose port is published at this address."""

    address: str

    def network(self) -> list[str]:
        """Return what the network has of it: its bridge's address, its rules, the container's.

        Left out are rules of other containers, which an emulated AWS may end at any time.
        """
        found = lines_with("docker", *NETWORK) + lines_with("DOCKER", *NETWORK)
        ours = (f"{self.address}:", f"{self.address}/")
        return [one for one in found if "--dport" not in one or any(end in one for end in ours)]


def residue(bridge: str) -> list[str]:
    """Return what the machine has of a second engine with this bridge."""
    return lines_with(bridge, *NETWORK, *TRACES) + lines_with(str(second_engine.home()), *TRACES)


@pytest.fixture(scope="module")
def first(engine: Any) -> Iterator[FirstEngine]:
    container = engine.containers.run(
        base_image.name_of(PYTHON),
        ["-c", "import time; time.sleep(3600)"],
        entrypoint="python",
        ports={"8080/tcp": ("127.0.0.1", None)},
        detach=True,
    )
    try:
        container.reload()
        (network,) = container.attrs["NetworkSettings"]["Networks"].values()
        yield FirstEngine(network["IPAddress"])
    finally:
        container.remove(force=True)


@pytest.fixture(scope="module")
def before(first: FirstEngine) -> list[str]:
    """The first engine's network before the second engine starts."""
    if second_engine.answers():
        unavailable("a second engine runs already; this test starts and stops its own")
    try:
        found = first.network()
    except CloudError as error:
        unavailable(error)
    assert any("--dport" in one for one in found)
    return found


@pytest.fixture(scope="module")
def second(before: list[str]) -> Iterator[str]:
    """The second engine's address; it has the base image of this Python."""
    try:
        with second_engine.running_second_engine() as address:
            base_image.copy(PYTHON, address)
            yield address
    except CloudError as error:
        unavailable(error)


@pytest.fixture(scope="module")
def its_cloud(second: str) -> Iterator[Cloud]:
    """An emulated AWS whose functions are the second engine's containers."""
    with running_cloud(docker_host=second) as running:
        yield running


@pytest.fixture(scope="module")
def its_cli(its_cloud: Cloud) -> Cli:
    return Cli(its_cloud.environment(NO_COLOR="1"))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, its_cli: Cli) -> Story:
    folder = tmp_path_factory.mktemp("e2e") / NAME
    its_cli(folder.parent, "init", NAME, "--yes", "--auth", "none").ok()
    its_cli(folder, "train").ok()
    return Story(folder)


def test_the_engines_are_two(
    engine: Any, second: str, first: FirstEngine, before: list[str]
) -> None:
    """The second is newer and has the containerd store; neither has the other's containers."""
    client = docker_engine.client(second)
    assert int(client.version()["Version"].split(".")[0]) >= 28
    assert "io.containerd.snapshotter.v1" in str(client.info()["DriverStatus"])
    assert client.info()["ID"] != engine.info()["ID"]
    rest = {"command": ["-c", "import time; time.sleep(60)"], "entrypoint": "python"}
    for one, other in ((client, engine), (engine, client)):
        container = one.containers.create(base_image.name_of(PYTHON), **rest)
        try:
            container.start()
            assert container.id not in {each.id for each in other.containers.list(all=True)}
        finally:
            container.remove(force=True)
    assert first.network() == before


def test_the_image_is_built_and_answers(story: Story, its_cli: Cli, second: str) -> None:
    """`build` installs, checks the golden examples, and leaves the image at this engine alone."""
    built = its_cli(story.folder, "build", "-o", "json").ok().json["result"]
    image = docker_engine.client(second).images.get(built["image"])
    assert image.labels["mldeploy.project"] == NAME
    assert docker_engine.client().images.list(filters={"label": f"mldeploy.project={NAME}"}) == []


def test_a_first_deploy_ends_in_an_answer_over_http(
    story: Story, its_cli: Cli, its_cloud: Cloud, second: str
) -> None:
    """The digest that Lambda runs is ECR's, and a container of this engine answers."""
    assert "create image" in story.deploy(its_cli)
    (repository,) = its_cloud.client("ecr").describe_repositories()["repositories"]
    (image,) = its_cloud.images(repository["repositoryName"]).values()
    assert story.digests == [image["imageDigest"]]
    assert image["imageManifestMediaType"].endswith(("manifest.v2+json", "image.manifest.v1+json"))
    status, body = its_cloud.open(story.url, BODY)
    assert (status, json.loads(body)["prediction"]["class_name"]) == (200, "setosa")
    running = {one.id for one in docker_engine.client(second).containers.list()}
    assert running & {one.id for one in its_cloud.containers()}


def test_a_second_deploy_changes_nothing(story: Story, its_cli: Cli) -> None:
    """What was pushed is what the plan expects."""
    assert story.deploy(its_cli) == []
    assert its_cli(story.folder, "plan", "--exit-code").code == 0


def test_a_retrained_model_answers_at_the_same_url(
    story: Story, its_cli: Cli, its_cloud: Cloud
) -> None:
    """A new model is another digest behind the same URL, and its golden examples are equal."""
    url = story.url
    train = story.folder / "train.py"
    train.write_text(train.read_text().replace("n_neighbors=5", "n_neighbors=3"))
    its_cli(story.folder, "train").ok()
    assert "update alias" in story.deploy(its_cli)
    assert story.url == url
    first, *_, last = story.digests
    assert last != first
    assert its_cloud.open(url, BODY)[0] == 200
    assert its_cli(story.folder, "invoke", "--golden").code == 0


def test_a_rollback_needs_no_engine(story: Story, its_cli: Cli, its_cloud: Cloud) -> None:
    """The first digest answers again."""
    its_cli(story.folder, "rollback", "--yes", DOCKER_HOST="tcp://127.0.0.1:1").ok()
    status = its_cli(story.folder, "status", "-o", "json").json["result"]
    assert status["functions"][0]["digest"] == story.digests[0]
    assert its_cloud.open(story.url, BODY)[0] == 200


def test_destroy_leaves_nothing(story: Story, its_cli: Cli, its_cloud: Cloud) -> None:
    """The repository is gone with its images, and the URL answers no more."""
    its_cli(story.folder, "destroy", "--confirm", NAME).ok()
    assert its_cloud.client("ecr").describe_repositories()["repositories"] == []
    assert its_cloud.open(story.url, BODY)[0] == 404


def test_serve_runs_the_image_in_this_engine(story: Story, its_cli: Cli) -> None:
    """`invoke --local` publishes a port of a container, which needs this engine's bridge."""
    ran = its_cli(story.folder, "invoke", "--local").ok()
    assert json.loads(ran.out)["prediction"]["class_name"] == "versicolor"  # of the medians


def test_clean_leaves_the_base_image_alone(
    story: Story, its_cli: Cli, second: str, tmp_path: Path
) -> None:
    """Images, and the stages that their builds made, go with all steps; the base isn't ours."""
    client = docker_engine.client(second)
    places = {one: str(tmp_path) for one in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "TMPDIR")}
    assert its_cli(story.folder, "clean", "--all", **places).code == 2
    ran = its_cli(story.folder, "clean", "--all", "--yes", "-o", "json", **places).ok()
    removed = [one["kind"] for one in ran.json["result"]["removed"]]
    assert removed.count("image") >= 2  # Lambda's containers have pulled theirs, too
    assert removed.count("stage") == 4  # requirements and code once, a model each time
    (left,) = client.images.list(all=True)
    assert left.tags == [base_image.name_of(PYTHON)]


def test_a_killed_engine_starts_again_and_stops_without_a_trace(
    second: str, first: FirstEngine, before: list[str]
) -> None:
    """Also after SIGKILL nothing is left of its network, mounts, processes and groups."""
    killed = second_engine.bridge()
    assert killed is not None
    assert residue(killed.name)  # else the claim below is about nothing
    os.kill(int((second_engine.home() / "started.pid").read_text()), signal.SIGKILL)
    second_engine.start()
    docker_engine.client(second).images.get(base_image.name_of(PYTHON))
    assert first.network() == before
    second_engine.stop()
    assert not second_engine.answers()
    assert residue(killed.name) == []
    assert first.network() == before


def test_a_start_that_fails_says_why_and_leaves_nothing(
    second: str, first: FirstEngine, before: list[str]
) -> None:
    """With settings that dockerd refuses, its own words are in the error."""
    settings = second_engine.home() / "root/etc/docker/daemon.json"
    kept = settings.read_text()
    settings.write_text('{"no-such-setting": true}')
    try:
        with pytest.raises(CloudError, match="no-such-setting"):
            second_engine.start()
    finally:
        settings.write_text(kept)
    assert second_engine.bridge() is None
    assert lines_with(str(second_engine.home()), *TRACES) == []
    assert first.network() == before
