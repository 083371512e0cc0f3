"""`mldeploy batch` on this machine, against the fitted estimator."""

import csv
import fcntl
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree
from typing import Any

import joblib
import pytest
from sklearn.datasets import load_iris

from tests.support.commands import Command, json_command
from tests.support.models import IRIS, bundle_of

TOML = '[project]\nname = "iris"\n[api]\nauth = "none"\n[functions.predict]\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tutorial's project, trained."""
    copytree(bundle_of(IRIS).path, tmp_path / "p" / "model")
    (tmp_path / "p" / "train.py").write_text(IRIS)
    (tmp_path / "p" / "mldeploy.toml").write_text(TOML)
    monkeypatch.chdir(tmp_path / "p")
    return tmp_path / "p"


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


def rows_of(count: int) -> list[list[float]]:
    """Return rows unlike one another."""
    flowers = load_iris().data.tolist()
    return [
        [round(value + n / 1000 % 0.3, 4) for value in flowers[n % len(flowers)]]
        for n in range(count)
    ]


def write(path: Path, rows: list[list[Any]]) -> None:
    """Write a CSV with ids."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", *load_iris().feature_names])
        writer.writerows([f"r{number}", *row] for number, row in enumerate(rows))


def scored(output: Path) -> list[tuple[str, int]]:
    """Return ids and labels of an output, in the order of its parts."""
    lines = (line for part in sorted(output.glob("part-*")) for line in part.open())
    return [(one["id"], one["prediction"]["class_label"]) for one in map(json.loads, lines)]


def expected(project: Path, rows: list[list[float]]) -> list[tuple[str, int]]:
    """Return what the fitted estimator itself says."""
    labels = joblib.load(project / "model/model.joblib").predict(rows).tolist()
    return [(f"r{number}", label) for number, label in enumerate(labels)]


def test_a_file_gets_the_estimators_predictions(project: Path, command: Command) -> None:
    """In the order of its rows; a second run changes nothing, and another job is refused."""
    rows = rows_of(3000)
    write(project / "rows.csv", rows)
    code, told = command("batch", "rows.csv", "out", "--columns", "id")
    assert (code, told["result"]["rows"], told["result"]["resumed"]) == (0, 3000, 0)
    assert scored(project / "out") == expected(project, rows)
    before = {path: path.read_bytes() for path in (project / "out").rglob("*") if path.is_file()}
    code, told = command("batch", "rows.csv", "out", "--columns", "id")
    assert (code, told["result"]["resumed"]) == (0, 1)
    after = {path: path.read_bytes() for path in (project / "out").rglob("*") if path.is_file()}
    assert after == before
    code, told = command("batch", "rows.csv", "out")
    assert (code, told["error"]["code"]) == (1, "MLD641")
    assert "different: --columns" in told["error"]["message"]
    write(project / "rows.csv", rows[:10])
    (project / "out" / "mine.txt").write_text("mine")
    code, told = command("batch", "rows.csv", "out", "--columns", "id")
    assert "different: the input" in told["error"]["message"]
    code, _ = command("batch", "rows.csv", "out", "--columns", "id", "--overwrite")
    assert (code, scored(project / "out")) == (0, expected(project, rows[:10]))
    assert (project / "out" / "mine.txt").exists()


def test_a_folder_is_scored_in_the_order_of_its_files(project: Path, command: Command) -> None:
    """Hidden files and those of other kinds are left out; an empty one has no rows."""
    rows = rows_of(30)
    write(project / "in" / "a" / "1.csv", rows[:10])
    write(project / "in" / "b.csv", rows[10:20])
    names = load_iris().feature_names
    lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows[20:]]
    (project / "in" / "c.jsonl").write_text("\n".join(lines))
    for name in ("_SUCCESS", ".d.csv", "_e/f.csv", "README.md", "z.csv"):
        (project / "in" / name).parent.mkdir(exist_ok=True)
        (project / "in" / name).write_text("" if name == "z.csv" else "nothing to score")
    code, told = command("batch", "in", "out", "--columns", "id")
    assert (code, told["result"]["rows"], told["result"]["parts"]) == (0, 30, 3)
    labels = [label for _, label in scored(project / "out")]
    assert labels == [label for _, label in expected(project, rows)]


def test_a_killed_job_continues_where_it_was(project: Path, command: Command) -> None:
    """After SIGKILL at some chunk and Ctrl-C at another no row is lost or doubled."""
    rows = rows_of(110_000)
    write(project / "rows.csv", rows)
    line = [sys.executable, "-m", "mldeploy", "batch", "rows.csv", "out", "--columns", "id"]
    done = project / "out/_job/done"
    for number, kind in ((1, signal.SIGKILL), (2, signal.SIGINT)):
        with subprocess.Popen(
            line,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A background job of a shell ignores SIGINT, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        ) as process:
            while process.poll() is None and len(list(done.glob("*"))) < number:
                time.sleep(0.01)
            process.send_signal(kind)
            process.communicate()
        assert process.returncode == {signal.SIGKILL: -9, signal.SIGINT: 130}[kind]
        assert not (project / "out/_SUCCESS").exists()
    code, told = command("batch", "rows.csv", "out", "--columns", "id")
    assert (code, told["result"]["rows"]) == (0, 110_000)
    assert told["result"]["resumed"] >= 2
    assert scored(project / "out") == expected(project, rows)


def test_rows_that_do_not_fit_are_listed(project: Path, command: Command) -> None:
    """With their number in the file; more of them than allowed stop the job with the reasons."""
    rows: list[list[Any]] = rows_of(50)
    rows[3][1] = "wide"
    rows[40] = rows[40][:2]
    write(project / "rows.csv", rows)
    code, told = command("batch", "rows.csv", "out", "--max-errors", "1")
    assert (code, told["error"]["code"]) == (1, "MLD645")
    assert "'sepal width (cm)': expected a number, got 'wide'" in str(told["error"]["details"])
    code, told = command("batch", "rows.csv", "out", "--max-errors", "2")
    assert (code, told["result"]["errors"]) == (0, 2)
    (errors,) = (project / "out/errors").iterdir()
    found = [json.loads(line) for line in errors.read_text().splitlines()]
    assert [(one["file"], one["row"]) for one in found] == [
        (str(project / "rows.csv"), 3),
        (str(project / "rows.csv"), 40),
    ]
    assert found[1]["reason"] == "expected 5 values, got 3"


def test_a_dry_run_estimates_and_writes_nothing(project: Path, command: Command) -> None:
    """Rows and time come from the first megabyte."""
    write(project / "rows.csv", rows_of(60_000))
    code, told = command("batch", "rows.csv", "out", "--dry-run")
    assert code == 0
    assert told["result"]["estimate"]["rows"] == pytest.approx(60_000, rel=0.05)
    assert told["result"]["estimate"]["sample_rows"] < 60_000
    assert told["result"]["estimate"]["seconds"] > 0
    assert not (project / "out").exists()


def test_one_process_at_a_time_writes_to_an_output(project: Path, command: Command) -> None:
    """The second says so; an ended process holds nothing."""
    write(project / "rows.csv", rows_of(10))
    (project / "out/_job").mkdir(parents=True)
    with (project / "out/_job/lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, told = command("batch", "rows.csv", "out")
        assert (code, told["error"]["code"]) == (1, "MLD642")
    assert command("batch", "rows.csv", "out")[0] == 0


WRONG = {
    ("nothing.csv", "out"): ("MLD640", "doesn't exist"),
    (".", "out"): ("MLD640", "overlap"),
    ("out", "."): ("MLD640", "overlap"),
    ("train.py", "out"): ("MLD640", "isn't supported"),
    ("empty.csv", "out"): ("MLD640", "no rows"),
    ("lake", "out"): ("MLD640", "b.csv.gz has a format that isn't supported"),
    ("folder", "out"): ("MLD640", "no files"),
    ("rows.csv", "rows.csv/out"): ("MLD640", "overlap"),
    ("rows.csv", "train.py/out"): ("MLD640", "can't write"),
    ("rows.csv", "out --columns=prediction"): ("MLD640", "can't be kept"),
    ("rows.csv", "out --columns=nope"): ("MLD644", "no column 'nope'"),
    ("rows.csv", "out --function=nope"): ("MLD111", "unknown function"),
    ("other.csv", "out"): ("MLD644", "no header"),
}


@pytest.mark.parametrize(("given", "wanted"), WRONG.items())
def test_what_cannot_be_scored_is_refused(
    given: tuple[str, str], wanted: tuple[str, str], project: Path, command: Command
) -> None:
    """With the reason, and without a part."""
    write(project / "rows.csv", rows_of(5))
    (project / "empty.csv").touch()
    (project / "folder").mkdir()
    (project / "lake").mkdir()
    (project / "lake/a.csv").touch()
    (project / "lake/b.csv.gz").touch()
    (project / "out").mkdir()
    (project / "other.csv").write_text("a,b\n1,2\n")
    code, told = command("batch", given[0], *given[1].split())
    assert code != 0
    assert (told["error"]["code"], wanted[1] in told["error"]["message"]) == (wanted[0], True), told
    assert told["error"]["hint"]
    assert not list((project / "out").glob("part-*"))


def test_an_output_with_predictions_of_an_unknown_job_is_left_alone(
    project: Path, command: Command
) -> None:
    """Its parts would stand among the new ones."""
    write(project / "rows.csv", rows_of(5))
    (project / "out").mkdir()
    (project / "out/part-00000-0123abcd.jsonl").write_text("{}")
    code, told = command("batch", "rows.csv", "out")
    assert (code, told["error"]["code"]) == (1, "MLD641")
    assert [path.name for path in (project / "out/_job").iterdir()] == ["lock"]
    assert command("batch", "rows.csv", "out", "--overwrite")[0] == 0
    assert len(list((project / "out").glob("part-*"))) == 1


@pytest.mark.parametrize("words", ["s3://my-bucket/in/ s3://my-bucket/out/", "status a-1"])
def test_the_embedded_aws_runs_no_jobs(project: Path, command: Command, words: str) -> None:
    """It has no S3; nothing is started to find that out."""
    (project / "mldeploy.toml").write_text(
        f'{TOML}[batch]\ninputs = ["s3://my-bucket/in/"]\noutputs = ["s3://my-bucket/out/"]\n'
    )
    code, told = command("batch", *words.split(), "--target", "local")
    assert (code, told["error"]["code"]) == (2, "MLD646")
    assert "mldeploy batch FILE FOLDER" in told["error"]["hint"]
