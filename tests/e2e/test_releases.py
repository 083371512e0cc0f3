"""Releases on real parts: what isn't proved is never met, and what is bad leaves in a second.

One story, told in order: each test goes on from where the one before it ended.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.cloud import Cloud
from tests.e2e.conftest import Cli

BODY = json.dumps({"features": [5.1, 3.5, 1.4, 0.2]}).encode()
NAME = "mldeploy_iris-releases_dev_predict"
# A transformer that behaves on a laptop and in the image's check, and only in Lambda's runtime
# doesn't, which sets this variable (Lambda developer guide, "Using the Lambda runtime API").
FEATURES = """
import os

from sklearn.base import BaseEstimator, TransformerMixin

IN_LAMBDA = "AWS_LAMBDA_RUNTIME_API" in os.environ
SPOILED = ""
if IN_LAMBDA and SPOILED == "crash":
    raise RuntimeError("no such table: flowers")


class Shift(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X + 3 if IN_LAMBDA and SPOILED == "shift" else X

    def __sklearn_is_fitted__(self):
        return True
"""
TRAIN = """
from features import Shift
from sklearn.datasets import load_iris
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline


def data():
    return load_iris()


def estimator():
    return make_pipeline(Shift(), KNeighborsClassifier(n_neighbors=5))
"""
CONFIG = """
[project]
name = "iris-releases"

[image]
include = ["features.py"]

[functions.predict]
memory = 1024
timeout = 20

[api]
auth = "none"
rate = 1000.0
burst = 1000
"""


@dataclass
class Clients:
    """Requests that come in all the time."""

    statuses: list[int] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)


@contextmanager
def clients(cloud: Cloud, url: str) -> Iterator[Clients]:
    """Send requests one after the other until the block ends."""
    seen, over = Clients(), threading.Event()

    def run() -> None:
        while not over.is_set():
            status, body = cloud.open(url, BODY)
            seen.statuses.append(status)
            if status == 200:
                seen.releases.append(json.loads(body)["model"]["release"])
            time.sleep(0.02)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(60)


@dataclass
class Story:
    """A project that is deployed."""

    folder: Path
    url: str = ""
    release: str = ""

    def spoil(self, how: str) -> None:
        module = self.folder / "features.py"
        text = FEATURES.replace('SPOILED = ""', f'SPOILED = "{how}"')
        module.write_text(text)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Story:
    folder = tmp_path_factory.mktemp("e2e") / "iris-releases"
    folder.mkdir()
    (folder / "features.py").write_text(FEATURES)
    (folder / "train.py").write_text(TRAIN)
    (folder / "mldeploy.toml").write_text(CONFIG)
    cli(folder, "train").ok()
    (made,) = cli(folder, "deploy", "-o", "json").ok().json["result"]["functions"]
    return Story(folder, made["url"], made["release"])


@pytest.mark.parametrize(
    ("how", "said"),
    [("shift", "golden example"), ("crash", "no such table: flowers")],
)
def test_a_bad_release_never_gets_a_request(
    how: str, said: str, story: Story, cli: Cli, cloud: Cloud
) -> None:
    """It passes the image's check and fails in Lambda: exit 6, and only the old one answers."""
    story.spoil(how)
    with clients(cloud, story.url) as seen:
        ran = cli(story.folder, "deploy", "-o", "json")
    error = ran.json["error"]
    assert (ran.code, error["code"]) == (6, "MLD501"), ran.err
    assert said in json.dumps(error)
    assert "still serves version 1" in error["details"]["live"]
    assert len(seen.statuses) > 20
    assert set(seen.statuses) == {200}
    assert set(seen.releases) == {story.release}


def test_a_good_release_takes_over_without_a_gap(story: Story, cli: Cli, cloud: Cloud) -> None:
    """A loop of requests runs through the whole deploy, and not one fails."""
    story.spoil("")
    train = story.folder / "train.py"
    train.write_text(TRAIN.replace("n_neighbors=5", "n_neighbors=3"))
    cli(story.folder, "train").ok()
    with clients(cloud, story.url) as seen:
        planned = cli(story.folder, "plan", "-o", "json").ok().json["result"]["models"][0]
        (made,) = cli(story.folder, "deploy", "-o", "json").ok().json["result"]["functions"]
        assert cloud.open(story.url, BODY)[0] == 200
        time.sleep(0.5)
    assert set(seen.statuses) == {200}
    assert list(dict.fromkeys(seen.releases)) == [story.release, made["release"]]
    assert any("accuracy: " in one for one in planned["differences"])
    assert planned["live_bytes"]


def test_rollback_is_quick_and_needs_neither_bundle_nor_docker(
    story: Story, cli: Cli, cloud: Cloud
) -> None:
    """The first release answers again; nothing but AWS was asked."""
    hidden = story.folder / "model"
    hidden.rename(story.folder / "elsewhere")
    with clients(cloud, story.url) as seen:
        ran = cli(story.folder, "rollback", "-o", "json", DOCKER_HOST="tcp://127.0.0.1:1")
    ran.ok()
    (story.folder / "elsewhere").rename(hidden)
    assert set(seen.statuses) == {200}
    status, body = cloud.open(story.url, BODY)
    assert (status, json.loads(body)["model"]["release"]) == (200, story.release)
    listed = cli(story.folder, "releases", "-o", "json").ok().json["result"]["releases"]
    live = [one for one in listed if one["share"] == 1.0]
    assert [(one["release"], one["version"]) for one in live] == [(story.release, "1")]
    assert live[0]["facts"]["accuracy"]


def test_promotion_builds_nothing(story: Story, cli: Cli, cloud: Cloud) -> None:
    """Prod runs dev's digest, verified there; Docker is out of reach."""
    nowhere = {"DOCKER_HOST": "tcp://127.0.0.1:1"}
    ran = cli(story.folder, "promote", "dev", "prod", "-o", "json", **nowhere)
    (made,) = ran.ok().json["result"]["functions"]
    assert cloud.open(made["url"], BODY)[0] == 200
    (prod,) = cli(story.folder, "releases", "-s", "prod", "-o", "json").json["result"]["releases"]
    listed = cli(story.folder, "releases", "-o", "json").ok().json["result"]["releases"]
    assert prod["digest"] == next(one["digest"] for one in listed if one["share"])


def test_a_later_deploy_of_the_same_file_is_one_change(story: Story, cli: Cli) -> None:
    """After a rollback only the alias differs."""
    changes: list[dict[str, Any]] = cli(story.folder, "plan", "-o", "json").json["result"][
        "changes"
    ]
    assert [f"{one['action']} {one['kind']}" for one in changes] == ["update alias"]
    cli(story.folder, "deploy", "--yes").ok()
    for stage in ("dev", "prod"):
        cli(story.folder, "destroy", "--stage", stage, "--confirm", "iris-releases").ok()
