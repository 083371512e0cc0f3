"""Neural networks of dense layers."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require

_HIDDEN = ("relu", "identity", "tanh", "logistic")


def _facts(estimator: Any) -> dict[str, Any]:
    last = estimator.out_activation_
    require(estimator.activation in _HIDDEN, f"activation is {estimator.activation}")
    require(last in {*_HIDDEN, "softmax", "exp"}, f"its last function is {last}")
    return {
        "weights": list(estimator.coefs_),
        "intercepts": list(estimator.intercepts_),
        "hidden": estimator.activation,
        "last": last,
    }


def _regressor(estimator: Any, _converter: Converter) -> Node:
    return Node("neural.MLPRegressor", _facts(estimator))


def _classifier(estimator: Any, _converter: Converter) -> Node:
    kind = estimator._label_binarizer.y_type_  # noqa: SLF001 - its only place
    facts = {"classes": estimator.classes_, "multilabel": kind.startswith("multilabel")}
    return Node("neural.MLPClassifier", _facts(estimator) | facts)


ROUNDS = True

CONVERTERS = {"MLPClassifier": _classifier, "MLPRegressor": _regressor}
