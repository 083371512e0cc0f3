"""The main job on a real AWS account, in a stage of its own that is destroyed whatever happens.

It needs credentials, a region, and a Docker engine that can pull AWS's base image. One story: each
test goes on from where the one before it ended.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

BODY = {"features": [5.1, 3.5, 1.4, 0.2]}


class Story:
    """A project and its endpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""

    def run(self, *arguments: str) -> Any:
        """Run the real command with -o json; return its result."""
        done = subprocess.run(
            [sys.executable, "-m", "mldeploy", *arguments, "-o", "json"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["result"]

    def ask(self) -> Any:
        """Send a request; return the answer's model."""
        answer = urllib3.request("POST", self.url, json=BODY, retries=False, timeout=35)
        assert answer.status == 200, answer.data
        return answer.json()["model"]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A scaffolded project under a name that nobody else has."""
    name = f"live-{secrets.token_hex(4)}"
    found = Story(tmp_path_factory.mktemp("live") / name)
    found.folder.mkdir()
    found.run("init", ".", "--yes", "--auth", "none", "--name", name)
    yield found
    found.run("destroy", "--confirm", name)
    assert not found.run("status")["deployed"]


def test_a_first_deploy_answers(story: Story) -> None:
    """Roles spread, images are prepared, and the public URL confirms."""
    story.run("train")
    story.url = story.run("deploy", "--yes")["functions"][0]["url"]
    assert story.ask()["version"] == "1"
    assert os.environ.get("AWS_ENDPOINT_URL") is None


def test_a_second_deploy_changes_nothing(story: Story) -> None:
    """What AWS answers is what was asked for, field by field."""
    assert story.run("plan")["changes"] == []


def test_a_new_model_is_released_and_taken_back(story: Story) -> None:
    """Version 2 answers, then version 1 again."""
    module = story.folder / "train.py"
    module.write_text(module.read_text().replace("n_neighbors=5", "n_neighbors=9"))
    story.run("train")
    story.run("deploy", "--yes")
    assert story.ask()["version"] == "2"
    story.run("rollback", "--yes")
    assert story.ask()["version"] == "1"


def test_the_logs_are_there(story: Story) -> None:
    """CloudWatch has what the function wrote."""
    events = story.run("logs", "--since", "1h")["events"]
    assert any("REPORT RequestId" in one["message"] for one in events)
