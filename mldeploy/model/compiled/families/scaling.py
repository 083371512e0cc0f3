"""Scalers of columns."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node


def _standard(estimator: Any, _converter: Converter) -> Node:
    mean = estimator.mean_ if estimator.with_mean else None
    return Node("scaling.StandardScaler", {"mean": mean, "scale": estimator.scale_})


CONVERTERS = {"StandardScaler": _standard}
