"""Answers of estimators in all the shapes that libraries give."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mldeploy.errors import MldeployError
from mldeploy.model.proof.answers import answers_of
from mldeploy.model.proof.outputs import Outputs, ask, one_by_one

X = np.arange(6.0).reshape(3, 2)


class Says:
    """An estimator whose methods return what they are given."""

    def __init__(self, predict: Any, **methods: Any) -> None:
        self._predict = predict
        for name, found in methods.items():
            setattr(self, name, lambda _x, found=found: found)

    def predict(self, x: Any) -> Any:
        """Return the answer, or what a function makes of the rows."""
        return self._predict(x) if callable(self._predict) else self._predict


@pytest.mark.parametrize(
    "found",
    [
        np.array([1.0, 2.0, 3.0]),
        np.array([[1.0], [2.0], [3.0]]),
        [1.0, 2.0, 3.0],
        [[1.0], [2.0], [3.0]],
        pd.Series([1.0, 2.0, 3.0], index=[7, 8, 9]),
        pd.DataFrame({"y": [1.0, 2.0, 3.0]}),
        sparse.csr_matrix([[1.0], [2.0], [3.0]]),
    ],
)
def test_one_column_is_one_value_per_row(found: Any) -> None:
    """Arrays, lists, pandas, sparse: three rows get three values."""
    assert ask(Says(found), X, "regression").answers.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("found", [np.array([1.0, 2.0]), np.float64(3), [], np.zeros((4, 2))])
def test_not_one_answer_per_row_is_refused(found: Any) -> None:
    """A row filter or a mean over all rows can't be served."""
    with pytest.raises(MldeployError, match="for 3 rows") as raised:
        ask(Says(found), X, "regression")
    assert raised.value.code == "MLD224"


def test_one_row_alone_may_come_without_its_dimension() -> None:
    """A scalar for one row is its value; a list of values for one row is its row."""
    one = X[:1]
    assert ask(Says(np.float64(3)), one, "regression").answers.tolist() == [3.0]
    assert ask(Says(np.array([1.0, 2.0])), one, "regression").answers.tolist() == [[1.0, 2.0]]


def test_the_method_that_works_says_more() -> None:
    """A predict_proba that exists and can't be called is no method."""

    def cannot(_x: Any) -> Any:
        raise AttributeError("probability is False")

    estimator = Says([0, 1, 0])
    estimator.predict_proba = cannot  # type: ignore[attr-defined]
    estimator.decision_function = lambda _x: [-1.0, 1.0, -2.0]  # type: ignore[attr-defined]
    found = ask(estimator, X, "classification")
    assert (found.method, found.scores.tolist()) == ("decision_function", [-1.0, 1.0, -2.0])


def test_a_row_that_fails_alone_is_named() -> None:
    """A model that needs two rows works in a batch and for no client."""

    def needs_two(x: Any) -> Any:
        if len(x) < 2:
            raise ValueError("a variance needs two rows")
        return x[:, 0]

    with pytest.raises(MldeployError, match="a variance needs two rows") as raised:
        one_by_one(Says(needs_two), X, "regression", "", lambda _count: False)
    assert raised.value.code == "MLD224"


CLASSES = {"task": "classification", "classes": [0, 1], "class_names": ["no", "yes"]}
TWO = {
    "task": "classification",
    "outputs": [{"name": "a", "classes": [0, 1], "class_names": ["0", "1"]}],
}


@pytest.mark.parametrize(
    ("found", "signature", "answer"),
    [
        (Outputs(np.array([1.5])), {"task": "regression"}, {"value": 1.5}),
        (Outputs(np.array([np.nan])), {"task": "regression"}, {"value": None}),
        (Outputs(np.array([3])), {"task": "clustering"}, {"cluster": 3}),
        (Outputs(np.array([-1]), np.array([-0.5]), "decision_function"), {"task": "outliers"},
         {"outlier": True, "score": -0.5}),
        (Outputs(np.array([1])), CLASSES, {"class_label": 1, "class_name": "yes"}),
        (Outputs(np.array([1]), np.array([[0.25, 0.75]]), "predict_proba"), CLASSES,
         {"class_label": 1, "class_name": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}),
        (Outputs(np.array([1]), np.array([2.0]), "decision_function"),
         {**CLASSES, "decision_names": ["yes"]},
         {"class_label": 1, "class_name": "yes", "decision_values": {"yes": 2.0}}),
        (Outputs(np.array([[1]]), np.array([[0.75]]), "predict_proba"), TWO,
         {"outputs": {"a": {"class_label": 1, "class_name": "1", "probabilities": {"1": 0.75}}}}),
        (Outputs(np.array([[1]]), [np.array([[0.25, 0.75]])], "predict_proba"), TWO,
         {"outputs": {"a": {"class_label": 1, "class_name": "1",
                            "probabilities": {"0": 0.25, "1": 0.75}}}}),
        (Outputs(np.array([[1.0, 2.0]])),
         {"task": "regression", "outputs": [{"name": "w"}, {"name": "h"}]},
         {"values": {"w": 1.0, "h": 2.0}}),
        (Outputs(np.array([[1.0, 2.0]])), {"task": "other"}, {"value": [1.0, 2.0]}),
    ],
)  # fmt: skip
def test_answers_are_as_the_requests_page_says(
    found: Outputs, signature: dict[str, Any], answer: dict[str, Any]
) -> None:
    """Each task's answer has its form, made of the estimator's own values."""
    assert answers_of(found, signature) == [answer]


def test_what_json_cant_carry_is_refused() -> None:
    """A date that a model predicts would end every request with 500."""
    found = Outputs(np.array([np.datetime64("2026-01-01")]))
    with pytest.raises(MldeployError, match="which JSON can't represent") as raised:
        answers_of(found, {"task": "other"})
    assert raised.value.code == "MLD214"
