"""Train a case with the real command, and ask its endpoint as the image would answer."""

import csv
import io
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from mldeploy.config.file import load_config
from mldeploy.local.ways.staging import recipe, stage
from tests.cases.case import PRELUDE, Case
from tests.support.envelopes import held
from tests.support.events import http
from tests.support.wheel_index import index_of_all

FITTED = "[training]\ncv = 0\nholdout = 0\n"
MEASURED = '[training]\ncv = 2\nrefit = "all"\n'
"""Both ship the model that is fitted on every row, as a fit in plain Python is."""
_SETTINGS = """\
[project]
name = "case"
[image]
index_url = "INDEX"
[api]
auth = "none"
"""


@dataclass(frozen=True)
class Ran:
    """A command's end: `said` is stderr, `result` the envelope's result or error."""

    exit_code: int
    said: str
    result: dict[str, Any]


def settings() -> str:
    """Return the first lines of a project's file."""
    return _SETTINGS.replace("INDEX", index_of_all())


def write(case: Case, folder: Path) -> Path:
    """Write a case's project."""
    training = MEASURED if case.measured else FITTED
    (folder / "mldeploy.toml").write_text(settings() + training + case.settings)
    (folder / "train.py").write_text(PRELUDE + case.train)
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def mldeploy(folder: Path, *arguments: str) -> Ran:
    """Run the real command in a project."""
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", *arguments, "-o", "json"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    envelope = held(json.loads(done.stdout))
    result = envelope["result"] if envelope["ok"] else envelope["error"]
    return Ran(done.returncode, done.stderr, result)


class Asker:
    """The process that forks a process per task."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("asker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": ""},
            text=True,
        )

    def ask(self, kind: str, folder: Path, environ: dict[str, str], **more: Any) -> dict[str, Any]:
        """Do a task; fails with the traceback of what it raised."""
        told = {"kind": kind, "folder": str(folder), "environ": environ, **more}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer

    def end(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


@dataclass(frozen=True)
class Endpoint:
    """A trained project, staged."""

    asker: Asker
    task: Path
    environ: dict[str, str]

    @property
    def facts(self) -> dict[str, Any]:
        """What the bundle's model.json says."""
        found: dict[str, Any] = json.loads((self.task / "model/model.json").read_text())
        return found

    def replies(self, *bodies: tuple[str, str]) -> list[tuple[int, dict[str, Any]]]:
        """Send bodies with their content types; returns statuses and bodies."""
        events = [
            http(body, headers={"content-type": content_type}) for content_type, body in bodies
        ]
        found = self.asker.ask("endpoint", self.task, self.environ, events=events)["replies"]
        return [(one["statusCode"], json.loads(one["body"])) for one in found]


def staged(folder: Path, task: Path, asker: Asker) -> Endpoint:
    """Stage what the image of a project would hold."""
    settings = load_config(folder / "mldeploy.toml", environ={})
    found = stage(recipe(settings), task)
    return Endpoint(asker, task, dict(found.variables) | dict(settings.functions[0].environment))


def in_json(*rows: Any) -> tuple[str, str]:
    """Return rows as a JSON body with its type."""
    return "application/json", json.dumps({"instances": rows})


def forms(names: list[str], rows: list[Any]) -> list[tuple[str, str]]:
    """Return rows as the bodies of a JSON and a CSV request; one row alone as `features`."""
    alone = "application/json", json.dumps({"features": rows[0]})
    return [in_json(*rows) if len(rows) > 1 else alone, in_csv(names, rows)]


def in_csv(names: list[str], rows: list[Any]) -> tuple[str, str]:
    """Return rows as a CSV body with its type."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for row in rows:
        cells = list(row.values()) if isinstance(row, dict) else row
        writer.writerow([str(one).lower() if isinstance(one, bool) else one for one in cells])
    return "text/csv", text.getvalue()


def predicted(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of a row as {"predict", "scores"}."""
    match answer:
        case {"outputs": dict(outputs)}:
            several = [predicted(one) for one in outputs.values()]
            values = [value for one in several for value in one["scores"] or ()]
            return {"predict": [one["predict"] for one in several], "scores": values or None}
        case {"class_label": label}:
            scores = answer.get("probabilities", answer.get("decision_values"))
            return {"predict": label, "scores": list(scores.values()) if scores else None}
        case {"outlier": bool(outlier)}:
            return {"predict": -1 if outlier else 1, "scores": [answer["score"]]}
        case {"values": dict(values)}:
            return {"predict": list(values.values()), "scores": None}
        case {"value": value} | {"cluster": value}:
            return {"predict": value, "scores": None}
    return answer


def answers_differ(
    status: int, body: dict[str, Any], truth: list[dict[str, Any]]
) -> tuple[Any, Any] | None:
    """Return the first difference between a reply and the estimator's own outputs, or None."""
    if status != HTTPStatus.OK:
        return body, truth
    answers = body.get("predictions") or [body["prediction"]]
    return differing([predicted(one) for one in answers], [expected(one) for one in truth])


def expected(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the estimator's own in the same form."""
    scores = answer["scores"]
    return {**answer, "scores": scores if scores is None or isinstance(scores, list) else [scores]}


def differing(found: Any, right: Any) -> tuple[Any, Any] | None:
    """Return the first difference, or None; BLAS may round by where the rows are in memory."""
    match found, right:
        case ([*_], [*_]) if len(found) == len(right):
            several = (differing(*pair) for pair in zip(found, right, strict=True))
            return next((one for one in several if one is not None), None)
        case ({**_first}, {**_second}) if found.keys() == right.keys():
            return differing(list(found.values()), [right[name] for name in found])
        case (float(), float()) if math.isclose(found, right, rel_tol=1e-12, abs_tol=1e-15):
            return None
    same = found == right and isinstance(found, bool) == isinstance(right, bool)
    return None if same else (found, right)
