"""Scalers of columns and of rows."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require


def _require_copy(estimator: Any) -> None:
    require(estimator.copy, "copy is off, and a sibling may see the change")


def _standard(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    return _standard_node(estimator)


def _standard_node(estimator: Any) -> Node:
    mean = estimator.mean_ if estimator.with_mean else None
    scale = estimator.scale_ if estimator.with_std else None
    return Node("scaling.StandardScaler", {"mean": mean, "scale": scale})


def _robust(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    middle = estimator.center_ if estimator.with_centering else None
    divisor = estimator.scale_ if estimator.with_scaling else None
    return Node("scaling.Scaler", {"subtracted": middle, "divisor": divisor})


def _largest(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    # `clip` is new in scikit-learn 1.9.
    limits = [-1.0, 1.0] if getattr(estimator, "clip", False) else None
    return Node("scaling.Scaler", {"divisor": estimator.scale_, "limits": limits})


def _range(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    limits = list(estimator.feature_range) if estimator.clip else None
    facts = {"factor": estimator.scale_, "added": estimator.min_, "limits": limits}
    return Node("scaling.MinMaxScaler", facts)


def _normalizer(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    require(estimator.norm in {"l1", "l2", "max"}, f"norm is {estimator.norm!r}")
    return Node("scaling.Normalizer", {"norm": estimator.norm})


def _binarizer(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    return Node("scaling.Binarizer", {"threshold": float(estimator.threshold)})


def _power(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    require(estimator.method == "yeo-johnson", f"method is {estimator.method!r}")
    scaler = _standard_node(estimator._scaler) if estimator.standardize else None  # noqa: SLF001 - no public form
    return Node("scaling.PowerTransformer", {"powers": estimator.lambdas_, "scaler": scaler})


def _quantile(estimator: Any, _converter: Converter) -> Node:
    _require_copy(estimator)
    output = estimator.output_distribution
    require(output == "uniform", f"output_distribution is {output!r}")
    facts = {"quantiles": estimator.quantiles_, "references": estimator.references_}
    return Node("scaling.QuantileTransformer", facts)


CONVERTERS = {
    "StandardScaler": _standard,
    "RobustScaler": _robust,
    "MaxAbsScaler": _largest,
    "MinMaxScaler": _range,
    "Normalizer": _normalizer,
    "Binarizer": _binarizer,
    "PowerTransformer": _power,
    "QuantileTransformer": _quantile,
}

BORDERS = {
    "Binarizer": lambda estimator: [[estimator.threshold]] * estimator.n_features_in_,
    "QuantileTransformer": lambda estimator: list(estimator.quantiles_.T),
}
