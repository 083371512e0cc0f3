"""`mldeploy events`: what it writes is what the endpoint takes, or refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from mldeploy.cli.app import run
from mldeploy.invoke.requests import request_of_event
from tests.support.models import FRAME, IRIS, bundle_of, handler_of, task_of
from tests.support.projects import CONFIG, write_project

GOLDEN = """\
{"format": 1, "examples": [{"request": {"a": 1}}, {"request": {"a": 2}, "status": 422}]}
"""
CUSTOM = CONFIG + '\n[functions.own]\nhandler = "own:handle"\n'


def project(root: Path, train: str) -> Path:
    """Write a project with the bundle of a train module."""
    write_project(root)
    for file in bundle_of(train).path.iterdir():
        (root / "model" / file.name).write_bytes(file.read_bytes())
    return root


def printed(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    """Return what the command printed, as JSON."""
    capsys.readouterr()  # handlers log to stdout
    assert run(["events", "-c", str(root), *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("form", ["http", "rest", "direct"])
@pytest.mark.parametrize("train", [IRIS, FRAME], ids=["array", "frame"])
def test_the_endpoint_takes_the_valid_and_refuses_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, train: str
) -> None:
    """Each event goes to the image's own handler: 200, or a mistake of the client's."""
    project(tmp_path / "project", train)
    handle = handler_of(task_of(bundle_of(train), tmp_path))

    def status(event: Any) -> int:
        found = handle(event, None)
        if form != "direct":
            return int(found["statusCode"])
        return int(found["error"]["status"]) if "error" in found else 200

    valid = printed(tmp_path / "project", capsys, "--format", form)
    assert set(valid) == {"predict", "rows"}
    assert {status(one) for one in valid.values()} == {200}
    invalid = printed(tmp_path / "project", capsys, "--format", form, "--invalid")
    expected = {"unknown-key", "wrong-type"}
    expected |= set() if form == "direct" else {"no-body", "not-json", "content-type"}
    assert expected < set(invalid)
    assert {name: status(one) for name, one in invalid.items() if status(one) // 100 != 4} == {}


def test_files_are_what_invoke_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--out writes one file an event and prints their paths; written again they are equal."""
    project(tmp_path, IRIS)
    out = tmp_path / "new" / "events"
    options = ["events", "-c", str(tmp_path), "--format", "rest", "--out", str(out)]
    assert run(options) == 0
    files = capsys.readouterr().out.split()
    assert files == [str(out / "predict.json"), str(out / "rows.json")]
    before = (out / "predict.json").read_bytes()
    assert request_of_event(out / "predict.json").path == "/predict"
    assert run(options) == 0
    assert (out / "predict.json").read_bytes() == before


def test_of_a_handler_of_the_users_own_the_golden_examples_speak(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those with an error's status are the invalid ones; an open path is filled."""
    (tmp_path / "own.json").write_text(GOLDEN)
    (tmp_path / "own.py").touch()
    config = CUSTOM + 'golden = "own.json"\nroute = "ANY /own/{id}"\n'
    write_project(tmp_path, config + '[image]\ninclude = ["own.py"]\n')
    found = printed(tmp_path, capsys, "--function", "own")
    assert list(found) == ["own-0"]
    assert found["own-0"]["body"] == '{"a": 1}'
    assert found["own-0"]["rawPath"] == "/own/id"
    assert found["own-0"]["pathParameters"] == {"id": "id"}
    invalid = printed(tmp_path, capsys, "--function", "own", "--invalid", "--format", "direct")
    assert invalid == {"own-1": {"a": 2}}


def test_without_golden_examples_nothing_is_made_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MLD603 says what to write."""
    (tmp_path / "own.py").touch()
    write_project(tmp_path, CUSTOM + '[image]\ninclude = ["own.py"]\n')
    assert run(["events", "-c", str(tmp_path), "-f", "own"]) == 1
    assert "error[MLD603]" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MLD604 names the path."""
    write_project(tmp_path)
    (tmp_path / "file").touch()
    assert run(["events", "-c", str(tmp_path), "--out", str(tmp_path / "file" / "below")]) == 1
    assert "error[MLD604]" in capsys.readouterr().err
