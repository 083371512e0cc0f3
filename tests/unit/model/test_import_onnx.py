"""What an ONNX graph answers is what scikit-learn's own model says, as its outputs show."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.svm import SVC, LinearSVC, OneClassSVM

from mldeploy.errors import MldeployError
from tests.support.imports import Imported, import_file

IRIS = load_iris()
X = IRIS.data.astype(np.float32)
SPECIES = np.array(["a", "b", "c"])[IRIS.target]
SIDES = np.where(IRIS.target == 0, -1, 1)
CSV = pd.DataFrame(X.astype(float), columns=list("abcd")).to_csv(index=False)


def converted(model: Any, **options: Any) -> bytes:
    """Return a model as an ONNX file."""
    import skl2onnx

    target = {"": 18, "ai.onnx.ml": 3}
    found: bytes = skl2onnx.to_onnx(
        model, X[:1], target_opset=target, **options
    ).SerializeToString()
    return found


def inputs(found: Imported) -> Any:
    """Return the rows of the truth as training had them."""
    return np.array(found.facts["truth"]["inputs"], dtype=np.float32)


@pytest.mark.parametrize("clusters", [2, 3])
@pytest.mark.parametrize("example", [CSV, None], ids=["example", "made"])
def test_a_clusterer_is_no_classifier(tmp_path: Path, clusters: int, example: str | None) -> None:
    """Its scores are distances: the label is the nearest centre."""
    model = KMeans(clusters, n_init=1, random_state=0).fit(X)
    found = import_file(tmp_path, converted(model), example)
    assert found.facts["signature"]["task"] == "clustering"
    assert found.truth == [{"cluster": int(one)} for one in model.predict(inputs(found))]
    assert found.served() == found.truth


@pytest.mark.parametrize(
    "detector", [IsolationForest(n_estimators=5, random_state=0), OneClassSVM()]
)
def test_a_detector_of_outliers_says_them_and_its_score(tmp_path: Path, detector: Any) -> None:
    """The labels -1 and 1 are the sign of one score."""
    model = detector.fit(X)
    found = import_file(tmp_path, converted(model), CSV)
    assert found.facts["signature"]["task"] == "outliers"
    x = inputs(found)
    assert [one["outlier"] for one in found.truth] == (model.predict(x) == -1).tolist()
    scores = [one["score"] for one in found.truth]
    assert scores == pytest.approx(model.decision_function(x).tolist(), abs=1e-4)
    assert found.served() == found.truth


@pytest.mark.parametrize(
    ("classifier", "y"),
    [
        (LinearSVC(), IRIS.target),
        (LinearSVC(), SPECIES),
        (LinearSVC(), SIDES),
        (RidgeClassifier(), SPECIES),
        (SVC(), IRIS.target),
    ],
    ids=["numbers", "texts", "two", "ridge", "maps"],
)
def test_a_classifier_without_probabilities_has_decision_values(
    tmp_path: Path, classifier: Any, y: Any
) -> None:
    """Scores that aren't shares of 1 aren't called probabilities; -1 and 1 may be classes."""
    model = classifier.fit(X, y)
    found = import_file(tmp_path, converted(model), CSV)
    assert found.facts["signature"]["task"] == "classification"
    assert [one["class_label"] for one in found.truth] == model.predict(inputs(found)).tolist()
    values = [list(one["decision_values"].values()) for one in found.truth]
    expected = model.decision_function(inputs(found)).reshape(len(values), -1)
    assert np.allclose(values, expected, atol=1e-3)
    assert "probabilities" not in found.truth[0]
    assert found.served() == found.truth


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("y", [IRIS.target, SPECIES], ids=["numbers", "texts"])
def test_probabilities_are_named_by_their_classes(tmp_path: Path, y: Any, *, zipmap: bool) -> None:
    """Maps name the classes themselves, a tensor's columns follow from the labels."""
    model = LogisticRegression(max_iter=500).fit(X, y)
    found = import_file(tmp_path, converted(model, options={"zipmap": zipmap}), CSV)
    x = inputs(found)
    for answer, row in zip(found.truth, model.predict_proba(x).tolist(), strict=True):
        named = dict(zip(map(str, model.classes_), row, strict=True))
        assert answer["probabilities"] == pytest.approx(named, abs=1e-5)
    assert found.served() == found.truth


def test_a_row_alone_is_one_answer(tmp_path: Path) -> None:
    """One value, several values and an outlier of one row are one answer each."""
    models = [
        LinearRegression().fit(X, IRIS.target),
        LinearRegression().fit(X, X[:, :2]),
        IsolationForest(n_estimators=5, random_state=0).fit(X),
    ]
    for number, model in enumerate(models):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = import_file(folder, converted(model), CSV)
        assert len(found.answers([X[0].tolist()])) == 1
        assert found.served() == found.truth


def test_whole_numbers_booleans_and_texts_stay_exact(tmp_path: Path) -> None:
    """A graph of one tensor per column gets what its types hold, beyond 2**53 too."""
    graph = identity({"i": "INT64", "b": "BOOL", "s": "STRING", "u": "UINT8"})
    rows = f"s,i,b,u\n007,{2**53 + 1},true,255\nNA,{-(2**62)},false,0\n"
    found = import_file(tmp_path, graph, rows)
    assert [one["class_label"] for one in found.truth] == [2**53 + 1, -(2**62)]
    assert found.facts["truth"]["inputs"][0] == [2**53 + 1, True, "007", 255]
    assert found.served() == found.truth
    again = tmp_path / "again"
    again.mkdir()
    with pytest.raises(MldeployError, match="'u' contains '256'"):
        import_file(again, graph, rows.replace("255", "256"))


def identity(inputs: dict[str, str], *, rows: int | None = None) -> bytes:
    """Return a graph that gives its first input, as a value per row."""
    from onnx import TensorProto, helper

    first = next(iter(inputs))
    given = [
        helper.make_tensor_value_info(name, getattr(TensorProto, kind), [rows, 1])
        for name, kind in inputs.items()
    ]
    out = helper.make_tensor_value_info("y", getattr(TensorProto, inputs[first]), [rows, 1])
    nodes = [helper.make_node("Identity", [first], ["y"])]
    graph = helper.make_graph(nodes, "g", given, [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    found: bytes = model.SerializeToString()
    return found


def test_a_graph_of_one_row_answers_many(tmp_path: Path) -> None:
    """Exported for one row, it is asked once per row; for three, it is refused."""
    found = import_file(tmp_path, identity({"x": "FLOAT"}, rows=1), "x\n1\n2\n3\n")
    assert [one["value"] for one in found.truth] == [1.0, 2.0, 3.0]
    assert found.served() == found.truth
    again = tmp_path / "again"
    again.mkdir()
    with pytest.raises(MldeployError, match="exactly 3 rows"):
        import_file(again, identity({"x": "FLOAT"}, rows=3), "x\n1\n2\n3\n")
