"""Linear models."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require

_TWO = 2


def _regression(estimator: Any, _converter: Converter) -> Node:
    facts = {"coefficients": estimator.coef_, "intercept": estimator.intercept_}
    return Node("linear.LinearRegression", facts)


def _classifier(estimator: Any, _converter: Converter) -> Node:
    return Node("linear.LinearClassifier", _facts(estimator))


def _logistic(estimator: Any, _converter: Converter) -> Node:
    # Before scikit-learn 1.8, liblinear and "ovr" have probabilities of one class against the rest.
    one_by_one = getattr(estimator, "multi_class", "") == "ovr" or estimator.solver == "liblinear"
    few = len(estimator.classes_) <= _TWO
    require(few or not one_by_one, "several classes are fitted one against the rest")
    return Node("linear.LogisticRegression", _facts(estimator))


def _facts(estimator: Any) -> dict[str, Any]:
    return {
        "coefficients": estimator.coef_,
        "intercept": estimator.intercept_,
        "classes": estimator.classes_,
    }


ROUNDS = True
CONVERTERS = {
    **dict.fromkeys(
        ("LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "ElasticNet", "ElasticNetCV"),
        _regression,
    ),
    **dict.fromkeys(
        ("LinearSVC", "RidgeClassifier", "RidgeClassifierCV", "Perceptron"), _classifier
    ),
    "LogisticRegression": _logistic,
    "LogisticRegressionCV": _logistic,
}
