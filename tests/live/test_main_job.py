"""The main job on a real AWS account, in a stage of its own that is destroyed whatever happens.

It needs credentials, a region, and a Docker engine that can pull AWS's base image. One story: each
test goes on from where the one before it ended.
"""

import os
from collections.abc import Iterator

import pytest

from tests.live.story import Story, project


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A project that nothing is deployed of yet."""
    with project(tmp_path_factory.mktemp("live")) as found:
        yield found


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
