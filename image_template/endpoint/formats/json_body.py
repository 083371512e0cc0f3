"""JSON bodies: the endpoint's format and those of MLflow, TensorFlow Serving and Azure ML.

Sources: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/ for `dataframe_split`,
`dataframe_records`, `inputs` and `instances`;
https://learn.microsoft.com/azure/machine-learning/how-to-deploy-mlflow-models-online-endpoints
for `input_data`.
"""

import json
from collections.abc import Callable
from typing import Any

from endpoint.formats.request import Request, Shape, named_rows
from endpoint.problem import ProblemError, kind_of
from endpoint.rows import MOST_ROWS, require_few


class NanError(ProblemError):
    """JSON that is valid but for NaN, which pandas' and NumPy's clients write."""


def parse(text: str, *, nan_is_missing: bool = False) -> Any:
    """Parse JSON strictly: without infinity and duplicate keys.

    Args:
        text: the body.
        nan_is_missing: whether NaN is read as null; otherwise it isn't valid.

    Raises:
        ProblemError: 400; NanError for a NaN that isn't read as null.
    """
    try:
        return _DECODE_NAN(text) if nan_is_missing else _DECODE(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ProblemError(400, f"the body isn't JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise ProblemError(400, "the body is nested too deeply") from error
    except ValueError as error:
        # Python refuses integers with more than 4,300 digits.
        raise ProblemError(400, "the body has a number with too many digits") from error


def _no_constant(name: str) -> Any:
    kind = NanError if name == "NaN" else ProblemError
    raise kind(400, f"the body isn't JSON: {name} isn't a JSON value")


def _nan_as_null(name: str) -> None:
    if name != "NaN":
        _no_constant(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProblemError(400, "the body has a duplicate key")
    return found


# `json.loads` would make a new decoder for each call.
_DECODE = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_unique).decode
_DECODE_NAN = json.JSONDecoder(parse_constant=_nan_as_null, object_pairs_hook=_unique).decode


def payload_of(text: str) -> Any:
    """Parse a body; in MLflow's formats NaN is a missing value.

    Raises:
        ProblemError: 400.
    """
    try:
        return parse(text)
    except NanError:
        # Parsed twice, so that other bodies don't pay for it.
        payload = parse(text, nan_is_missing=True)
        if not isinstance(payload, dict) or _WITH_NAN.isdisjoint(payload):
            raise
        return payload


def json_rows(payload: Any, most_rows: int = MOST_ROWS) -> Request:
    """Return the rows of a parsed body, whose one known key names the format.

    Raises:
        ProblemError: 400 if the body isn't an object, 413 if there are too many rows, 422 if the
            content doesn't fit the format.
    """
    if not isinstance(payload, dict):
        what = f"the body must be a JSON object, got {kind_of(payload)}{_wrapping(payload)}"
        raise ProblemError(400, what)
    given = [name for name in payload if name in _READERS]
    if not given:
        known = ", ".join(f'"{name}"' for name in list(_READERS)[2:])
        raise ProblemError(
            422,
            f'the key "features" (one row) or "instances" (rows) is missing; '
            f"{known} are supported too",
        )
    if len(given) > 1:
        raise ProblemError(422, f'"{given[0]}" and "{given[1]}" can\'t be used together')
    shape, reader = _READERS[given[0]]
    return Request(reader(given[0], payload[given[0]], most_rows), shape)


def _wrapping(payload: Any) -> str:
    """Return how a list becomes a body, for a message."""
    match payload:
        case [dict(), *_]:
            return '; send {"instances": [{…}, …]}, or {"dataframe_records": [{…}, …]} as in MLflow'
        case [list(), *_]:
            return '; send {"instances": [[…], …]}'
        case [_, *_]:
            return '; send {"features": […]} for one row, or {"instances": […]} for rows'
        case _:
            return ""


_ROWS = {list, dict}


def _row(key: str, value: Any, _most: int) -> list[Any]:
    # No column accepts a list or an object.
    if type(value) is list and value and type(value[0]) in _ROWS:
        raise ProblemError(422, f'"{key}" is one row, got a list of rows; send them as "instances"')
    return [value]


def _rows(key: str, value: Any, most_rows: int) -> list[Any]:
    rows = _list(f'"{key}"', value, "rows")
    require_few(len(rows), most_rows)
    return rows


def _split(key: str, value: Any, most_rows: int) -> list[Any]:
    """Read pandas' `orient="split"`; the index is ignored."""
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


def _split_or_rows(key: str, value: Any, most_rows: int) -> list[Any]:
    return (_split if isinstance(value, dict) else _rows)(key, value, most_rows)


def _columns_or_rows(key: str, value: Any, most_rows: int) -> list[Any]:
    """Read TensorFlow Serving's two forms: a list of rows or an object of columns."""
    if not isinstance(value, dict):
        return _rows(key, value, most_rows)
    columns = {name: _list(f"column {n}", value[name], "values") for n, name in enumerate(value)}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ProblemError(422, f'the columns of "{key}" have different lengths')
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
    "input_data": (Shape.LIST, _split_or_rows),
}
_WITH_NAN = {"dataframe_split", "dataframe_records", "inputs", "input_data"}
"""The formats whose client writes NaN (mlflow/utils/proto_json_utils.py, `dump_input_data`)."""
