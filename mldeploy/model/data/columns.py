"""The columns of X in a signature: type, training dtype, missing values, known values.

Columns that requests can't represent as in training are refused here, before the fit.
"""

from collections.abc import Iterable
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.encoders import Learnt
from mldeploy.model.data.ranges import range_of_numbers, range_of_times
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.json_values import is_missing, plain

MOST_CATEGORIES = 100
"""A column with more different values is free text, or ids: it isn't listed."""

Feature = dict[str, Any]

_NUMBERS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
_OTHER_DTYPES = {
    "m": ("durations", "X[{name}] = X[{name}].dt.total_seconds()"),
    "c": ("complex numbers", "use its real and imaginary parts as two columns"),
}
_OTHER_VALUES = {
    "date": "X[{name}] = pd.to_datetime(X[{name}])",
    "datetime": "X[{name}] = pd.to_datetime(X[{name}])",
    "Timestamp": "X[{name}] = pd.to_datetime(X[{name}])",
    "time": "X[{name}] = X[{name}].astype(str)",
    "timedelta": "X[{name}] = pd.to_timedelta(X[{name}]).dt.total_seconds()",
    "Timedelta": "X[{name}] = pd.to_timedelta(X[{name}]).dt.total_seconds()",
    "Decimal": "X[{name}] = X[{name}].astype(float)",
    "Fraction": "X[{name}] = X[{name}].astype(float)",
    "bool": 'X[{name}] = X[{name}].astype("boolean")',
    "int": "X[{name}] = pd.to_numeric(X[{name}])",
    "float": "X[{name}] = pd.to_numeric(X[{name}])",
    "bytes": 'X[{name}] = X[{name}].str.decode("utf-8")',
    "list": 'X[{name}] = X[{name}].str.join(" "), or one column per element',
    "tuple": 'X[{name}] = X[{name}].str.join(" "), or one column per element',
    "dict": "X = X.join(pd.json_normalize(X.pop({name})))",
    "UUID": "X[{name}] = X[{name}].astype(str)",
}
"""The line that converts a column to values that requests can represent."""


def features_of(data: TrainingData) -> list[Feature]:
    """Return the signature of each column, without what only a fitted model knows.

    Raises:
        MldeployError: MLD215 for a column that requests can't represent.
    """
    if hasattr(data.x, "columns"):
        return [_column(label, data.x.iloc[:, n]) for n, label in enumerate(data.x.columns)]
    if data.x.ndim == 1:
        name = data.feature_names[0] if data.feature_names else "text"
        return [{"name": name, "dtype": "string", "nullable": False}]
    return _array_features(data)


def with_learnt(features: list[Feature], found: list[Learnt | None]) -> list[Feature]:
    """Return the features with the categories of encoders.

    A column is closed if a fitted encoder rejects unknown values, or if its dtype can't contain
    other values.
    """
    return [_closed(*both) for both in zip(features, found, strict=True)]


def _closed(feature: Feature, found: Learnt | None) -> Feature:
    if found is None or not found.refuses:
        return feature
    known = [as_json(one, feature["dtype"]) for one in found.categories]
    nullable = feature["nullable"] and found.missing
    if feature.get("storage") == "category":
        # Building the column requires the complete list in its order.
        unknown = [one for one in feature["categories"] if one not in known]
        return {**feature, "nullable": nullable, **({"refused": unknown} if unknown else {})}
    if feature["dtype"] == "boolean" and set(known) >= {True, False}:
        return {**feature, "nullable": nullable}
    kept = {key: one for key, one in feature.items() if key not in {"minimum", "maximum"}}
    return {**kept, "nullable": nullable, "categories": known, "closed": True}


def as_json(value: Any, dtype: str) -> Any:
    """Return a known value of a column of this dtype in the form of requests."""
    if dtype == "datetime":
        return _iso(value)
    if type(value).__name__ == "Interval":
        return str(value)
    if dtype == "boolean":
        return bool(value)
    whole = dtype == "integer" and isinstance(value, float) and value.is_integer()
    return int(value) if whole else plain(value)


def _array_features(data: TrainingData) -> list[Feature]:
    import numpy as np

    x = data.x
    names = data.feature_names or tuple(f"x{n}" for n in range(x.shape[1]))
    dtype = _NUMBERS.get(x.dtype.kind)
    if dtype is None or x.dtype.itemsize > 8:  # noqa: PLR2004 - JSON's readers have 64 bits
        raise _of_array(x)
    features: list[Feature] = []
    for name, column in zip(names, x.T, strict=True):
        missing = np.isnan(column) if dtype == "number" else np.zeros(len(column), dtype=bool)
        nullable = bool(missing.any())
        feature = {"name": name, "dtype": dtype, "nullable": nullable, "storage": str(x.dtype)}
        if dtype == "number":
            _require_finite(name, column[~missing])
        features.append(feature | _bounds(column[~missing], dtype, str(x.dtype)))
    return features


def _of_array(x: Any) -> MldeployError:
    """Return the error of an array that holds something else than numbers."""
    match x.dtype.kind:
        case "O" | "U" | "S":
            hint = "return columns of several types as a DataFrame: pd.DataFrame(X, columns=[...])"
        case "M" | "m":
            hint = "return dates as a DataFrame: pd.DataFrame(X, columns=[...])"
        case "f":
            hint = "X = X.astype(float)"
        case _:
            hint = "use numbers: X.real and X.imag as separate columns"
    message = f"X is an array of {x.dtype}; an array must contain numbers of at most 64 bits"
    return MldeployError("MLD215", message, hint)


def _require_finite(name: str, known: Any) -> None:
    """Refuse infinity, which JSON can't represent.

    Raises:
        MldeployError: MLD215.
    """
    import numpy as np

    infinite = int(np.isinf(np.asarray(known, dtype=float)).sum())
    if infinite:
        raise MldeployError(
            "MLD215",
            f"column {name!r} contains {infinite} infinite values, and JSON has no infinity",
            "replace them in data(), for example: X.replace([np.inf, -np.inf], np.nan) for a "
            "DataFrame, np.clip(X, -1e30, 1e30) for an array",
        )


def _bounds(known: Any, dtype: str, storage: str) -> Feature:
    return {} if dtype == "boolean" else range_of_numbers(known, storage)


def _column(label: Any, column: Any) -> Feature:
    """Return the signature of a DataFrame's column.

    Raises:
        MldeployError: MLD215 for a column that requests can't represent.
    """
    name, storage = str(label), str(column.dtype)
    found: Feature = {"name": name, "nullable": bool(column.isna().any()), "storage": storage}
    if not isinstance(label, str):
        found["label"] = plain(label)
    kind = getattr(column.dtype, "kind", "O")
    if storage.startswith("Sparse["):
        raise _refused(name, "sparse values", "X[{name}] = X[{name}].sparse.to_dense()")
    if storage.startswith("period["):
        raise _refused(name, "periods", "X[{name}] = X[{name}].dt.to_timestamp()")
    if storage.startswith("interval["):
        raise _refused(name, "intervals", "X[{name}] = X[{name}].astype(str)")
    if kind in _OTHER_DTYPES:
        raise _refused(name, *_OTHER_DTYPES[kind])
    known = column.dropna()
    if storage == "category":
        return {**found, **_categories(name, column.cat)}
    if kind == "M":
        return {**found, "dtype": "datetime", **_days(known), **range_of_times(known)}
    if kind in _NUMBERS:
        if kind == "f":
            _require_finite(name, known)
        return {**found, "dtype": _NUMBERS[kind], **_bounds(known, _NUMBERS[kind], storage)}
    return {**found, **_texts(name, column, known.tolist())}


def _days(known: Any) -> Feature:
    """Return whether a column without a time zone has days only, for the form's date picker."""
    only = len(known) and known.dt.tz is None and bool((known == known.dt.normalize()).all())
    return {"days": True} if only else {}


def _iso(value: Any) -> str:
    """Return a Timestamp as ISO 8601, with nanoseconds if it has any."""
    return str(value.isoformat())


def _categories(name: str, known: Any) -> Feature:
    """Return the dtype's categories, the only values of such a column."""
    values, storage = known.categories, str(known.categories.dtype)
    found: Feature = {"closed": True, "ordered": bool(known.ordered), "category_storage": storage}
    kind = getattr(values.dtype, "kind", "O")
    if storage.startswith("interval"):
        return {**found, "dtype": "string", **_intervals(values)}
    if kind == "M":
        return {**found, "dtype": "datetime", "categories": [_iso(one) for one in values]}
    if kind in _NUMBERS:
        if kind == "f":
            _require_finite(name, values)
        listed = [plain(one) for one in values.tolist()]
        return {**found, "dtype": _NUMBERS[kind], "categories": listed}
    _require_texts(name, values.tolist(), f"categories of {storage}")
    return {**found, "dtype": "string", "categories": values.tolist()}


def _intervals(values: Any) -> Feature:
    """Return intervals as texts, and their parameters (pd.cut creates such columns)."""
    ends = values.left.dtype
    plain_end = _iso if getattr(ends, "kind", "") == "M" else plain
    return {
        "category_storage": "interval",
        "categories": [str(one) for one in values],
        "intervals": {
            "closed": values.closed,
            "storage": str(ends),
            "left": [plain_end(one) for one in values.left],
            "right": [plain_end(one) for one in values.right],
        },
    }


def _texts(name: str, column: Any, values: list[Any]) -> Feature:
    _require_texts(name, values, str(column.dtype))
    different = sorted(set(values))
    # Few values that repeat are categories; many, or each its own, are free text.
    few = len(different) <= MOST_CATEGORIES and 2 * len(different) <= len(values)
    found: Feature = {"dtype": "string", **({"categories": different} if few else {})}
    return {**found, **_missing(name, column)}


def _missing(name: str, column: Any) -> Feature:
    """Return whether a missing text is None or NaN, which a model may distinguish.

    Raises:
        MldeployError: MLD215 if a column has both, or pandas' NA among objects.
    """
    kinds = {_kind_of_gap(one) for one in column.tolist() if is_missing(one)}
    if not kinds:
        return {}
    if str(column.dtype) != "object":
        return {"missing": "nan"}
    if len(kinds) > 1:
        both = " and ".join(sorted(kinds))
        line = "X[{name}] = X[{name}].where(X[{name}].notna(), None)"
        raise _refused(name, f"{both}, which the model may distinguish and a request can't", line)
    kind = next(iter(kinds))
    if kind not in {"None", "NaN"}:
        raise _refused(name, f"{kind} among objects", 'X[{name}] = X[{name}].astype("string")')
    return {"missing": "none" if kind == "None" else "nan"}


def _kind_of_gap(value: Any) -> str:
    return {"NoneType": "None", "float": "NaN", "NAType": "NA", "NaTType": "NaT"}.get(
        type(value).__name__, "NaN"
    )


def _require_texts(name: str, values: Iterable[Any], storage: str) -> None:
    """Refuse what isn't text, with the line that helps.

    Raises:
        MldeployError: MLD215.
    """
    strange = next((one for one in values if not isinstance(one, str)), None)
    if strange is not None:
        kind = type(strange).__name__
        kind = {"bool_": "bool", "float64": "float", "int64": "int"}.get(kind, kind)
        line = _OTHER_VALUES.get(kind, "convert them to texts or numbers in data()")
        raise _refused(name, f"a {kind} ({storage})", line)


def _refused(name: str, what: str, line: str) -> MldeployError:
    return MldeployError(
        "MLD215",
        f"column {name!r} contains {what}; a column must contain texts, numbers, booleans or dates",
        line.replace("{name}", repr(name)),
    )
