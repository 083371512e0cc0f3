"""From the tensors of a request to rows."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from endpoint.column_checks import is_unicode
from endpoint.features import Feature
from endpoint.problem import ProblemError, cut, kind_of, shown
from endpoint.rows import require_few

if TYPE_CHECKING:
    from endpoint.v2.binary import Tail

_MOST = 2**64 - 1
"""The largest dimension that the specification allows."""
_RANGES: dict[str, tuple[float, float]] = {
    **{f"INT{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    "FP16": (-65504.0, 65504.0),
    "FP32": (-3.4028234663852886e38, 3.4028234663852886e38),
    "FP64": (-1.7976931348623157e308, 1.7976931348623157e308),
}
_TYPES: dict[str, set[type]] = {
    "BOOL": {bool},
    "BYTES": {str},
    **{name: {int, float} if name.startswith("FP") else {int} for name in _RANGES},
}
DATATYPES = tuple(_TYPES)
MISSING_TEXTS = ("None", "nan", "<NA>", "NaT")
"""What Python's `str` makes of the missing values of Python, NumPy and pandas."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of a request, consistent in itself.

    Attributes:
        name: name in the request.
        datatype: one of `DATATYPES`.
        shape: one or two dimensions.
        values: values in row-major order; None is a missing value, sent as null or NaN.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: list[Any]

    @property
    def text(self) -> str:
        """The tensor's name in messages."""
        return f"the tensor {cut(self.name)!r}"

    @property
    def has_missing_texts(self) -> bool:
        """Whether a value is a text that clients write for a missing one."""
        return self.datatype == "BYTES" and any(text in self.values for text in MISSING_TEXTS)


def tensors_in(request: dict[str, Any], tail: "Tail | None" = None) -> list[Tensor]:
    """Return the tensors of a request.

    Args:
        request: the parsed JSON.
        tail: the bytes after the JSON, if the request has binary tensors.

    Raises:
        ProblemError: 422 if a tensor doesn't follow the protocol; the message names it.
    """
    inputs = request.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise ProblemError(422, f'"inputs" must be a list of tensors, got {_got(inputs)}')
    found: dict[str, Tensor] = {}
    for number, given in enumerate(inputs):
        tensor = _tensor(number, given, tail)
        if tensor.name in found:
            raise ProblemError(422, f"duplicate tensor {cut(tensor.name)!r}")
        found[tensor.name] = tensor
    if tail is not None:
        tail.require_empty()
    return list(found.values())


def _got(value: Any) -> str:
    return "an empty list" if value == [] else kind_of(value)


def _tensor(number: int, given: Any, tail: "Tail | None") -> Tensor:
    if not isinstance(given, dict):
        raise ProblemError(422, f"tensor {number} must be an object, got {kind_of(given)}")
    name, datatype = given.get("name"), given.get("datatype")
    if not isinstance(name, str) or not is_unicode(name):
        raise ProblemError(422, f'tensor {number}: "name" must be a string, got {kind_of(name)}')
    where = f"the tensor {cut(name)!r}"
    if not isinstance(datatype, str) or datatype not in _TYPES:
        wanted = f"one of {', '.join(DATATYPES)}"
        raise ProblemError(422, f'{where}: "datatype" must be {wanted}, got {shown(datatype)}')
    shape = _shape(where, given.get("shape"))
    parameters = parameters_of(where, given)
    if "binary_data_size" in parameters:
        values = _binary(where, given, shape, tail)
    else:
        values = _flat(where, given.get("data"), shape)
    _require_type(where, datatype, values)
    if parameters.get("content_type") is not None:
        from endpoint.v2.content_types import decoded

        values = decoded(where, parameters["content_type"], datatype, values)
    return Tensor(name, datatype, shape, values)


def parameters_of(where: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a request, of an input or of a requested output.

    Raises:
        ProblemError: 422 if they aren't an object, or name memory that clients share with Triton.
    """
    parameters = given.get("parameters")
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise ProblemError(422, f'{where}: "parameters" must be an object')
    if "shared_memory_region" in parameters:
        raise ProblemError(422, f"{where}: shared memory isn't supported")
    return parameters


def _binary(
    where: str, given: dict[str, Any], shape: tuple[int, ...], tail: "Tail | None"
) -> list[Any]:
    if tail is None:
        missing = "requires the header inference-header-content-length, the length of the JSON"
        raise ProblemError(422, f'{where}: "binary_data_size" {missing}')
    if given.get("data") is not None:
        raise ProblemError(422, f'{where}: "data" and "binary_data_size" can\'t be used together')
    size = given["parameters"]["binary_data_size"]
    return tail.values(where, given["datatype"], _count(shape), size)


def _shape(where: str, shape: Any) -> tuple[int, ...]:
    match shape:
        case [int()] | [int(), int()] if all(
            not isinstance(size, bool) and 0 <= size <= _MOST for size in shape
        ):
            return tuple(shape)
        case _:
            wanted = "[rows] or [rows, columns], whole numbers from 0"
            raise ProblemError(422, f'{where}: "shape" must be {wanted}')


def _flat(where: str, data: Any, shape: tuple[int, ...]) -> list[Any]:
    """Return the values in row-major order; "data" is flat or a list of rows."""
    if not isinstance(data, list):
        raise ProblemError(422, f'{where}: "data" must be a list, got {kind_of(data)}')
    if len(shape) > 1 and data and all(isinstance(row, list) for row in data):
        if len(data) != shape[0] or any(len(row) != shape[1] for row in data):
            raise ProblemError(422, f'{where}: the rows of "data" don\'t match the shape')
        data = [value for row in data for value in row]
    wanted = _count(shape)
    if len(data) != wanted:
        raise ProblemError(422, f'{where}: the shape needs {wanted} values, "data" has {len(data)}')
    values: list[Any] = data
    return values


def _count(shape: tuple[int, ...]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def _require_type(where: str, datatype: str, values: list[Any]) -> None:
    """Refuse values that the datatype can't hold; the message has the position of the first."""
    types = _TYPES[datatype] | {type(None)}
    wrong = None
    if not set(map(type, values)) <= types:
        wrong = next(n for n, value in enumerate(values) if type(value) not in types)
    elif datatype in _RANGES:
        low, high = _RANGES[datatype]
        present = (n for n, value in enumerate(values) if value is not None)
        wrong = next((n for n in present if not low <= values[n] <= high), None)
    if wrong is not None:
        got = shown(values[wrong])
        raise ProblemError(422, f"{where}: value {wrong} must be {datatype}, got {got}")


def rows_of(tensors: list[Tensor], features: list[Feature], most_rows: int) -> list[Any]:
    """Return rows in the order of training.

    One tensor of any name holds all columns, [rows, columns]; or each column has a tensor with
    its name, [rows] or [rows, 1].

    Raises:
        ProblemError: 413 if there are too many rows, 422 if the tensors don't fit the model, or
            if a client wrote a missing value as text.
    """
    rows = _rows(tensors, features, most_rows)
    if any(tensor.has_missing_texts for tensor in tensors):
        from endpoint.v2.missing_texts import require_none

        require_none(rows, features, MISSING_TEXTS)
    return rows


def _rows(tensors: list[Tensor], features: list[Feature], most_rows: int) -> list[Any]:
    count = len(features)
    first = tensors[0]
    if len(tensors) == 1 and (first.shape[1:] or (1,)) == (count,):
        require_few(first.shape[0], most_rows)
        return [first.values[at : at + count] for at in range(0, len(first.values), count)]
    names = [feature["name"] for feature in features]
    by_name = {tensor.name: tensor for tensor in tensors}
    known = set(names)
    if len(tensors) == 1 and first.name not in known:
        wanted = f"[rows, {count}], or send one tensor per column, with the column's name"
        raise ProblemError(422, f"{first.text}: the shape must be {wanted}")
    _require_names(by_name, dict.fromkeys(names))
    for tensor in tensors:
        if tensor.shape[1:] not in {(), (1,)} or tensor.shape[0] != first.shape[0]:
            wanted = f"[{first.shape[0]}] or [{first.shape[0]}, 1], like the other columns'"
            raise ProblemError(422, f"{tensor.text}: the shape must be {wanted}")
    require_few(first.shape[0], most_rows)
    return list(map(list, zip(*(by_name[name].values for name in names), strict=True)))


def _require_names(given: Collection[str], names: Collection[str]) -> None:
    """Refuse tensors that aren't the model's columns; the message has a guess at what was meant."""
    unknown = [name for name in given if name not in names]
    missing = [name for name in names if name not in given]
    if unknown:
        from endpoint.column_names import guesses

        name, meant = next(iter(guesses(unknown, missing).items()), (unknown[0], ""))
        hint = f"; did you mean {meant!r}?" if meant else ""
        raise ProblemError(422, f"the model has no column for the tensor {cut(name)!r}{hint}")
    if missing:
        raise ProblemError(422, f"the request has no tensor for the column {cut(missing[0])!r}")
