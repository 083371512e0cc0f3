"""Metrics of answers in every shape, and the reasons where there are none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer

from mldeploy.model.measures.measuring import measure

IRIS = load_iris(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)


@pytest.mark.parametrize(
    ("make", "data", "scorers"),
    [
        (LogisticRegression, (CANCER[0][:, :3], CANCER[1]), {
            "accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy",
            "f1_macro": "f1_macro", "roc_auc": "roc_auc", "log_loss": "neg_log_loss",
            "brier": "neg_brier_score",
        }),
        (lambda: LogisticRegression(max_iter=1000), (IRIS[0], np.array(["c", "a", "b"])[IRIS[1]]), {
            "accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy",
            "f1_macro": "f1_macro", "roc_auc": "roc_auc_ovr", "log_loss": "neg_log_loss",
        }),
        (lambda: LogisticRegression(max_iter=1000), (CANCER[0][:, :3], CANCER[1] == 1), {
            "roc_auc": "roc_auc", "f1_macro": "f1_macro",
        }),
        (Ridge, DIABETES, {
            "r2": "r2", "mae": "neg_mean_absolute_error",
            "rmse": "neg_root_mean_squared_error", "mape": "neg_mean_absolute_percentage_error",
        }),
        (Ridge, (DIABETES[0], np.column_stack([DIABETES[1], DIABETES[1] ** 2])), {
            "r2": "r2", "rmse": "neg_root_mean_squared_error",
        }),
    ],
    ids=["binary", "texts", "booleans", "regression", "two outputs"],
)  # fmt: skip
def test_metrics_are_those_of_scikit_learn(
    make: Callable[[], Any], data: Any, scorers: dict[str, str]
) -> None:
    """Each is what scikit-learn's own scorer says, with an error's sign turned round."""
    x, y = data
    fitted = make().fit(x[::2], y[::2])
    task = "regression" if "r2" in scorers else "classification"
    found = measure(fitted, x[1::2], y[1::2], task)
    assert not found.reasons
    for name, scorer in scorers.items():
        assert found.metrics[name] == pytest.approx(
            abs(get_scorer(scorer)(fitted, x[1::2], y[1::2])), rel=1e-9
        ), name


def test_predict_is_called_once_for_all_metrics() -> None:
    """A slow model isn't asked once per metric."""
    calls: list[str] = []

    class Counted(LogisticRegression):  # type: ignore[misc]
        def predict(self, x: Any) -> Any:
            calls.append("predict")
            return np.asarray(self.classes_)[super().predict_proba(x).argmax(axis=1)]

        def predict_proba(self, x: Any) -> Any:
            calls.append("predict_proba")
            return super().predict_proba(x)

    x, y = IRIS
    fitted = Counted(max_iter=1000).fit(x, y)
    calls.clear()
    measure(fitted, x, y, "classification")
    assert calls == ["predict", "predict_proba"]


class Answering(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose answers are given."""

    def __init__(self, labels: Any, shares: Any, classes: Any) -> None:
        self.labels, self.shares, self.classes_ = labels, shares, classes

    def predict(self, _x: Any) -> Any:
        return self.labels

    def predict_proba(self, _x: Any) -> Any:
        return self.shares


def shapes() -> list[Any]:
    import pandas as pd
    from scipy.sparse import csr_matrix

    one, labels = np.array([[0.8, 0.2], [0.3, 0.7]] * 5), np.array([0, 1] * 5)
    two = np.column_stack([labels, 1 - labels])
    flipped = one[:, ::-1]
    param = pytest.param
    return [
        param(labels, labels, one, np.array([0, 1]), id="plain"),
        param(labels, labels[:, None], one, np.array([0, 1]), id="column"),
        param(labels, labels.tolist(), one.tolist(), [0, 1], id="lists"),
        param(labels, pd.DataFrame(labels), pd.DataFrame(one), np.array([0, 1]), id="frames"),
        param(labels, labels, flipped, np.array([1, 0]), id="classes in another order"),
        param(labels, labels, np.hstack([one, one * 0]), np.arange(4), id="absent classes"),
        param(two, two, [one, flipped], [np.array([0, 1])] * 2, id="list of arrays"),
        param(two, csr_matrix(two), np.column_stack([one[:, 1], one[:, 0]]), np.array([0, 1]),
              id="multilabel, sparse"),
    ]  # fmt: skip


@pytest.mark.parametrize(("y", "labels", "shares", "classes"), shapes())
def test_answers_of_every_shape_are_measured(
    y: Any, labels: Any, shares: Any, classes: Any
) -> None:
    """All of these say the same."""
    found = measure(Answering(labels, shares, classes), np.zeros((10, 1)), y, "classification")
    assert found.metrics["accuracy"] == 1
    assert found.metrics["log_loss"] == pytest.approx(-np.log([0.8, 0.7]).mean())
    if len(classes) != 4:
        assert (found.metrics["roc_auc"], not found.reasons) == (1, True)
        assert found.metrics["brier"] == pytest.approx((0.2**2 + 0.3**2) / 2)


@pytest.mark.parametrize(
    ("labels", "shares", "lost", "says"),
    [
        (
            [0.0, np.nan] * 5,
            [[0.5, 0.5]] * 10,
            {"accuracy", "balanced_accuracy", "f1_macro"},
            "NaN",
        ),
        (
            [0, 1] * 4,
            [[0.5, 0.5]] * 10,
            {"accuracy", "balanced_accuracy", "f1_macro"},
            "shape (8,)",
        ),
        ([0, 1] * 5, [[np.nan, 0.5]] * 10, {"roc_auc", "log_loss", "brier"}, "NaN"),
        ([0, 1] * 5, [[0.5, 0.5]] * 3, {"roc_auc", "log_loss", "brier"}, "for 10 rows"),
        ([0, 1] * 5, [[0.2, 0.3, 0.5]] * 10, {"roc_auc", "log_loss", "brier"}, "for 2 classes"),
        ([0, 1] * 5, None, {"roc_auc", "log_loss", "brier"}, ""),
    ],
)
def test_what_cant_be_measured_has_a_reason(
    labels: Any, shares: Any, lost: set[str], says: str
) -> None:
    """The other metrics are still there."""
    estimator = Answering(labels, shares, np.array([0, 1]))
    found = measure(estimator, np.zeros((10, 1)), np.array([0, 1] * 5), "classification")
    assert {name for name, value in found.metrics.items() if value is None} == lost
    assert found.reasons.keys() == lost
    assert all(says in one for one in found.reasons.values())


def test_a_share_of_zero_is_no_error() -> None:
    """MAPE isn't defined where y has zeros; scikit-learn would give 1e15."""
    x, y = DIABETES
    y = np.where(y > 300, 0.0, y)
    found = measure(Ridge().fit(x, y), x, y, "regression")
    assert found.metrics["mape"] is None
    assert found.reasons == {"mape": "y contains zeros, so a relative error isn't defined"}
