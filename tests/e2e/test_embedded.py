"""`--target local` with a Docker engine: the functions are containers of the image itself.

One story: each test goes on from where the one before it ended.
"""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.e2e.conftest import Cli, Ran
from tests.support.served import until

MINE = """
import os


def handle(event, context):
    if "write" in event.get("body", ""):
        open("/var/task/x", "w")
    return {"uid": os.getuid(), "version": context.function_version}
"""


@dataclass
class Story:
    """A project, the command line with an embedded AWS of its own, and the API's address."""

    folder: Path
    cli: Cli
    url: str = ""

    def run(self, *arguments: str) -> Ran:
        return self.cli(self.folder, *arguments)

    def result(self, *arguments: str) -> Any:
        return self.run(*arguments, "-o", "json").ok().json["result"]

    def ask(self, path: str, body: Any) -> Any:
        return urllib3.request("POST", self.url + path, json=body, retries=False, timeout=60)

    def cloud(self) -> Any:
        return self.result("local", "status")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, engine: Any) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("embedded")
    nothing_of_aws = {
        name: value for name, value in os.environ.items() if not name.startswith("AWS_")
    }
    local = {"MLDEPLOY_LOCAL_DIR": str(folder / "cloud"), "MLDEPLOY_TARGET": "local"}
    found = Story(folder / "iris-embedded", Cli({**nothing_of_aws, **local, "NO_COLOR": "1"}))
    found.cli(folder, "init", found.folder.name, "--yes", "--auth", "none").ok()
    file = found.folder / "mldeploy.toml"
    text = file.read_text().replace("[image]", '[image]\ninclude = ["mine.py"]')
    file.write_text(text + '\n[functions.mine]\nroute = "POST /mine"\nhandler = "mine:handle"\n')
    (found.folder / "mine.py").write_text(MINE)
    yield found
    found.run("local", "stop").ok()


def containers(engine: Any, story: Story) -> list[Any]:
    label = f"mldeploy.local={story.cli.environment['MLDEPLOY_LOCAL_DIR']}"
    return list(engine.containers.list(all=True, filters={"label": label}, ignore_removed=True))


def test_a_deploy_without_credentials_ends_in_containers(story: Story, engine: Any) -> None:
    """Both functions answer over HTTP, each by a container of the image that was built."""
    story.run("train").ok()
    made = story.run("deploy", "--yes", "-o", "json").ok()
    assert "functions run as containers" in made.err
    story.url = made.json["result"]["url"]
    answer = story.ask("/predict", {"features": [5.1, 3.5, 1.4, 0.2]})
    assert answer.json()["prediction"]["class_name"] == "setosa"
    told = story.ask("/mine", {}).json()
    assert (told["uid"] != 0, told["version"]) == (True, "1")
    images = {one.image.tags[0] for one in containers(engine, story)}
    assert len(images) == 1
    assert images.pop().startswith("mldeploy/iris-embedded:")
    assert story.result("plan")["changes"] == []


def test_the_root_is_read_only(story: Story) -> None:
    """As on Lambda: the handler raises, the gateway says 500, the log says why."""
    assert story.ask("/mine", {"write": True}).status == 500
    said = story.run("logs", "--function", "mine").ok().out
    assert "Read-only file system" in said


def test_a_container_that_dies_is_replaced(story: Story, engine: Any) -> None:
    """Whoever asks next gets a new one."""
    for one in containers(engine, story):
        one.kill()
    until(lambda: story.ask("/mine", {}).status == 200)


def test_a_new_model_is_released_and_taken_back(story: Story) -> None:
    """Two versions of two images; a rollback serves the first one again."""
    first = story.ask("/predict", {"features": [5.1, 3.5, 1.4, 0.2]}).json()["model"]["sha256"]
    module = story.folder / "train.py"
    module.write_text(module.read_text().replace("n_neighbors=5", "n_neighbors=9"))
    story.run("train").ok()
    assert story.run("plan", "--exit-code").code == 3
    story.run("deploy", "--yes").ok()
    second = story.ask("/predict", {"features": [5.1, 3.5, 1.4, 0.2]}).json()["model"]["sha256"]
    assert first != second
    story.run("rollback").ok()
    body = story.ask("/predict", {"features": [5.1, 3.5, 1.4, 0.2]}).json()
    assert body["model"]["sha256"] == first


def test_what_a_killed_cloud_left_goes_with_the_next(story: Story, engine: Any) -> None:
    """Its containers are found by their label; what was deployed is gone, and that is said."""
    assert containers(engine, story)
    os.kill(story.cloud()["pid"], signal.SIGKILL)
    until(lambda: story.run("local", "status").code == 1)
    ran = story.run("deploy", "--yes", "-o", "json").ok()
    assert "it starts empty" in ran.err
    assert len(containers(engine, story)) == 2
    story.url = ran.json["result"]["url"]
    assert story.ask("/mine", {}).json()["version"] == "1"


def test_destroy_and_stop_leave_nothing(story: Story, engine: Any) -> None:
    """No function, no container, no file."""
    story.run("destroy", "--confirm", "iris-embedded").ok()
    until(lambda: not containers(engine, story))
    assert json.loads(story.run("local", "stop", "-o", "json").out)["result"]["stopped"]
    assert not Path(story.cli.environment["MLDEPLOY_LOCAL_DIR"]).exists()
