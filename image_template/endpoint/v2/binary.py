"""Triton's binary tensor data extension: tensors follow the JSON of a request as bytes.

Source: https://github.com/triton-inference-server/server, docs/protocol/extension_binary_data.md
"""

import struct
from typing import Any

from endpoint.problem import ProblemError, cut, kind_of

_LETTERS = {
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "BOOL": "B",
    "FP16": "e",
    "FP32": "f",
    "FP64": "d",
}
"""The letters of the datatypes in `struct`; BYTES has none."""
_LENGTH = 4
"""Bytes of the length before each element of BYTES."""


def split(raw: bytes, header: str) -> tuple[bytes, "Tail"]:
    """Return the JSON of a body, and what follows it.

    Args:
        raw: the body.
        header: the value of `inference-header-content-length`, the length of the JSON in bytes.

    Raises:
        ProblemError: 400 if the header isn't a length within the body, 422 without JSON.
    """
    size = int(header) if header.isdecimal() and header.isascii() and len(header) <= _DIGITS else -1
    if not 0 <= size <= len(raw):
        wanted = f"a whole number of bytes, at most {len(raw)}, the length of the body"
        raise ProblemError(400, f"{HEADER} must be {wanted}")
    if size == 0:
        wrong = "a body without the JSON of the tensors isn't supported"
        raise ProblemError(422, f"{HEADER} is 0: {wrong}")
    return raw[:size], Tail(raw[size:])


HEADER = "inference-header-content-length"
_DIGITS = 18


class Tail:
    """The bytes after the JSON, which its tensors take in their order."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def values(self, where: str, datatype: str, count: int, size: Any) -> list[Any]:
        """Return the next tensor's values; NaN is None, a missing value.

        Args:
            where: the tensor's name in messages.
            datatype: the tensor's datatype.
            count: number of values that the shape needs.
            size: the tensor's parameter "binary_data_size".

        Raises:
            ProblemError: 422 if the bytes don't fit the shape and the datatype.
        """
        if type(size) is not int or size < 0:
            got = kind_of(size) if type(size) is not int else "a negative one"
            raise ProblemError(
                422, f'{where}: "binary_data_size" must be a number of bytes, got {got}'
            )
        left = len(self._raw) - self._at
        if size > left:
            raise ProblemError(
                422, f'{where}: "binary_data_size" is {size}, but only {left} bytes are left'
            )
        raw = self._raw[self._at : self._at + size]
        self._at += size
        if datatype == "BYTES":
            return _texts(where, raw, count)
        return _numbers(where, datatype, raw, count)

    def require_empty(self) -> None:
        """Refuse bytes that belong to no tensor."""
        left = len(self._raw) - self._at
        if left:
            raise ProblemError(422, f"the body has {left} bytes after its last binary tensor")


def _numbers(where: str, datatype: str, raw: bytes, count: int) -> list[Any]:
    letter = _LETTERS[datatype]
    wanted = count * struct.calcsize(f"<{letter}")
    if len(raw) != wanted:
        what = f"the shape needs {wanted} bytes of {datatype}"
        raise ProblemError(422, f'{where}: {what}, "binary_data_size" is {len(raw)}')
    values = struct.unpack(f"<{count}{letter}", raw)
    if datatype == "BOOL":
        return _booleans(where, raw)
    # Only NaN differs from itself.
    return [None if value != value else value for value in values]  # noqa: PLR0124 - see above


def _booleans(where: str, raw: bytes) -> list[bool]:
    wrong = next((number for number, value in enumerate(raw) if value > 1), None)
    if wrong is not None:
        raise ProblemError(
            422, f"{where}: value {wrong} must be BOOL, a byte of 0 or 1, got {raw[wrong]}"
        )
    return [value == 1 for value in raw]


def _texts(where: str, raw: bytes, count: int) -> list[str]:
    """Return the elements of BYTES; each follows its length, 4 bytes."""
    found: list[str] = []
    at = 0
    while at < len(raw):
        start = at + _LENGTH
        end = start + int.from_bytes(raw[at:start], "little")
        if end > len(raw) or start > len(raw):
            raise ProblemError(422, f"{where}: value {len(found)} ends after the tensor's bytes")
        found.append(_text(where, len(found), raw[start:end]))
        at = end
    if len(found) != count:
        raise ProblemError(
            422, f"{where}: the shape needs {count} values, its bytes have {len(found)}"
        )
    return found


def _text(where: str, number: int, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        shown = cut(raw.decode("utf-8", "replace"))
        raise ProblemError(
            422, f"{where}: value {number} must be text in UTF-8, got {shown!r}"
        ) from error
