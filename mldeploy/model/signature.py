"""What a model takes and gives: columns, their types and ranges, classes, the task."""

from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.user_module import TrainingData

_MOST_CATEGORIES = 100
"""A column with more different strings is free text, not a category."""


def signature_of(data: TrainingData, estimator: Any) -> dict[str, Any]:
    """Return the signature of a fitted estimator.

    Raises:
        MldeployError: MLD214 where class names and classes don't match.
    """
    task = task_of(estimator)
    frame = hasattr(data.x, "columns")
    found: dict[str, Any] = {
        "task": task,
        "input": "dataframe" if frame else "array",
        "features": _frame_features(data.x) if frame else _array_features(data),
    }
    if task == "classification":
        classes = [_plain(one) for one in estimator.classes_]
        names = list(data.class_names or map(str, classes))
        if len(names) != len(classes):
            raise MldeployError(
                "MLD214",
                f"{len(names)} class names for {len(classes)} classes",
                "give class_names in the order of the sorted classes",
            )
        found |= {"classes": classes, "class_names": names}
    return found


def task_of(estimator: Any) -> str:
    """Return "classification", "regression" or "other"."""
    from sklearn.base import is_classifier, is_regressor

    if is_classifier(estimator):
        return "classification"
    return "regression" if is_regressor(estimator) else "other"


def rows_as_json(x: Any, indices: list[int]) -> list[list[Any]]:
    """Return rows of X as a request holds them: plain values, None where one is missing."""
    rows = x.iloc[indices].itertuples(index=False) if hasattr(x, "iloc") else x[indices]
    return [[_plain(value) for value in row] for row in rows]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    missing = value is None or value != value or type(value).__name__ in {"NAType", "NaTType"}  # noqa: PLR0124 - NaN
    return None if missing else value


def _array_features(data: TrainingData) -> list[dict[str, Any]]:
    import numpy as np

    names = data.feature_names or tuple(f"x{n}" for n in range(data.x.shape[1]))
    if data.x.dtype.kind not in "fiub":
        raise MldeployError(
            "MLD215",
            f"X is an array of {data.x.dtype}: an array must hold numbers",
            "give columns of several types as a pandas DataFrame",
        )
    return [
        {
            "name": name,
            "dtype": "number",
            "minimum": _plain(np.nanmin(column)),
            "maximum": _plain(np.nanmax(column)),
            "nullable": bool(np.isnan(column.astype(float)).any()),
        }
        for name, column in zip(names, data.x.T, strict=True)
    ]


def _frame_features(frame: Any) -> list[dict[str, Any]]:
    return [_column(str(name), frame[name]) for name in frame.columns]


def _column(name: str, column: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "nullable": bool(column.isna().any())}
    found["storage"] = str(column.dtype)
    kind = getattr(column.dtype, "kind", "O")
    if kind == "b":
        return {**found, "dtype": "boolean"}
    if kind in "iuf":
        bounds = {"minimum": _plain(column.min()), "maximum": _plain(column.max())}
        return {**found, "dtype": "integer" if kind in "iu" else "number", **bounds}
    values = [one for one in column.dropna().unique().tolist() if isinstance(one, str)]
    if len(values) != column.dropna().nunique():
        raise MldeployError(
            "MLD215",
            f"column {name!r} holds values that are neither numbers nor strings ({column.dtype})",
            "turn it into numbers or strings in data()",
        )
    # Few values that repeat are categories; many, or each its own, are free text.
    few = len(values) <= _MOST_CATEGORIES and 2 * len(values) <= len(column)
    known = {"categories": sorted(values)} if few else {}
    return {**found, "dtype": "string", "storage": "object", **known}
