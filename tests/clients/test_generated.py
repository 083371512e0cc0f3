"""`mldeploy client` with the real generators: its printed lines get the estimator's answer."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import urllib3

from tests.clients import environments, judging
from tests.clients.conftest import unavailable
from tests.clients.models import MODELS, Model
from tests.support.commands import json_command

_FORMS = {one.name: one for one in MODELS if one.name in {"mixed", "texts", "outputs"}}
_SECONDS = 600
"""Much more than it takes: in CI other tests have the processors first."""
_TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "target": "es2022",
        "module": "nodenext",
        "types": [],
        "lib": ["es2022", "dom", "dom.iterable"],
        "skipLibCheck": True,
        "outDir": "out",
        "rootDir": ".",
    },
    "include": ["call.ts", "client/**/*.ts"],
}


def call(folder: Path, *words: Any) -> str:
    """Run a program without a proxy; return what it printed."""
    local = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONPATH": "client"}
    done = subprocess.run(
        list(map(str, words)),
        cwd=folder,
        env={**os.environ, **local},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def python(lines: Sequence[str], folder: Path) -> Any:
    """Run the lines with what the client is installed with; its last one prints an object."""
    *before, last = lines
    asked = last.removeprefix("print(").removesuffix(")")
    text = "\n".join(
        [*before, f"answer = {asked}", "import json", "print(json.dumps(answer.to_dict()))"]
    )
    (folder / "call.py").write_text(text)
    return json.loads(call(folder, environments.python_of("generated"), "call.py"))


def typescript(lines: Sequence[str], folder: Path) -> Any:
    """Compile the lines strictly, and run them."""
    *before, last = lines
    assert last == "console.log(data ?? error);"
    (folder / "call.ts").write_text(
        "\n".join([*before, "console.log(JSON.stringify(data ?? error));"])
    )
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps(_TSCONFIG))
    node = environments.python_of("node").with_name("node")
    call(folder, environments.node_modules() / ".bin/tsc")
    return json.loads(call(folder, node, "out/call.js"))


_RUN = {"python": ("generated", python), "typescript": ("node", typescript)}


def example_of(url: str) -> Any:
    """Return the row of the document's example."""
    document = json.loads(urllib3.request("GET", f"{url}/openapi.json").data)
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    return body["examples"].get("named", body["examples"]["row"])["value"]["features"]


def expected(model: Model, features: Any) -> tuple[list[Any], list[Any]]:
    """Return labels and probabilities that the estimator itself has for a row, per output."""
    row: Any = list(features.values())
    if model.kind == "frame":
        row = pd.DataFrame([features]).astype(model.x.dtypes.to_dict())[list(model.x.columns)]
    if model.kind == "array":
        row = np.array([row])
    label, scores = model.estimator.predict(row)[0], model.estimator.predict_proba(row)
    if not model.outputs:
        return [label], [list(scores[0])]
    return list(label), [list(one[0]) for one in scores]


@pytest.fixture(params=_RUN)
def language(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Put the generator of each language on PATH, and a project into the current folder."""
    environment, _ = _RUN[request.param]
    if reason := environments.missing(environment):
        unavailable(reason)
    programs = f"{environments.node_modules() / '.bin'}{os.pathsep}"
    monkeypatch.setenv("PATH", programs + environments.path_with(environment))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mldeploy.toml").write_text(
        '[project]\nname = "a-model"\n[functions.predict]\n[api]\nauth = "none"\n'
    )
    return str(request.param)


@pytest.mark.parametrize("form", _FORMS)
def test_the_lines_get_what_the_estimator_says(
    language: str,
    form: str,
    urls: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As they are printed, for numbers and texts in a table, for texts, and for two outputs."""
    model, url = _FORMS[form], urls[form]
    code, envelope = json_command(capsys)("client", language, "--url", url, "--out", "client")
    assert code == 0, envelope
    answer = _RUN[language][1](envelope["result"]["lines"], tmp_path)["prediction"]
    found = list(answer["outputs"].values()) if model.outputs else [answer]
    labels, scores = expected(model, example_of(url))
    assert [one["class_label"] for one in found] == labels
    assert judging.same([list(one["probabilities"].values()) for one in found], scores)
