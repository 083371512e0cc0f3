"""`mldeploy invoke --local`: one call of the image on this machine, without AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Cli

MINE = """
import time


def handle(event, context):
    if event.get("sleep"):
        time.sleep(20)
    if event.get("fail"):
        raise KeyError("mine")
    print("seen")
    return {"got": event}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Path:
    """The scaffold, with a function of the user's own beside the model's."""
    folder = tmp_path_factory.mktemp("e2e") / "iris-local"
    cli(folder.parent, "init", folder.name, "--yes", "--auth", "none").ok()
    file = folder / "mldeploy.toml"
    text = file.read_text().replace("[image]", '[image]\ninclude = ["mine.py"]')
    text += '\n[functions.mine]\nroute = "POST /mine"\nhandler = "mine:handle"\ntimeout = 2\n'
    file.write_text(text)
    (folder / "mine.py").write_text(MINE)
    cli(folder, "train").ok()
    return folder


def containers(engine: Any) -> list[str]:
    """Return the containers that such a call leaves: none."""
    return [one.name for one in engine.containers.list(all=True) if "mldeploy-invoke" in one.name]


def test_the_tutorials_event_is_answered(project: Path, cli: Cli, engine: Any) -> None:
    """Nobody is asked for credentials; the log is Lambda's, and no container is left."""
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": ""}
    ran = cli(project, "invoke", "--local", "-e", "events/event.json", "-o", "json", **nowhere).ok()
    result = ran.json["result"]
    assert result["body"]["prediction"]["class_name"] == "setosa"
    assert result["body"]["model"]["release"] == "local"
    assert any(line.startswith("REPORT RequestId: ") for line in result["log"])
    assert not any("(rapid)" in line for line in result["log"])
    assert containers(engine) == []


def test_what_is_refused_fails_the_smoke_test(project: Path, cli: Cli) -> None:
    """A problem instead of a prediction ends with 6; so does another answer than expected."""
    ran = cli(project, "invoke", "--local", "-d", '{"features": [1]}')
    assert (ran.code, "expected 4 values" in ran.err) == (6, True), ran.err
    assert cli(project, "invoke", "--local", "--expect", '{"prediction": 1}').code == 6
    assert cli(project, "invoke", "--local", "--golden").code == 0


def test_a_page_is_an_event_too(project: Path, cli: Cli, tmp_path: Path) -> None:
    """The function knows its routes as it does when it is deployed."""
    event = {"version": "2.0", "routeKey": "GET /health", "rawPath": "/health"}
    path = tmp_path / "health.json"
    path.write_text(json.dumps({**event, "requestContext": {"http": {"method": "GET"}}}))
    found = cli(project, "invoke", "--local", "-e", str(path)).ok()
    assert json.loads(found.out)["status"] == "ok"


def test_a_handler_of_ones_own_is_called(project: Path, cli: Cli, engine: Any) -> None:
    """Its answer and its log come back, its failure is told, and its timeout holds."""
    call = ("invoke", "--local", "--function", "mine", "-d")
    ran = cli(project, *call, '{"a": 1}').ok()
    assert json.loads(ran.out) == {"got": {"a": 1}}
    assert "log: seen" in ran.err
    failed = cli(project, *call, '{"fail": true}')
    assert (failed.code, "KeyError" in failed.err) == (6, True), failed.err
    late = cli(project, *call, '{"sleep": true}')
    assert "timeout of 2 s" in late.err, late.err
    assert late.code == 6
    assert containers(engine) == []


def test_a_dead_engine_is_said(project: Path, cli: Cli) -> None:
    """Without an engine there is no image to call: exit 5."""
    assert cli(project, "invoke", "--local", DOCKER_HOST="tcp://127.0.0.1:1").code == 5
    assert cli(project, "invoke", "--local", "--direct").code == 2
