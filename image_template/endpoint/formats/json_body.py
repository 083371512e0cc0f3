"""JSON bodies: the endpoint's own, and those of MLflow's and TensorFlow Serving's clients.

Source: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/ for `dataframe_split`,
`dataframe_records`, `inputs` and `instances`.
"""

import json
from collections.abc import Callable
from typing import Any

from endpoint.formats.request import Request, Shape, named_rows
from endpoint.problem import ProblemError, kind_of
from endpoint.table import MOST_ROWS, require_few


def parse(text: str) -> Any:
    """Parse JSON strictly: no NaN, no key twice.

    Raises:
        ProblemError: 400.
    """
    try:
        return _DECODE(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ProblemError(400, f"the body isn't JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise ProblemError(400, "the body is nested too deeply") from error
    except ValueError as error:
        # Python refuses integers of more than 4,300 digits.
        raise ProblemError(400, "the body holds a number that is too long") from error


def _no_constant(name: str) -> Any:
    raise ProblemError(400, f"the body isn't JSON: {name} is no JSON value")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProblemError(400, "the body has the same key twice")
    return found


# `json.loads` would make a decoder each time.
_DECODE = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_unique).decode


def json_rows(payload: Any, most_rows: int = MOST_ROWS) -> Request:
    """Return the rows of a parsed body, by the one key that says how they are written.

    Raises:
        ProblemError: 400 where it is no object, 413 for too many rows, 422 for what is in it.
    """
    if not isinstance(payload, dict):
        raise ProblemError(400, f"the body must be a JSON object, got {kind_of(payload)}")
    given = [name for name in payload if name in _READERS]
    if not given:
        known = ", ".join(f'"{name}"' for name in list(_READERS)[2:])
        raise ProblemError(
            422, f'the key "features" (one row) or "instances" (rows) is missing; {known} do too'
        )
    if len(given) > 1:
        raise ProblemError(422, f'give either "{given[0]}" or "{given[1]}", not both')
    shape, reader = _READERS[given[0]]
    return Request(reader(given[0], payload[given[0]], most_rows), shape)


def _row(_key: str, value: Any, _most: int) -> list[Any]:
    return [value]


def _rows(key: str, value: Any, most_rows: int) -> list[Any]:
    rows = _list(f'"{key}"', value, "rows")
    require_few(len(rows), most_rows)
    return rows


def _split(key: str, value: Any, most_rows: int) -> list[Any]:
    """Read pandas' `orient="split"`; its index, if any, says nothing to a model."""
    if not isinstance(value, dict) or "data" not in value:
        raise ProblemError(422, f'"{key}" must be an object with "columns" and "data"')
    rows = _list(f'"data" of "{key}"', value["data"], "rows")
    require_few(len(rows), most_rows)
    if "columns" not in value:
        return rows
    columns = _list(f'"columns" of "{key}"', value["columns"], "names")
    if not all(isinstance(name, str) for name in columns):
        raise ProblemError(422, f'"columns" of "{key}" must be a list of names')
    return named_rows(columns, (_list(f"row {n}", row, "values") for n, row in enumerate(rows)))


def _columns_or_rows(key: str, value: Any, most_rows: int) -> list[Any]:
    """Read TensorFlow Serving's two forms: rows, or an object of columns."""
    if not isinstance(value, dict):
        return _rows(key, value, most_rows)
    columns = {name: _list(f"column {n}", value[name], "values") for n, name in enumerate(value)}
    lengths = {len(one) for one in columns.values()}
    if len(lengths) > 1:
        raise ProblemError(422, f'the columns of "{key}" differ in length')
    require_few(sum(lengths), most_rows)
    return named_rows(list(columns), map(list, zip(*columns.values(), strict=True)))


def _list(where: str, value: Any, of: str) -> list[Any]:
    if not isinstance(value, list):
        raise ProblemError(422, f"{where} must be a list of {of}, got {kind_of(value)}")
    return value


_READERS: dict[str, tuple[Shape, Callable[[str, Any, int], list[Any]]]] = {
    "features": (Shape.ONE, _row),
    "instances": (Shape.ROWS, _rows),
    "dataframe_split": (Shape.VALUES, _split),
    "dataframe_records": (Shape.VALUES, _rows),
    "inputs": (Shape.VALUES, _columns_or_rows),
}
