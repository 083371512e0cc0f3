"""Rows of training data as clients write them: JSON, CSV, and tensors of the V2 protocol.

Written from docs/requests.md alone: nothing of the program's is used here.
"""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

_LARGEST_INT64 = 2**63 - 1
_TENSORS = {
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
    "bool": "BOOL",
    **{f"int{bits}": f"INT{bits}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"UINT{bits}" for bits in (8, 16, 32, 64)},
}


def cell(value: Any) -> Any:
    """Return a value as JSON has it; a missing one is None, dates are ISO 8601."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if type(value).__name__ in {"Interval", "Period"}:
        return str(value)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return None
    return value


def cells(x: Any, rows: Sequence[int]) -> list[list[Any]]:
    """Return rows of a DataFrame, an array, or texts, as lists of JSON values."""
    if hasattr(x, "iloc") and hasattr(x, "columns"):
        columns = [x.iloc[list(rows), number].tolist() for number in range(x.shape[1])]
        return [[cell(value) for value in row] for row in zip(*columns, strict=True)]
    picked = [x.iloc[row] if hasattr(x, "iloc") else x[row] for row in rows]
    if picked and isinstance(picked[0], str):
        return [[str(one)] for one in picked]
    return [[cell(value) for value in row] for row in picked]


def names_of(x: Any) -> list[str] | None:
    """Return the names of a DataFrame's columns in requests."""
    return [str(one) for one in x.columns] if hasattr(x, "columns") else None


def json_one(row: list[Any], names: list[str] | None, *, text: bool) -> str:
    """Return `features`: a DataFrame's row by names, a text bare, an array's row as a list."""
    features = row[0] if text else row if names is None else dict(zip(names, row, strict=True))
    return json.dumps({"features": features}, ensure_ascii=False)


def json_many(rows: list[list[Any]], *, text: bool) -> str:
    """Return `instances`: rows in the order of training."""
    return json.dumps({"instances": [row[0] for row in rows] if text else rows})


def csv_many(rows: list[list[Any]], names: list[str]) -> str:
    """Return a CSV with a header; a missing value is an empty field."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_field(value) for value in row] for row in rows)
    return stream.getvalue()


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def v2_many(rows: list[list[Any]], names: list[str] | None, storage: str) -> str:
    """Return a V2 request: one tensor for an array or texts, one per column of a DataFrame.

    Args:
        rows: as `cells` has them.
        names: of a DataFrame's columns, or None.
        storage: the dtype of an array, "text" for texts.
    """
    if names is not None:
        columns = zip(*rows, strict=True)
        inputs = [_column(name, list(one)) for name, one in zip(names, columns, strict=True)]
    elif storage == "text":
        inputs = [_column("texts", [row[0] for row in rows])]
    else:
        flat = [value for row in rows for value in row]
        shape = [len(rows), len(rows[0])]
        datatype = _TENSORS.get(storage) or _datatype(flat)
        inputs = [{"name": "features", "datatype": datatype, "shape": shape, "data": flat}]
    return json.dumps({"id": "1", "inputs": inputs})


def _column(name: str, values: list[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "datatype": _datatype(values),
        "shape": [len(values)],
        "data": values,
    }


def _datatype(values: list[Any]) -> str:
    kinds = {type(one) for one in values if one is not None}
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int}:
        large = max(one for one in values if one is not None) > _LARGEST_INT64
        return "UINT64" if large else "INT64"
    if kinds <= {int, float}:
        return "FP64"
    return "BYTES"


def event(route: str, content_type: str, body: str) -> dict[str, Any]:
    """Return what an HTTP API sends to Lambda, payload 2.0."""
    method, _, path = route.partition(" ")
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": content_type},
        "requestContext": {"routeKey": route, "http": {"method": method, "path": path}},
        "body": body,
        "isBase64Encoded": False,
    }
