"""Bugs sown into the endpoint: training's own proof has to find each, and nothing without them."""

import shutil
from pathlib import Path

import pytest

from mldeploy.files.shipped import shipped
from mldeploy.model.forms import FORMAT
from mldeploy.model.proof import replay
from tests.support.models import failure, project, trained

BYTES = """
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from wrapped import doubled

def data():
    x = np.arange(240).reshape(120, 2).astype("uint8")
    return x, x[:, 0] * 2.0

def estimator():
    return make_pipeline(FunctionTransformer(doubled), Ridge())
"""
DOUBLED = "def doubled(X):\n    return (X * 2).astype(float)\n"  # 200 * 2 is 144 in a byte
CAREFUL = """
import numpy as np
from careful import Careful

def data():
    x = np.random.default_rng(0).normal(size=(120, 2))
    return x, (x[:, 0] > 0).astype(int)

def estimator():
    return Careful()
"""
CLASS = """
from sklearn.linear_model import LogisticRegression

class Careful(LogisticRegression):
    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.8).astype(int)]
"""
FRAMEWORKS = "endpoint/frameworks/"


@pytest.mark.parametrize(
    ("train", "module", "file", "sound", "sown", "says"),
    [
        (BYTES, ("wrapped.py", DOUBLED), "tables.py",
         'np.dtype(features[0].get("storage", "float64"))', 'np.dtype("float64")', "dtype lost"),
        (CAREFUL, ("careful.py", CLASS), "estimators.py",
         'if labels == "probabilities":', 'if method == "predict_proba":', "class_label"),
        (CAREFUL, ("careful.py", CLASS), "estimators.py",
         "self._answers(self._table(rows), len(rows))",
         "self._answers(self._table(rows[:1]), 1) * len(rows)", "expected"),
        (CAREFUL, ("careful.py", CLASS), "classes.py",
         "return map(dict, map(zip, repeat(self._names), plain(scores)))",
         "return map(dict, map(zip, repeat(self._names[::-1]), plain(scores)))", "probabilities"),
    ],
    ids=["dtype dropped", "label shortcut widened", "one row for all", "classes in another order"],
)  # fmt: skip
def test_a_bug_in_the_endpoint_ends_the_training(  # noqa: PLR0917
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    train: str,
    module: tuple[str, str],
    file: str,
    sound: str,
    sown: str,
    says: str,
) -> None:
    """The golden answers can't hide it: they are the estimator's."""
    root, template = tmp_path / "project", tmp_path / "template"
    root.mkdir()
    (root / module[0]).write_text(module[1])
    assert trained(project(root, train)).bundle.facts["format"] == FORMAT
    shutil.rmtree(root / "model")
    shutil.copytree(shipped("image_template"), template)
    place = template / FRAMEWORKS / file
    text = place.read_text()
    assert text.count(sound) == 1
    place.write_text(text.replace(sound, sown))
    monkeypatch.setattr(replay, "shipped", lambda _name: template)
    error = failure(root, train)
    assert error.code == "MLD222"
    assert says in error.message + error.hint
