"""One table of what estimators return, and of the predictions that the endpoint makes of it.

`mldeploy.model.proof` and `image_template/endpoint` make predictions with code of their own and
share none; the cases hold both to docs/requests.md.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse


class Estimator:
    """An estimator whose methods return the same values for any rows.

    Args:
        predict: what `predict` returns.
        methods: what the other methods return, by name.
    """

    def __init__(self, predict: Any, **methods: Any) -> None:
        self._predict = predict
        for name, values in methods.items():
            setattr(self, name, lambda _x, values=values: values)

    def predict(self, x: Any) -> Any:
        """Return the values, or the result of a function of the rows."""
        return self._predict(x) if callable(self._predict) else self._predict


class Shape(NamedTuple):
    """A case.

    Attributes:
        signature: task, classes and outputs.
        estimator: returns values for `len(answers)` rows.
        method: the method for scores, or "".
        answers: the predictions of the rows.
        plain: the values that MLflow's formats and V2's `predict` have.
    """

    signature: dict[str, Any]
    estimator: Estimator
    method: str
    answers: list[dict[str, Any]]
    plain: list[Any]


def label(value: Any, name: str, **scores: Any) -> dict[str, Any]:
    """Return the prediction of a class."""
    return {"class_label": value, "class_name": name, **scores}


REGRESSION = {"task": "regression"}
CLASSES = {"task": "classification", "classes": [0, 1], "class_names": ["no", "yes"]}
THREE = {
    "task": "classification",
    "classes": ["a", "b", "c"],
    "class_names": ["a", "b", "c"],
    "decision_names": ["a", "b", "c"],
}
PAIRS = {**THREE, "decision_names": ["a or b", "a or c", "b or c"]}
TWO_OUTPUTS = {
    "task": "classification",
    "outputs": [
        {"name": "a", "classes": [0, 1], "class_names": ["0", "1"]},
        {"name": "b", "classes": [0, 1], "class_names": ["no", "yes"]},
    ],
}
MIXED_OUTPUTS = {
    "task": "classification",
    "outputs": [
        {"name": "heat", "classes": [0, 1], "class_names": ["cold", "hot"]},
        {"name": "sign", "classes": ["+", "-"], "class_names": ["plus", "minus"]},
    ],
}
SIZES = {"task": "regression", "outputs": [{"name": "w"}, {"name": "h"}]}
_VALUES = [{"value": 1.0}, {"value": 2.0}]
_SCORES = {"no": 0.25, "yes": 0.75}

SHAPES: dict[str, Shape] = {
    "an array": Shape(REGRESSION, Estimator(np.array([1.0, 2.0])), "", _VALUES, [1.0, 2.0]),
    "a column": Shape(REGRESSION, Estimator(np.array([[1.0], [2.0]])), "", _VALUES, [1.0, 2.0]),
    "a list": Shape(REGRESSION, Estimator([1.0, 2.0]), "", _VALUES, [1.0, 2.0]),
    "a Series": Shape(
        REGRESSION, Estimator(pd.Series([1.0, 2.0], index=[7, 8])), "", _VALUES, [1.0, 2.0]
    ),
    "a DataFrame": Shape(
        REGRESSION, Estimator(pd.DataFrame({"y": [1.0, 2.0]})), "", _VALUES, [1.0, 2.0]
    ),
    "a sparse column": Shape(
        REGRESSION, Estimator(sparse.csr_matrix([[1.0], [2.0]])), "", _VALUES, [1.0, 2.0]
    ),
    "a scalar for one row": Shape(
        REGRESSION, Estimator(np.float64(1.5)), "", [{"value": 1.5}], [1.5]
    ),
    "no finite number": Shape(
        REGRESSION,
        Estimator(np.array([np.nan, np.inf])),
        "",
        [{"value": None}, {"value": None}],
        [None, None],
    ),
    "32-bit floats": Shape(
        REGRESSION,
        Estimator(np.array([0.1], dtype="float32")),
        "",
        [{"value": 0.10000000149011612}],
        [0.10000000149011612],
    ),
    "several values": Shape(
        SIZES,
        Estimator(np.array([[1.0, 2.0]])),
        "",
        [{"values": {"w": 1.0, "h": 2.0}}],
        [[1.0, 2.0]],
    ),
    "values without names": Shape(
        {"task": "other"},
        Estimator(np.array([[1.0, 2.0]])),
        "",
        [{"value": [1.0, 2.0]}],
        [[1.0, 2.0]],
    ),
    "a transformer": Shape(
        {"task": "transform", "outputs": [{"name": "pca0"}, {"name": "pca1"}]},
        Estimator(None, transform=np.array([[0.5, -0.5]])),
        "",
        [{"values": {"pca0": 0.5, "pca1": -0.5}}],
        [[0.5, -0.5]],
    ),
    "clusters": Shape({"task": "clustering"}, Estimator(np.array([3])), "", [{"cluster": 3}], [3]),
    "outliers": Shape(
        {"task": "outliers"},
        Estimator(np.array([-1, 1]), decision_function=np.array([-0.5, 0.5])),
        "decision_function",
        [{"outlier": True, "score": -0.5}, {"outlier": False, "score": 0.5}],
        [-1, 1],
    ),
    "outliers without a score": Shape(
        {"task": "outliers"}, Estimator([-1]), "", [{"outlier": True}], [-1]
    ),
    "labels alone": Shape(CLASSES, Estimator(np.array([1])), "", [label(1, "yes")], [1]),
    "boolean labels": Shape(
        {**CLASSES, "classes": [False, True]},
        Estimator(np.array([True])),
        "",
        [label(value=True, name="yes")],
        [True],
    ),
    "probabilities": Shape(
        CLASSES,
        Estimator(np.array([1]), predict_proba=np.array([[0.25, 0.75]])),
        "predict_proba",
        [label(1, "yes", probabilities=_SCORES)],
        [1],
    ),
    "decision values of two classes": Shape(
        {**CLASSES, "decision_names": ["yes"]},
        Estimator(np.array([1]), decision_function=np.array([2.0])),
        "decision_function",
        [label(1, "yes", decision_values={"yes": 2.0})],
        [1],
    ),
    "decision values of three classes": Shape(
        THREE,
        Estimator(np.array(["b"]), decision_function=np.array([[0.0, 2.0, -1.0]])),
        "decision_function",
        [label("b", "b", decision_values={"a": 0.0, "b": 2.0, "c": -1.0})],
        ["b"],
    ),
    "decision values of pairs": Shape(
        PAIRS,
        Estimator(np.array(["b"]), decision_function=np.array([[0.0, 2.0, -1.0]])),
        "decision_function",
        [label("b", "b", decision_values={"a or b": 0.0, "a or c": 2.0, "b or c": -1.0})],
        ["b"],
    ),
    "several outputs, a score for each": Shape(
        TWO_OUTPUTS,
        Estimator(np.array([[1, 0]]), predict_proba=np.array([[0.75, 0.5]])),
        "predict_proba",
        [
            {
                "outputs": {
                    "a": label(1, "1", probabilities={"1": 0.75}),
                    "b": label(0, "no", probabilities={"yes": 0.5}),
                }
            }
        ],
        [[1, 0]],
    ),
    "several outputs, scores for each class": Shape(
        TWO_OUTPUTS,
        Estimator(
            np.array([[1, 0]]), predict_proba=[np.array([[0.25, 0.75]]), np.array([[0.5, 0.5]])]
        ),
        "predict_proba",
        [
            {
                "outputs": {
                    "a": label(1, "1", probabilities={"0": 0.25, "1": 0.75}),
                    "b": label(0, "no", probabilities={"no": 0.5, "yes": 0.5}),
                }
            }
        ],
        [[1, 0]],
    ),
    "several outputs of different types": Shape(
        MIXED_OUTPUTS,
        Estimator(np.array([[1, "+"], [0, "-"]], dtype=object)),
        "",
        [
            {"outputs": {"heat": label(1, "hot"), "sign": label("+", "plus")}},
            {"outputs": {"heat": label(0, "cold"), "sign": label("-", "minus")}},
        ],
        [[1, "+"], [0, "-"]],
    ),
}

WRONG_COUNTS: dict[str, Any] = {
    "two values": np.array([1.0, 2.0]),
    "a scalar": np.float64(3),
    "nothing": [],
    "four rows": np.zeros((4, 2)),
}
"""What no side takes as predictions of three rows."""

TIES: list[tuple[list[float], bool]] = [
    ([0.5, 0.5], True),
    ([0.5, 0.5 - 5e-10], True),
    ([0.5, 0.5 - 5e-9], False),
    ([0.4, 0.2, 0.4 - 1e-12], True),
    ([0.2, 0.2, 0.6], False),
]
"""(the probabilities of a row, whether the estimator's label may be any of the largest)."""
