"""What a model takes and gives: columns, their types and ranges, classes, the task."""

from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.tasks import results_of, task_of
from mldeploy.model.user_module import TrainingData
from mldeploy.model.values import is_missing, plain

_MOST_CATEGORIES = 100
"""A column with more different strings is free text, not a category."""
_UNSEEN = "\u0001no such category"


def signature_of(data: TrainingData, estimator: Any, asked: Any = None) -> dict[str, Any]:
    """Return the signature of a fitted estimator.

    Args:
        data: as requests bring it.
        estimator: what was fitted.
        asked: the estimator as requests meet it, where hooks stand around it.

    Raises:
        MldeployError: MLD214 where class names and classes don't match, MLD215 for columns that
            hold neither numbers nor strings.
    """
    task = task_of(estimator)
    asked = asked or estimator
    results = results_of(data, asked, task)
    if hasattr(data.x, "columns"):
        features = _frame_features(data.x, asked)
        return {"task": task, "input": "dataframe", "features": features, **results}
    if data.x.ndim == 1:
        name = data.feature_names[0] if data.feature_names else "text"
        text = {"name": name, "dtype": "string", "nullable": False}
        return {"task": task, "input": "text", "features": [text], **results}
    return {"task": task, "input": "array", "features": _array_features(data), **results}


def rows_as_json(x: Any, indices: list[int]) -> list[list[Any]]:
    """Return rows of X as a request holds them: plain values, None where one is missing."""
    if hasattr(x, "iloc"):
        # One column at a time: a whole row of a DataFrame would take one type.
        columns = [[plain(value) for value in x[name].iloc[indices]] for name in x.columns]
        return [list(row) for row in zip(*columns, strict=True)]
    if x.ndim == 1:
        return [[str(value)] for value in x[indices]]
    return [[plain(value) for value in row] for row in x[indices]]


def _array_features(data: TrainingData) -> list[dict[str, Any]]:
    import numpy as np

    x = data.x
    names = data.feature_names or tuple(f"x{n}" for n in range(x.shape[1]))
    if x.dtype.kind not in "fiub":
        raise MldeployError(
            "MLD215",
            f"X is an array of {x.dtype}: an array must hold numbers",
            "give columns of several types as a pandas DataFrame",
        )
    x = x.astype(float) if x.dtype.kind == "b" else x
    found = []
    for name, column in zip(names, x.T, strict=True):
        known = column[~np.isnan(column.astype(float))]
        bounds = (
            {"minimum": plain(known.min()), "maximum": plain(known.max())} if len(known) else {}
        )
        nullable = len(known) < len(column)
        found.append({"name": name, "dtype": "number", "nullable": nullable, **bounds})
    return found


def _frame_features(frame: Any, estimator: Any) -> list[dict[str, Any]]:
    found = [_column(name, frame[name]) for name in frame.columns]
    return [
        one | _unseen(one["name"], frame, estimator)
        if one["dtype"] == "string" and one["storage"] != "category"
        else one
        for one in found
    ]


def _column(name: str, column: Any) -> dict[str, Any]:
    storage = str(column.dtype)
    found: dict[str, Any] = {"name": name, "nullable": bool(column.isna().any())}
    found["storage"] = storage
    kind = getattr(column.dtype, "kind", "O")
    if kind == "b":
        return {**found, "dtype": "boolean"}
    if kind in "iuf":
        known = column.dropna()
        bounds = (
            {"minimum": plain(known.min()), "maximum": plain(known.max())} if len(known) else {}
        )
        return {**found, "dtype": "integer" if kind in "iu" else "number", **bounds}
    if storage == "category":
        values = column.cat.categories.tolist()
        _require_strings(name, values, storage)
        return {**found, "dtype": "string", "categories": values, "closed": True}
    _require_strings(name, column.dropna().tolist(), storage)
    nothing = [one for one in column.tolist() if is_missing(one)]
    missing = {"missing": "none" if None in nothing else "nan"} if nothing else {}
    return {**found, "dtype": "string", **missing}


def _require_strings(name: str, values: list[Any], storage: str) -> None:
    strange = next((one for one in values if not isinstance(one, str)), None)
    if strange is not None:
        raise MldeployError(
            "MLD215",
            f"column {name!r} ({storage}) holds a {type(strange).__name__}: every value must be "
            "a string, or every one a number or a boolean",
            "turn it into numbers or strings in data()",
        )


def _unseen(name: str, frame: Any, estimator: Any) -> dict[str, Any]:
    """Return the categories of a column, and whether the model fails on another one.

    An encoder that refuses what it hasn't seen makes the column `closed`: the endpoint then
    answers 422 instead of failing. That is tried out, for no pipeline says it of itself.
    """
    column = frame[name].dropna()
    values = sorted(column.unique().tolist())
    row = frame.loc[column.index[:1]].iloc[:1]
    changed = row.assign(**{name: row[name].map(dict.fromkeys(values, _UNSEEN))})
    changed[name] = changed[name].astype(frame[name].dtype)
    closed = bool(values) and _fails(estimator, changed) and not _fails(estimator, row)
    # Few values that repeat are categories; many, or each its own, are free text.
    few = len(values) <= _MOST_CATEGORIES and 2 * len(values) <= len(column)
    if closed:
        return {"categories": values, "closed": True}
    return {"categories": values} if few else {}


def _fails(estimator: Any, rows: Any) -> bool:
    ask = getattr(estimator, "predict", None) or estimator.transform
    try:
        ask(rows)
    except Exception:  # noqa: BLE001 - whatever an encoder raises
        return True
    return False
