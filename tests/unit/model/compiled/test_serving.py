"""A model compiled in a training: what is served, what the image needs, and what if it can't be."""

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

from mldeploy.config.training import TrainingConfig
from mldeploy.errors import MldeployError
from mldeploy.model.bundle import Bundle
from mldeploy.model.compiled.explaining import compilation_of
from mldeploy.model.compiled.serving import Fit, compiled_too
from mldeploy.model.forms import forms_of, served
from tests.support.models import COMPILED, handler_of, project, task_of, trained

FLOWERS = """
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def data():
    return load_iris()


def estimator():
    return make_pipeline(StandardScaler(), LogisticRegression())
"""
UNKNOWN = (
    FLOWERS.replace("StandardScaler())", "Own())")
    .replace("make_pipeline(StandardScaler()", "make_pipeline(Own()")
    .replace(
        "\n\ndef data",
        '\n\nclass Own(StandardScaler):\n    """Anything may be in here."""\n\n\ndef data',
        1,
    )
)
GAPS = """
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def data():
    x = pd.DataFrame({"a": np.arange(80.0), "b": pd.array(range(80), dtype="TYPE")})
    x.loc[::9, "b"] = pd.NA
    return x, np.arange(80) % 2


def estimator():
    return make_pipeline(SimpleImputer(), LogisticRegression())
"""
ENCODER = """
import pandas as pd
from sklearn.preprocessing import OneHotEncoder


def data():
    towns, sizes = [f"town {n % 3}" for n in range(60)], [f"size {n % 2}" for n in range(60)]
    return pd.DataFrame({"town": towns, "size": sizes}), None


def estimator():
    return OneHotEncoder()
"""
AUTO = TrainingConfig(compile="auto")


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A compiled model."""
    return trained(project(tmp_path_factory.mktemp("flowers"), FLOWERS, COMPILED)).bundle


def names(bundle: Bundle) -> set[str]:
    """Return the names of a bundle's requirements."""
    return {line.partition("==")[0] for line in bundle.requirements}


def test_the_image_needs_numpy_alone(flowers: Bundle) -> None:
    """The fitted estimator stays in the bundle, and isn't part of the image's facts."""
    assert names(flowers) == {"numpy"}
    assert flowers.file == "model.safetensors"
    assert [one["file"] for one in forms_of(flowers.facts)] == [flowers.file, "model.joblib"]
    assert (flowers.path / "model.joblib").exists()
    inside = json.loads(flowers.image_facts())
    assert [one["file"] for one in forms_of(inside)] == [flowers.file]


def test_the_endpoint_predicts_as_the_estimator_does(flowers: Bundle, tmp_path: Path) -> None:
    """For rows that no proof has seen, with the estimator in plain Python as the truth."""
    handle = handler_of(task_of(flowers, tmp_path / "task"), "POST /predict")
    estimator = joblib.load(flowers.path / "model.joblib")
    rows = np.random.default_rng(7).uniform(0, 8, (40, 4))
    event: dict[str, Any] = {"instances": rows.tolist()}
    answers = handle(event, None)["predictions"]
    assert [one["class_label"] for one in answers] == estimator.predict(rows).tolist()
    found = [list(one["probabilities"].values()) for one in answers]
    assert found == estimator.predict_proba(rows).tolist()


def test_golden_examples_include_rows_unlike_training(flowers: Bundle) -> None:
    """So that an image is checked with them on its own processor and BLAS."""
    few = 20
    assert len(flowers.golden["inputs"]) > few
    assert len(flowers.golden["inputs"]) == len(flowers.golden["predictions"])


def test_a_class_of_the_users_is_served_fitted(tmp_path: Path) -> None:
    """A subclass may do anything; the reason names the step."""
    config = project(tmp_path, UNKNOWN, AUTO)
    bundle = trained(config).bundle
    assert served(bundle.facts)["framework"] == "sklearn"
    assert "scikit-learn" in names(bundle)
    found = compilation_of(bundle, tmp_path, print, explain=True)
    assert not found.compiled
    assert found.reason == "own: Own: this class isn't known"
    assert [(one.path, bool(one.reason)) for one in found.steps] == [
        ("", False),
        ("own", True),
        ("logisticregression", False),
    ]


def test_a_model_that_must_be_compiled_fails_otherwise(tmp_path: Path) -> None:
    """`compile = "require"`; no bundle is written."""
    with pytest.raises(MldeployError, match="this class isn't known") as caught:
        trained(project(tmp_path, UNKNOWN, COMPILED))
    assert caught.value.code == "MLD227"
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("dtype", ["Int64", "UInt8", "boolean"])
def test_gaps_among_pandas_own_integers_are_served_fitted(tmp_path: Path, dtype: str) -> None:
    """The rows of the comparison can't vary them; training goes on."""
    code = GAPS.replace("range(80), dtype", "[n % 2 == 0 for n in range(80)], dtype")
    code = code if dtype == "boolean" else GAPS
    bundle = trained(project(tmp_path, code.replace("TYPE", dtype), AUTO)).bundle
    assert bundle.file == "model.joblib"
    reason = compilation_of(bundle, tmp_path, print, explain=False).reason
    assert reason == f"column 'b' is {dtype} with missing values"


def test_a_mistake_of_ours_stops_no_training(tmp_path: Path) -> None:
    """Whatever compiling raises, the estimator is served and the reason is told."""

    class Broken:
        def __len__(self) -> int:
            raise ZeroDivisionError("a mistake")

    facts: dict[str, Any] = {
        "signature": {"features": [], "task": "transform", "input": "array"},
        "model": {},
    }
    fit = Fit(StandardScaler().fit([[1.0], [2.0]]), Broken())
    found = compiled_too(fit, facts, tmp_path, "auto", lambda _event: None)
    assert found["compilation"] == {"reason": "ZeroDivisionError: a mistake"}


def test_a_sparse_table_is_served_compiled(tmp_path: Path) -> None:
    """An encoder alone: the endpoint gives the columns that scikit-learn gives."""
    bundle = trained(project(tmp_path / "p", ENCODER, COMPILED)).bundle
    handle = handler_of(task_of(bundle, tmp_path / "task"), "POST /predict")
    row = {"town": "town 2", "size": "size 0"}
    found = handle({"instances": [row]}, None)["predictions"][0]
    expected = joblib.load(bundle.path / "model.joblib").transform(pd.DataFrame([row]))
    (values,) = found.values()
    assert list(values.values()) == expected.toarray()[0].tolist()


def test_it_can_be_off(tmp_path: Path) -> None:
    """Nothing is tried then."""
    bundle = trained(project(tmp_path, FLOWERS, TrainingConfig(compile="off"))).bundle
    assert bundle.file == "model.joblib"
    found = compilation_of(bundle, tmp_path, print, explain=False)
    assert found.reason == "it was off when the model was trained"
