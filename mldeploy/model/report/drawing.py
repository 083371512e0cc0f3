"""An estimator as a tree of its steps, for a drawing."""

import inspect
from typing import Any

Data = dict[str, Any]
_DEEPEST = 8
_MOST = 40
_LONGEST = 40


def drawing_of(estimator: Any, name: str = "", depth: int = 0) -> Data:
    """Return an estimator's class, the parameters that differ from defaults, and its parts.

    Values of parameters may be training data (categories, vocabularies), so only numbers, flags and
    short texts are shown.
    """
    found: Data = {"name": name, "class": type(estimator).__name__, "params": _changed(estimator)}
    parts = _parts(estimator) if depth < _DEEPEST else []
    if parts:
        found["parallel"] = hasattr(estimator, "transformers") or hasattr(
            estimator, "transformer_list"
        )
        found["parts"] = [_part(*one, depth) for one in parts[:_MOST]]
    return found


def _part(name: str, estimator: Any, columns: Any, depth: int) -> Data:
    if isinstance(estimator, str) or estimator is None:
        found: Data = {"name": name, "class": str(estimator), "params": {}}
    else:
        found = drawing_of(estimator, name, depth + 1)
    if isinstance(columns, list) and all(isinstance(one, str) for one in columns):
        found["columns"] = columns[:_MOST]
    return found


def _parts(estimator: Any) -> list[tuple[str, Any, Any]]:
    """Return the names, estimators and columns of the parts of scikit-learn's composed ones."""
    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list):
        return [(str(name), one, None) for name, one in steps]
    if isinstance(getattr(estimator, "transformers", None), list):
        return [(str(name), one, columns) for name, one, columns in estimator.transformers]
    if isinstance(getattr(estimator, "transformer_list", None), list):
        return [(str(name), one, None) for name, one in estimator.transformer_list]
    if isinstance(getattr(estimator, "estimators", None), list):
        pairs = [one for one in estimator.estimators if isinstance(one, tuple)]
        return [(str(one[0]), one[1], None) for one in pairs]
    inner = [
        (name, getattr(estimator, name, None))
        for name in ("estimator", "regressor", "classifier", "final_estimator", "transformer")
    ]
    return [(name, one, None) for name, one in inner if hasattr(one, "get_params")]


def _changed(estimator: Any) -> dict[str, str]:
    """Return the parameters that differ from their defaults, as short texts."""
    try:
        given = estimator.get_params(deep=False)
        defaults = inspect.signature(type(estimator).__init__).parameters
    except Exception:  # noqa: BLE001 - a class of the user's own
        return {}
    found = {}
    for name, value in given.items():
        default = defaults[name].default if name in defaults else None
        if isinstance(value, bool | int | float | str) and not _same(value, default):
            text = (
                value if isinstance(value, str) else f"{value:.6g}" if _is_float(value) else value
            )
            found[str(name)] = str(text)[:_LONGEST]
    return found


def _is_float(value: Any) -> bool:
    return isinstance(value, float)


def _same(value: Any, default: Any) -> bool:
    # XGBoost's missing=nan differs from itself.
    return bool(value == default) or (value != value and default != default)  # noqa: PLR0124 - NaN
