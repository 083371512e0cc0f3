"""Steps that contain others."""

from collections.abc import Iterator
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require


def _pipeline(estimator: Any, converter: Converter) -> Node:
    require(getattr(estimator, "transform_input", None) is None, "transform_input is set")
    steps = [(name, step) for name, step in estimator.steps if step not in {None, "passthrough"}]
    nodes = [converter.convert(step, name) for name, step in steps]
    return Node("compose.Pipeline", {"steps": nodes or [_PASSTHROUGH]})


_PASSTHROUGH = Node("compose.Passthrough")


def _column_transformer(estimator: Any, converter: Converter) -> Node:
    parts, columns = zip(*_parts(estimator, converter), strict=True)
    return Node("compose.ColumnTransformer", {"parts": parts, "columns": columns})


def _parts(estimator: Any, converter: Converter) -> Iterator[tuple[Node, Any]]:
    """Yield the node of each part with the numbers of its columns.

    A part for one column given by its label expects an array of shape (rows,): it has one number.
    """
    known = estimator._transformer_to_input_indices  # noqa: SLF001 - the only place of the numbers
    for name, step, columns in estimator.transformers_:
        numbers = list(known[name])
        if step == "drop" or not numbers:
            continue
        flat = isinstance(columns, str | int) and not isinstance(columns, bool)
        node = _PASSTHROUGH if step == "passthrough" else converter.convert(step, name)
        yield node, numbers[0] if flat else numbers


def _feature_union(estimator: Any, converter: Converter) -> Node:
    weights = estimator.transformer_weights or {}
    steps = [(name, step) for name, step in estimator.transformer_list if step != "drop"]
    nodes = [
        _PASSTHROUGH if step == "passthrough" else converter.convert(step, name)
        for name, step in steps
    ]
    factors = [weights.get(name) for name, _ in steps]
    return Node("compose.FeatureUnion", {"parts": nodes, "weights": factors})


def _selected(estimator: Any, _converter: Converter) -> Node:
    return Node("compose.Columns", {"numbers": estimator.get_support(indices=True)})


CONVERTERS = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _feature_union,
    **dict.fromkeys(
        (
            "SelectKBest",
            "SelectPercentile",
            "SelectFpr",
            "SelectFdr",
            "SelectFwe",
            "GenericUnivariateSelect",
            "SelectFromModel",
            "VarianceThreshold",
            "RFE",
            "RFECV",
            "SequentialFeatureSelector",
        ),
        _selected,
    ),
}
