"""Missing values: replaced, or told in columns of their own."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require

_OF_FLOATS = ("mean", "median")


def _imputer(estimator: Any, converter: Converter) -> Node:
    kind = estimator._fit_dtype.kind  # noqa: SLF001 - no public form
    require(kind in "iufO", f"it was fitted on {estimator._fit_dtype}")  # noqa: SLF001 - as above
    _require_marker(estimator.missing_values)
    require(estimator.copy, "copy is off, and a sibling may see the change")
    of_floats = estimator.strategy in _OF_FLOATS or callable(estimator.strategy)
    kept = _kept(estimator)
    values = estimator.statistics_ if kept is None else estimator.statistics_[kept]
    facts = {
        "kind": "object" if kind == "O" else "float" if of_floats else "",
        "missing": estimator.missing_values,
        # Scikit-learn fills in values of the training data's dtype.
        "values": values.astype(estimator._fill_dtype),  # noqa: SLF001 - no public form
        "kept": kept,
        "indicator": _added(estimator, converter),
    }
    return Node("imputing.SimpleImputer", facts)


def _require_marker(missing: Any) -> None:
    known = missing is None or isinstance(missing, int | float | str)
    require(known, f"missing_values is a {type(missing).__name__}")


def _kept(estimator: Any) -> Any:
    """Return the numbers of the columns that had values in training, or None for all."""
    import numpy as np

    values = estimator.statistics_
    missing = values != values  # noqa: PLR0124 - NaN
    return None if estimator.keep_empty_features or not missing.any() else np.flatnonzero(~missing)


def _added(estimator: Any, converter: Converter) -> Node | None:
    return converter.convert(estimator.indicator_, "indicator") if estimator.add_indicator else None


def _indicator(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    _require_marker(estimator.missing_values)
    require(estimator.sparse in {"auto", False}, "its output is sparse")
    columns, count = estimator.features_, estimator._n_features  # noqa: SLF001 - no public form
    some = estimator.features == "missing-only" and len(columns) < count
    strict = some and estimator.error_on_new
    facts = {
        "missing": estimator.missing_values,
        "columns": columns if some else None,
        "others": np.setdiff1d(np.arange(count), columns) if strict else None,
    }
    return Node("imputing.MissingIndicator", facts)


CONVERTERS = {"SimpleImputer": _imputer, "MissingIndicator": _indicator}
