"""`mldeploy.save`: in a real kernel of Jupyter, and as a library; the bundle is that of `train`."""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from mldeploy.model.bundle import Bundle, load_bundle
from tests.support.models import FRAME, bundle_of
from tests.support.served import payload, serving
from tests.support.wheel_index import index_of_all

HELPERS = """
from sklearn.base import BaseEstimator, TransformerMixin


class Halved(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X / 2

    def __sklearn_is_fitted__(self):
        return True
"""
FITTED = """
import json
from pathlib import Path
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
import mldeploy
from helpers import Halved

X, y = load_wine(as_frame=True, return_X_y=True)
X = X[["alcohol", "hue", "proline"]]
pipeline = make_pipeline(Halved(), StandardScaler(), LogisticRegression(C=0.3))
pipeline.fit(X[:170], y[:170])
"""
SAVED = """
saved = mldeploy.save(pipeline, X, y, name="wine", class_names=["a", "b", "c"])
saved
"""
TOLD = """
Path("told.json").write_text(json.dumps({
    "rows": X.values.tolist(),
    "probabilities": pipeline.predict_proba(X).tolist(),
    "digest": saved.digest,
    "bundle": str(saved.bundle),
}))
"""
OWN_CLASS = """
class Mine(Halved):
    pass


mldeploy.save(make_pipeline(Mine(), LogisticRegression()), X, y, name="mine")
"""


@pytest.fixture(scope="module")
def surroundings() -> dict[str, str]:
    """The variables of a process that trains without an index elsewhere."""
    own = {
        "MLDEPLOY_IMAGE__INDEX_URL": index_of_all(),
        "MLDEPLOY_TRAINING__COMPILE": "off",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    kept = {name: one for name, one in os.environ.items() if not name.startswith("MLDEPLOY_")}
    return {**kept, **own}


@pytest.fixture(scope="module")
def notebook(
    tmp_path_factory: pytest.TempPathFactory, surroundings: dict[str, str]
) -> tuple[Path, list[Any]]:
    """Run a notebook in a kernel; give its folder and its cells with their outputs."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "helpers.py").write_text(HELPERS)
    book = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    sources = (FITTED, SAVED, TOLD, OWN_CLASS)
    book.cells = [nbformat.v4.new_code_cell(one) for one in sources]  # type: ignore[no-untyped-call]
    book.cells[-1].metadata["tags"] = ["raises-exception"]
    # Sockets in a folder of its own, instead of ports that any user of the machine may connect to.
    sockets = tempfile.mkdtemp(prefix="kernel")
    kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets}/socket")
    place = {"metadata": {"path": str(folder)}}
    client = NotebookClient(book, km=kernel, timeout=300, resources=place)
    client.execute(env=surroundings)
    shutil.rmtree(sockets)
    return folder, book.cells


def text_of(cell: Any) -> str:
    """Return what a cell shows."""
    return "\n".join(
        str(one.get("text", "")) + "\n".join(one.get("traceback", [])) for one in cell.outputs
    )


def test_the_endpoint_says_what_the_notebooks_pipeline_says(
    notebook: tuple[Path, list[Any]],
) -> None:
    """To the last bit, with a class of a module beside the notebook; `serve` needs no more."""
    folder, _ = notebook
    told = json.loads((folder / "told.json").read_text())
    bundle = load_bundle(Path(told["bundle"]))
    assert bundle.path == folder / "wine" / "model"
    assert list(bundle.code) == ["helpers.py"]
    with serving(folder / "wine", "--port", "0") as served:
        answer = payload(served.ask("/predict", {"instances": told["rows"]}))
    found = [list(one["probabilities"].values()) for one in answer["predictions"]]
    assert found == told["probabilities"]
    assert list(answer["predictions"][0]["probabilities"]) == ["a", "b", "c"]


def test_a_notebook_shows_the_steps_and_the_metrics(notebook: tuple[Path, list[Any]]) -> None:
    """As plain lines, none in red; the result is short. The metrics are those of folds."""
    _, cells = notebook
    outputs = cells[1].outputs
    assert {one.get("name") for one in outputs if one.output_type == "stream"} == {"stdout"}
    text = text_of(cells[1])
    assert "✓ compare the endpoint with the estimator" in text
    assert "held out" not in text
    assert "mldeploy serve" in text
    (result,) = [one for one in outputs if one.output_type == "execute_result"]
    assert result["data"]["text/plain"].startswith("Saved(project=")


def test_a_class_of_the_notebook_itself_is_refused(notebook: tuple[Path, list[Any]]) -> None:
    """The traceback shows the code and the next step."""
    folder, cells = notebook
    text = text_of(cells[-1])
    assert "Mine" in text
    assert "from helpers import Mine" in text
    assert "MLD218" in text
    assert not (folder / "mine" / "model").exists()


UNFITTED = """
import sys
sys.path.insert(0, sys.argv[1])
import mldeploy
from train import data, estimator
saved = mldeploy.save(estimator(), *data(), name="frame", quiet=True)
again = mldeploy.save(estimator().fit(*data()), *data(), name="frame", refit=True)
print(saved.digest, again.digest)
"""


def test_an_unfitted_estimators_bundle_is_that_of_train(
    tmp_path: Path, surroundings: dict[str, str]
) -> None:
    """All that is measured and proven; also if it was fitted and is to be fitted anew."""
    expected = bundle_of(FRAME)
    (tmp_path / "train.py").write_text(FRAME)
    done = subprocess.run(
        [sys.executable, "-c", UNFITTED, str(tmp_path)],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("✓ ask the estimator") == 1  # the first is quiet
    found = load_bundle(tmp_path / "frame" / "model")
    assert done.stdout.split()[1] == found.digest
    assert alike(found) == alike(expected)
    kept = names(expected.path) - {"model.json", "model.joblib"} - REPORTS
    assert kept <= names(found.path)
    assert {"model.joblib", "report.html"} <= names(found.path)
    for name in kept:
        assert (found.path / name).read_bytes() == (expected.path / name).read_bytes()


def alike(bundle: Bundle) -> dict[str, Any]:
    """Return the facts without the time, and without the bytes of the pickle.

    Texts of an estimator that went from one process to another are other objects, which a pickle
    may hold once or twice.
    """
    facts = copy.deepcopy({**bundle.facts, "provenance": 0})
    for form in facts["model"]["forms"]:
        del form["bytes"], form["sha256"]
    return facts


REPORTS = {"report.json", "report.html"}
"""Which have the time in them, and the digest."""


def names(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


LIGHT = """
import sys, mldeploy
assert "save" in dir(mldeploy) and mldeploy.__version__
heavy = ("numpy", "sklearn", "rich", "pydantic", "mldeploy.cli.library")
print([name for name in heavy if name in sys.modules])
"""


def test_the_import_is_light() -> None:
    """The library's door opens when it is used; a name that isn't there is an AttributeError."""
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
    import mldeploy

    with pytest.raises(AttributeError, match="nothing_of_it"):
        mldeploy.nothing_of_it  # type: ignore[attr-defined]  # noqa: B018
