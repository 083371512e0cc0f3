"""`init --from`: a train module does what the script did before its fit; nothing else runs."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.project.answers import Answers
from mldeploy.project.notebooks import python_of
from mldeploy.project.scaffold import Scaffolded, scaffold_around

SCRIPT = '''\
"""Will somebody buy?"""
from __future__ import annotations

import csv
import helpers, numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

COLUMNS = ["age", "income"]


def scaled(x, factor=0.001):
    # The variable `shift` is one of the script.
    return x * factor + shift


data = list(csv.DictReader(open("rows.csv")))
shift = len(data) - 8.0; text = """a
    b"""
print(text)
assert text == "a\\n    b"
X = np.array([[float(row[name]) for name in COLUMNS] for row in data])
X[0, 0] += helpers.ONE
y = [row["buys"] for row in data]
scaler = StandardScaler().fit(X)
model = make_pipeline(FunctionTransformer(scaled), StandardScaler(), LogisticRegression())
trained = model.fit(X, y)
open("a-trace", "w").close()
raise SystemExit("what comes after the fit runs")
'''
ROWS = "age,income,buys\n" + "".join(
    f"{20 + n},{n * n * 700 % 9000},{'yes' if n * 7 % 5 > 2 else 'no'}\n" for n in range(20)
)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script beside its data and a module of its own."""
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "rows.csv").write_text(ROWS)
    (folder / "helpers.py").write_text("ONE = 1.0\n")
    (folder / "buyers.py").write_text(SCRIPT)
    return folder / "buyers.py"


def notebook(cells: list[str], language: str = "python") -> str:
    """Return a notebook with these code cells, one of them as one text."""
    code = [{"cell_type": "code", "source": one.splitlines(keepends=True)} for one in cells]
    code[0]["source"] = cells[0]
    cells_ = [{"cell_type": "markdown", "source": ["# fit(X, y)"]}, *code]
    return json.dumps({"cells": cells_, "metadata": {"language_info": {"name": language}}})


ASK = """
import json, sys
sys.path.insert(0, ".")
from train import data, estimator
X, y = data()
model = estimator().fit(X, y)
print(json.dumps([model.predict(X).tolist(), model.predict_proba(X).tolist()]))
"""


def asked(project: Path) -> Any:
    """Fit the train module's estimator on its data in a process; return its predictions."""
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def truth(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the script itself up to its end; return what its own fitted model says."""
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    plain = SCRIPT.replace('raise SystemExit("what comes after the fit runs")', "")
    (folder / "plain.py").write_text(plain)
    found = runpy.run_path("plain.py")
    (folder / "a-trace").unlink()
    model, x = found["trained"], found["X"]
    return [model.predict(x).tolist(), model.predict_proba(x).tolist()]


def around(source: Path, folder: Path) -> Scaffolded:
    return scaffold_around(folder, Answers("shop"), source)


def test_a_scripts_project_fits_what_the_script_fits(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same predictions; nothing after the fit runs, and the files beside it come along."""
    made = around(script, tmp_path / "new")
    assert {"train.py", "rows.csv", "helpers.py", "mldeploy.toml"} <= set(made.created)
    assert asked(made.path) == truth(script.parent, monkeypatch)
    assert not (made.path / "a-trace").exists()
    line = SCRIPT.splitlines().index("trained = model.fit(X, y)") + 1
    assert any(f"line {line}:" in note for note in made.notes)
    assert load_config(made.path, environ={}).train == "train.py"


def test_a_notebooks_project_fits_what_the_notebook_fits(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Magics are left out, lines of the shell, and cells of other languages."""
    first, _, rest = SCRIPT.partition("COLUMNS")
    cells = [f"%matplotlib inline\n{first}", f"%%time\nCOLUMNS{rest}", "%%bash\nrm -rf data", "X?"]
    cells[1] = cells[1].replace("data = list", "!pip install nothing\ndata = list")
    file = script.with_name("buyers.ipynb")
    file.write_text(notebook(cells))
    made = around(file, tmp_path / "new")
    assert asked(made.path) == truth(script.parent, monkeypatch)


def test_a_projects_train_module_can_be_pickled_from(script: Path, tmp_path: Path) -> None:
    """An import of it alone, as in an image, reads no data and fits nothing."""
    made = around(script, tmp_path / "new")
    (made.path / "rows.csv").unlink()
    done = subprocess.run(
        [sys.executable, "-c", "import train; print(train.scaled.__name__)"],
        cwd=made.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "scaled\n"), done.stderr


CHANGING = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 3.0, 5.0]})
frame["a"] = frame["a"].fillna(np.nan)
frame["c"] = frame["a"] * 2
frame.loc[frame["a"] > 3, "a"] = 0.0
frame.loc[frame["c"] > 7, "a"] = np.nan
frame.loc[frame["a"].isna(), "a"] = -1.0
frame.flag = None
frame.insert(0, "z", 1.0)


def least(values, floor=frame["a"].min()):
    return max(values, floor)


frame["a"] += 1
frame["b"] = 7
model = LinearRegression().fit(frame.drop(columns="y"), frame["y"])
"""


def test_statements_that_change_a_frame_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An assignment to a column or to some rows is no constant, whatever it assigns."""
    (tmp_path / "cleaning.py").write_text(CHANGING)
    made = around(tmp_path / "cleaning.py", tmp_path / "new")
    monkeypatch.chdir(made.path)
    script, train = runpy.run_path(str(tmp_path / "cleaning.py")), runpy.run_path("train.py")
    x, y = train["data"]()
    assert x.equals(script["frame"].drop(columns="y"))
    assert y.equals(script["frame"]["y"])
    assert train["least"].__defaults__ == script["least"].__defaults__


def test_a_train_module_stays_where_it_is(tmp_path: Path) -> None:
    """With data() and estimator() it is used as it is: in its folder, or copied."""
    text = "def data(): return 1 / 0\ndef estimator(): return 1 / 0\n"
    (tmp_path / "mine.py").write_text(text)
    made = around(tmp_path / "mine.py", tmp_path)
    assert made.created == (".gitignore", "README.md", "mldeploy.toml")
    assert load_config(tmp_path, environ={}).train == "mine.py"
    copied = around(tmp_path / "mine.py", tmp_path / "new")
    assert (copied.path / "mine.py").read_text() == text


def test_a_model_file_is_imported_next(tmp_path: Path) -> None:
    """Nothing loads it; the next command is `import`, which asks for trust."""
    (tmp_path / "model.joblib").write_bytes(b"\x80cposix\nsystem\n")
    made = around(tmp_path / "model.joblib", tmp_path / "new")
    assert made.first == "mldeploy import model.joblib --trust --example ROWS.csv"
    assert "model.joblib" in made.created
    assert "train.py" not in made.created
    (tmp_path / "model.onnx").write_bytes(b"onnx")
    assert "--trust" not in around(tmp_path / "model.onnx", tmp_path / "other").first


@pytest.mark.parametrize("suffix", [".py", ".ipynb", ".joblib"])
def test_no_iris_is_left_over(suffix: str, script: Path, tmp_path: Path) -> None:
    """Of none of the files that it makes."""
    file = script.with_suffix(suffix)
    if suffix == ".ipynb":
        file.write_text(notebook([SCRIPT]))
    elif suffix == ".joblib":
        file.write_bytes(b"\x80")
    made = around(file, tmp_path / "new")
    for path in (one for one in made.path.rglob("*") if one.is_file()):
        assert b"iris" not in path.read_bytes().lower(), path
        assert "iris" not in path.name


@pytest.mark.parametrize(
    ("name", "text", "code", "says"),
    [
        ("a.txt", "x", "MLD125", "a.txt"),
        ("none.py", None, "MLD125", "No such file"),
        ("a.py", "def (:", "MLD125", "isn't Python"),
        ("a.ipynb", "{", "MLD125", "isn't JSON"),
        ("a.ipynb", "{}", "MLD125", "no cells"),
        ("a.ipynb", notebook(["x <- 1"], "R"), "MLD125", "language is r"),
        ("a.py", "print(1)", "MLD126", "fit(X, y)"),
        ("a.py", "def main():\n    model.fit(X, y)\n", "MLD126", "outside of functions"),
        ("a.py", "for m in models:\n    m.fit(X, y)\n", "MLD126", "loops"),
        ("a.py", "m.fit(*split)\n", "MLD126", "fit(X, y)"),
        ("a.py", "def data(): return 1\nm.fit(data(), y)\n", "MLD126", "rename data"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_next_step(
    name: str, text: str | None, code: str, says: str, tmp_path: Path
) -> None:
    """And nothing is written."""
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(MldeployError) as raised:
        around(tmp_path / name, tmp_path / "new")
    assert raised.value.code == code
    assert says in raised.value.message + raised.value.hint
    assert raised.value.hint
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("text", "rows", "estimator"),
    [
        ("m.fit(X, y)", "(X, y)", "m"),
        ("m = Ridge(2).fit(df[COLS], df['y'])", "(df[COLS], df['y'])", "Ridge(2)"),
        ("p = m.fit(X, y=y, sample_weight=w).predict(Z)", "(X, y, w)", "m"),
        ("m.fit(y=y, X=X)\nscaler.fit(X)", "(X, y)", "m"),
        ("a.fit(X, y)\nb.fit(X, y)", "(X, y)", "b"),
        ("k = KMeans(3).fit(X)", "(X, None)", "KMeans(3)"),
    ],
)
def test_the_fit_is_the_last_one_with_a_target(
    text: str, rows: str, estimator: str, tmp_path: Path
) -> None:
    """A scaler that is fitted alone isn't the model; keywords count as positions do."""
    (tmp_path / "a.py").write_text(text)
    made = around(tmp_path / "a.py", tmp_path / "new")
    module = (made.path / "train.py").read_text()
    assert f"return {rows}, {estimator}\n" in module


def test_an_existing_train_module_is_not_replaced_by_a_scripts(tmp_path: Path) -> None:
    """The script stays, too."""
    (tmp_path / "train.py").write_text("m.fit(X, y)")
    with pytest.raises(MldeployError) as raised:
        around(tmp_path / "train.py", tmp_path)
    assert raised.value.code == "MLD123"
    assert (tmp_path / "train.py").read_text() == "m.fit(X, y)"


def test_python_in_a_cell_is_left_as_it_is() -> None:
    """A line that begins with a percent sign may be Python."""
    cell = "x = (7\n  % 4)"
    assert python_of(cell) == cell
    assert python_of("if x:\n  !ls\ny = 1") == "if x:\n  pass  # !ls\ny = 1"
    assert np.isclose(eval("(7\n % 4)"), 3)  # noqa: S307 - the constant above
