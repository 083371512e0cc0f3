"""The lines of "Calling it from Python" in docs/requests.md, run as they are written there."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients import environments, judging
from tests.clients.conftest import unavailable
from tests.clients.models import MODELS, Model
from tests.clients.table import PAGE

_LOCAL = "127.0.0.1:8000"
_SECONDS = 600
"""Much more than it takes: in CI other tests have the processors first."""
_ENVIRONMENTS = {
    "requests": "plain",
    "MLflow's client": "mlflow",
    "tritonclient": "triton",
    "openapi-python-client": "generated",
}
"""By heading, the environment that the lines run in."""
_LABELS_ONLY = {"MLflow's client"}
_FORMS = {one.name: one for one in MODELS if one.name in {"iris", "mixed"}}
_BEFORE = """\
import json

import numpy as np
import pandas as pd

given = json.loads({given!r})
table = pd.DataFrame(given["rows"], columns=given["columns"])
array = np.array(given["rows"]) if given["columns"] is None else None
"""
_AFTER = """\
def plain(found):
    found = found.tolist() if hasattr(found, "tolist") else list(found)
    return [list(one.values()) if isinstance(one, dict) else one for one in found]

print(json.dumps({"predict": plain(labels), "proba": plain(globals().get("probabilities", []))}))
"""
Served = Callable[[str, Model], tuple[list[str], str]]


def section(heading: str) -> str:
    """Return what is below a heading of the third level."""
    text = PAGE.read_text(encoding="utf-8").partition("\n## Calling it from Python\n")[2]
    found: str = text.partition(f"\n### {heading}\n")[2]
    return re.split(r"\n###? ", found)[0]


def block(heading: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", section(heading), re.DOTALL | re.MULTILINE)
    assert found, f"no block of {language} below {heading}"
    return found[1]


def lines(heading: str, *, array: bool) -> tuple[list[str], list[str]]:
    """Return the lines for a table or an array, and those for a deployed model."""
    found: list[str] = []
    deployed: list[str] = []
    for line in block(heading, "python").splitlines():
        if line.startswith("# an array: "):
            found[-1] = line.removeprefix("# an array: ") if array else found[-1]
        elif line.startswith("# deployed: "):
            deployed.append(line.removeprefix("# deployed: "))
        else:
            found.append(line)
    return found, deployed


@pytest.fixture
def run(urls: dict[str, str], tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Give what runs lines in a client's environment, against a served model."""

    def ran(heading: str, model: Model, *parts: str) -> "subprocess.CompletedProcess[str]":
        name = _ENVIRONMENTS[heading]
        if reason := environments.missing(name):
            unavailable(reason)
        programs = environments.python_of(name).parent
        address = urls[model.name].removeprefix("http://")
        if "```console" in section(heading):
            _call(tmp_path, programs, *_words(heading, address))
        given = json.dumps(model.job(""))
        host, _, port = address.partition(":")
        text = "\n".join([_BEFORE.format(given=given), *parts]).replace(_LOCAL, address)
        (tmp_path / "script.py").write_text(text.replace(f'"{host}", 8000', f'"{host}", {port}'))
        return _call(tmp_path, programs, "python", "script.py", check=False)

    return ran


def _words(heading: str, address: str) -> list[str]:
    command = block(heading, "console").removeprefix("$ ").strip()
    return shlex.split(command.replace(_LOCAL, address))


def _call(
    folder: Path, programs: Path, *words: str, check: bool = True
) -> "subprocess.CompletedProcess[str]":
    local = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONPATH": ""}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(programs / words[0]), *words[1:]],
        cwd=folder,
        env={**os.environ, **local, "PATH": path},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=check,
    )


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("heading", _ENVIRONMENTS)
def test_the_lines_get_what_the_estimator_says(heading: str, form: str, run: Any) -> None:
    """For a table with gaps, texts and booleans, and for an array; then for a deployed model.

    The line for a deployed model only makes the client: nothing is sent to that address.
    """
    model = _FORMS[form]
    called, deployed = lines(heading, array=model.kind == "array")
    assert deployed
    done = run(heading, model, *called, _AFTER, *deployed)
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert judging.problem(answer, model, proba=heading not in _LABELS_ONLY) is None


@pytest.mark.parametrize("heading", _ENVIRONMENTS)
def test_a_refused_request_raises_with_the_message(heading: str, run: Any) -> None:
    """Not an AttributeError or a KeyError about the answer: the row, the column, the value."""
    called, _ = lines(heading, array=False)
    done = run(heading, _FORMS["mixed"], 'table["age"] = "old"', *called)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "row 0, 'age': expected a number, got 'old'" in last


def test_tritons_missing_text_is_refused(run: Any) -> None:
    """The client writes it as text; the endpoint says so instead of predicting for a new town."""
    called, _ = lines("tritonclient", array=False)
    done = run("tritonclient", _FORMS["mixed"], 'table.loc[2, "city"] = None', *called)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "InferenceServerException" in last
    assert "row 2, 'city': expected a known value, got" in last
    assert "probably a missing value that the client wrote as text" in last
