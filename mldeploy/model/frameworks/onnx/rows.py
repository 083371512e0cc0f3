"""Rows for an ONNX graph: from an example in the graph's types, or generated."""

from collections.abc import Sequence
from itertools import cycle, islice
from typing import Any

from mldeploy.model.foreign.column_types import GAPS
from mldeploy.model.foreign.example import Example, require_columns, wrong_count
from mldeploy.model.foreign.reading import UnreadableError, boolean, integer, number, unknown, wrong

_COUNT = 20
_MADE: dict[str, tuple[Any, ...]] = {
    "f": (0.0, 1.0, -1.0, 0.5, 2.0),
    "i": (0, 1, 2, 3, 10),
    "u": (0, 1, 2, 3, 10),
    "b": (False, True),
}


def columns_of(inputs: list[dict[str, Any]], example: Example | None) -> list[str]:
    """Return the columns' names in the order of the graph.

    Raises:
        MldeployError: MLD246 if the example has others.
    """
    named = [str(one["name"]) for one in inputs]
    total = sum(one["columns"] for one in inputs)
    if len(inputs) > 1 and total == len(inputs):
        if example is not None:
            require_columns(example, named)
        return named
    if example is None:
        return [f"x{n}" for n in range(total)]
    if total != len(example.columns):
        raise wrong_count(example, total)
    return list(example.columns)


def kind_of_dtype(dtype: str) -> str:
    """Return NumPy's letter of a dtype."""
    import numpy as np

    return str(np.dtype(dtype).kind)


def values_of(example: Example, names: list[str], dtypes: list[str]) -> list[list[Any]]:
    """Return the example's rows in the graph's types.

    Raises:
        MldeployError: MLD246 for a value of another type.
    """
    columns = [
        [_value(example, name, text, dtype) for text in example.columns[name]]
        for name, dtype in zip(names, dtypes, strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _value(example: Example, name: str, text: str, dtype: str) -> Any:
    """Read a value as the graph's type; an empty field of a number is missing."""
    try:
        match kind_of_dtype(dtype):
            case "O":
                return text
            case "b":
                return boolean(text)
            case "i" | "u":
                return _fitting(integer(text), text, dtype)
            case _:
                return None if text.strip().lower() in GAPS else number(text.strip())
    except UnreadableError as error:
        raise wrong(
            f"{example.path}: {name!r} contains {text!r}, but the model expects {dtype}"
        ) from error


def _fitting(value: int, text: str, dtype: str) -> int:
    import numpy as np

    known = np.iinfo(dtype)
    if not known.min <= value <= known.max:
        raise UnreadableError(text, dtype)
    return value


def made(dtypes: Sequence[str]) -> list[list[Any]]:
    """Return rows of plain numbers, each column in a different order.

    Raises:
        MldeployError: MLD246 if a column contains texts, because a graph doesn't list them.
    """
    columns = []
    for place, dtype in enumerate(dtypes):
        values = _MADE.get(kind_of_dtype(dtype))
        if values is None:
            raise unknown("it expects texts, and a graph doesn't list their values")
        columns.append(list(islice(cycle(values), place, place + _COUNT)))
    return [list(row) for row in zip(*columns, strict=True)]
