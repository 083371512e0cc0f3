"""`mldeploy invoke --process`: one call of a function without Docker."""

import json
from pathlib import Path

import joblib
import pytest

from mldeploy.cli.app import run
from tests.support.models import IRIS, bundle_of
from tests.support.served import tiny_project

ROOT = Path(__file__).parents[2]
Said = pytest.CaptureFixture[str]


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two handlers; no engine can be had."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.chdir(tiny_project(tmp_path))
    return tmp_path


def test_the_tutorials_event_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """Unchanged; the output is that of `--local`. Rows of a CSV get what the estimator says."""
    config = '[project]\nname = "iris"\n[api]\nauth = "none"\n[functions.predict]\n'
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.chdir(tiny_project(tmp_path, config))
    for file in bundle_of(IRIS).path.iterdir():
        (tmp_path / "model" / file.name).write_bytes(file.read_bytes())
    event = ROOT / "examples/iris/events/event.json"
    assert run(["invoke", "--process", "-e", str(event), "-o", "json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["body"]["prediction"]["class_name"] == "setosa"
    assert result["body"]["model"]["release"] == "local"
    assert (result["target"], result["status"]) == ("predict in a process", 200)
    assert result["log"][0].startswith("START RequestId: ")
    assert result["log"][-1].startswith("REPORT RequestId: ")
    rows = [[5.1, 3.5, 1.4, 0.2], [6.1, 2.9, 4.9, 1.6]]
    Path("rows.csv").write_text("\n".join(",".join(map(str, row)) for row in rows))
    assert run(["invoke", "--process", "--data", "@rows.csv", "-o", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["result"]["body"]["predictions"]
    expected = joblib.load(tmp_path / "model" / "model.joblib").predict_proba(rows).tolist()
    assert [list(one["probabilities"].values()) for one in found] == expected


def test_a_handler_of_ones_own_is_called(tiny: Path, capsys: Said) -> None:
    """Its own status and body; an error and a timeout fail the smoke test."""
    call = ["invoke", "--process", "--function", "other", "-d"]
    assert run([*call, '{"body": "x"}']) == 0
    assert capsys.readouterr().out == "of the file\n"
    assert run([*call, "{}"]) == 6
    assert "KeyError" in capsys.readouterr().err
    assert run([*call, '{"body": "sleep"}']) == 6
    assert "timeout of 1 s" in capsys.readouterr().err


def test_code_that_can_not_be_imported_is_told(tiny: Path, capsys: Said) -> None:
    """In the user's own lines."""
    (tiny / "helper.py").write_text("VALUE = 1 / 0\n")
    assert run(["invoke", "--process", "--function", "other", "-d", "{}"]) == 6
    said = capsys.readouterr().err
    assert "at helper.py:1  VALUE = 1 / 0" in said


@pytest.mark.parametrize("option", ["--local", "--process"])
def test_it_is_this_machine_or_lambda(tiny: Path, capsys: Said, option: str) -> None:
    """`--direct` means AWS: a usage error."""
    assert run(["invoke", option, "--direct"]) == 2
    assert f"{option} and --direct can't be used together" in capsys.readouterr().err
