"""Models that combine others, compiled."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
LABELS = np.array(["a", "b", "c"])[Y]
VALUES = Y + X[:, 0]
MANY = np.stack([Y > 0, Y < 2, X[:, 0] > 5], axis=1).astype(int)
TREE = DecisionTreeClassifier(max_depth=2, random_state=0)
PARTS: Any = [("line", LogisticRegression()), ("near", KNeighborsClassifier()), ("tree", TREE)]
LINES: Any = [("line", LinearRegression()), ("search", GridSearchCV(Ridge(), {"alpha": [1, 9]}))]
CLASSIFIERS = [
    VotingClassifier(PARTS, voting="soft", weights=[1, 2, 0.5]),
    StackingClassifier(PARTS, passthrough=True, cv=3),
    CalibratedClassifierCV(LinearSVC(), cv=3),
    CalibratedClassifierCV(TREE, method="isotonic", cv=3),
    OneVsRestClassifier(LogisticRegression()),
]
REGRESSORS = [
    VotingRegressor(LINES, weights=[1, 0.3]),
    StackingRegressor(LINES, cv=3),
    TransformedTargetRegressor(LinearRegression(), func=np.log1p, inverse_func=np.expm1),
    TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler()),
    TransformedTargetRegressor(LinearRegression(), transformer=MinMaxScaler()),
    TransformedTargetRegressor(LinearRegression(), transformer=RobustScaler()),
]
SEVERAL = [
    (MultiOutputRegressor(Ridge()), MANY, ("predict",)),
    (RegressorChain(Ridge(), order=[1, 2, 0]), MANY, ("predict",)),
    (MultiOutputClassifier(LogisticRegression()), MANY, ("predict", "predict_proba")),
    (ClassifierChain(LogisticRegression(), order=[2, 0, 1]), MANY, ("predict", "predict_proba")),
    (OneVsRestClassifier(LogisticRegression()), MANY, ("predict", "predict_proba")),
]


def _exact(estimator: Any, x: Any, methods: tuple[str, ...], file: Path) -> None:
    assert compiled(estimator, x, methods, file).largest == 0.0


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda one: type(one).__name__)
def test_probabilities(estimator: Any, classes: int, tmp_path: Path) -> None:
    """Of classifiers, of two classes and of three, whose labels are texts."""
    x, y = X[classes > Y], LABELS[classes > Y]
    _exact(estimator.fit(x, y), x, ("predict", "predict_proba"), tmp_path / "m")


@pytest.mark.parametrize("weights", [None, [1, 2.5, 1.5]])
def test_votes(weights: Any, tmp_path: Path) -> None:
    """The smallest of the most frequent labels wins."""
    estimator = VotingClassifier(PARTS, weights=weights).fit(X, LABELS)
    _exact(estimator, X, ("predict",), tmp_path / "m")


@pytest.mark.parametrize("inner", [LinearSVC(), TREE], ids=["scores", "probabilities"])
def test_one_against_one(inner: Any, tmp_path: Path) -> None:
    """Votes, and scores where they are equal."""
    estimator = OneVsOneClassifier(inner).fit(X, LABELS)
    _exact(estimator, X, ("predict", "decision_function"), tmp_path / "m")


@pytest.mark.parametrize("estimator", REGRESSORS, ids=str)
def test_regression(estimator: Any, tmp_path: Path) -> None:
    """Means, stacks, and targets that are transformed back."""
    _exact(estimator.fit(X, VALUES), X, ("predict",), tmp_path / "m")


@pytest.mark.parametrize(("estimator", "y", "methods"), SEVERAL, ids=str)
def test_several_outputs(estimator: Any, y: Any, methods: Any, tmp_path: Path) -> None:
    """A model for each, or a chain of them."""
    _exact(estimator.fit(X, y), X, methods, tmp_path / "m")


@pytest.mark.parametrize("estimator", [FixedThresholdClassifier, TunedThresholdClassifierCV])
def test_another_threshold(estimator: Any, tmp_path: Path) -> None:
    """It decides from which probability on a row is of the second class."""
    options = {"threshold": 0.3} if estimator is FixedThresholdClassifier else {}
    found = estimator(LogisticRegression(), **options).fit(X[50:], LABELS[50:])
    _exact(found, X[50:], ("predict", "predict_proba"), tmp_path / "m")


@pytest.mark.parametrize("beyond", ["clip", "nan"])
def test_isotonic_regression(beyond: Any, tmp_path: Path) -> None:
    """Inside and outside of the training's range."""
    estimator = IsotonicRegression(out_of_bounds=beyond).fit(X[:, :1], VALUES)
    _exact(estimator, X[:, :1], ("predict",), tmp_path / "m")


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (TransformedTargetRegressor(func=np.sqrt, inverse_func=lambda x: x * x), "isn't NumPy's"),
        (TransformedTargetRegressor(transformer=QuantileTransformer(n_quantiles=9)), "Quantile"),
        (IsotonicRegression(out_of_bounds="raise"), "out_of_bounds is raise"),
        (FixedThresholdClassifier(LogisticRegression(), pos_label=0.0), "is the first class"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_unknown_option_is_refused(estimator: Any, reason: str, tmp_path: Path) -> None:
    """With the reason."""
    y = np.greater(VALUES, VALUES.mean()).astype(float)
    with pytest.raises(NotCompilableError, match=reason):
        compiled(estimator.fit(X[:, :1], y), X[:, :1], ("predict",), tmp_path / "m")
