"""Steps that contain others."""

from collections.abc import Iterator
from typing import Any

from mldeploy.model.compiled.converting import Converter, output_of
from mldeploy.model.compiled.nodes import Node, require


def _pipeline(estimator: Any, converter: Converter) -> Node:
    require(getattr(estimator, "transform_input", None) is None, "transform_input is set")
    steps = [(name, step) for name, step in estimator.steps if step not in {None, "passthrough"}]
    nodes = [converter.convert(step, name) for name, step in steps]
    return Node("compose.Pipeline", {"steps": nodes or [_PASSTHROUGH]})


_PASSTHROUGH = Node("compose.Passthrough")


def _column_transformer(estimator: Any, converter: Converter) -> Node:
    parts, columns, weights = zip(*_parts(estimator, converter), strict=True)
    # Scikit-learn decides in training whether the output is sparse.
    form = "sparse" if estimator.sparse_output_ else _form(estimator)
    facts = {"parts": parts, "columns": columns, "weights": weights, "form": form}
    return Node("compose.ColumnTransformer", facts)


def _form(estimator: Any) -> str:
    return "frame" if output_of(estimator) == "pandas" else "array"


def _parts(estimator: Any, converter: Converter) -> Iterator[tuple[Node, Any, float | None]]:
    """Yield the node of each part with its columns and its weight."""
    known = estimator._transformer_to_input_indices  # noqa: SLF001 - the only place of the numbers
    weights = estimator.transformer_weights or {}
    named = hasattr(estimator, "feature_names_in_")
    for name, step, columns in estimator.transformers_:
        numbers = [int(one) for one in known[name]]
        if _is_drop(step) or not numbers:
            continue
        yield converter.convert(step, name), _key(columns, numbers, named=named), weights.get(name)


def _key(columns: Any, numbers: list[int], *, named: bool) -> Any:
    """Return how a part's columns are taken.

    A part for one column given by its label expects an array of shape (rows,): it has one number.
    A slice of an array is a view, with another order in memory than a copy of columns.
    """
    import numpy as np

    if np.isscalar(columns):
        return numbers[0]
    if isinstance(columns, slice) and not named:
        return {"slice": [columns.start, columns.stop, columns.step]}
    return numbers


def _feature_union(estimator: Any, converter: Converter) -> Node:
    weights = estimator.transformer_weights or {}
    steps = [(name, step) for name, step in estimator.transformer_list if not _is_drop(step)]
    facts = {
        "parts": [converter.convert(step, name) for name, step in steps],
        "weights": [weights.get(name) for name, _ in steps],
        "form": _form(estimator),
    }
    return Node("compose.FeatureUnion", facts)


def _is_drop(step: Any) -> bool:
    return isinstance(step, str) and step == "drop"


def _selected(estimator: Any, _converter: Converter) -> Node:
    from sklearn.utils import get_tags

    numbers = estimator.get_support(indices=True)
    require(len(numbers), "it selects no column")
    facts = {
        "numbers": numbers,
        "strict": not get_tags(estimator).input_tags.allow_nan,
        "frame": output_of(estimator) == "pandas",
    }
    return Node("compose.Columns", facts)


def _function(estimator: Any, _converter: Converter) -> Node:
    """Convert the form in which scikit-learn keeps "passthrough", and functions of NumPy."""
    import numpy as np

    require(not estimator.kw_args, "kw_args are given")
    require(not estimator.validate, "validate is on")
    if estimator.func is None:
        return _PASSTHROUGH
    name = getattr(estimator.func, "__name__", "")
    known = name in _FUNCTIONS and estimator.func is getattr(np, name)
    require(known, "its function isn't one of NumPy's that are known")
    return Node("features.FunctionTransformer", {"function": name})


_FUNCTIONS = {
    *("exp", "exp2", "expm1", "log", "log10", "log1p", "log2"),
    *("absolute", "cbrt", "fabs", "reciprocal", "sign", "sqrt", "square"),
    *("cos", "deg2rad", "rad2deg", "sin", "tan", "tanh"),
}
"""Functions of NumPy that take one array, and return numbers."""


CONVERTERS = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "FeatureUnion": _feature_union,
    "FunctionTransformer": _function,
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
