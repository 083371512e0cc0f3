"""The lists of class labels that an ONNX file holds.

ONNX Runtime runs a graph and doesn't show its constants. They are read from the file, a message
of protocol buffers: https://protobuf.dev/programming-guides/encoding/, onnx/onnx.proto.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_GRAPH, _NODE, _INITIALIZER = 7, 1, 5
_ATTRIBUTE, _INTS, _STRINGS = 5, 8, 9
_DATA_TYPE, _STRING_DATA, _INT64_DATA, _RAW_DATA = 2, 6, 7, 9
_INT64 = 7
_BYTES = 2
_SKIPPED = {1: 8, 5: 4}
"""Bytes of the other kinds of values: 64 and 32 bits."""
_MOST_BYTES = 80_000
"""Longer constants aren't lists of classes."""
_SIGN = 1 << 63

Labels = list[Any]


def label_lists(path: Path) -> list[Labels]:
    """Return lists of distinct integers or texts among a graph's constants.

    Empty for a file that can't be parsed, because the lists are optional.
    """
    try:
        graphs = [one for number, one in _fields(path.read_bytes()) if number == _GRAPH]
        found = [labels for graph in graphs for labels in _of_graph(graph)]
    except (IndexError, UnicodeDecodeError, ValueError):
        return []
    return [one for one in found if len(one) > 1 and len(set(one)) == len(one)]


def ordered(shown: Mapping[int, Any], count: int, lists: Iterable[Labels]) -> Labels | None:
    """Return the labels in the order of the scores' columns, or None if that isn't certain.

    Args:
        shown: labels of rows by the column of their greatest score.
        count: of the columns.
        lists: constants of the graph. scikit-learn's classes are sorted.
    """
    if len(shown) == count:
        return [shown[place] for place in range(count)]
    numbered = list(range(count))  # a graph whose label is a place has no list
    fitting = [one for one in lists if len(one) == count and one == sorted(one)]
    possible = [
        one
        for one in (numbered, *fitting)
        if all(
            type(one[place]) is type(label) and one[place] == label
            for place, label in shown.items()
        )
    ]
    different = [one for place, one in enumerate(possible) if one not in possible[:place]]
    return different[0] if len(different) == 1 else None


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield each field's number and its value: an integer, or bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield key >> 3, value
        elif kind == _BYTES:
            size, at = _varint(message, at)
            yield key >> 3, message[at : at + size]
            at += size
        else:
            at += _SKIPPED[kind] if kind in _SKIPPED else len(message)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:  # noqa: PLR2004 - the last byte has no upper bit
            return value, at


def _of_graph(graph: bytes) -> Iterator[Labels]:
    for number, value in _fields(graph):
        if number == _NODE:
            for kind, attribute in _fields(value):
                if kind == _ATTRIBUTE and len(attribute) <= _MOST_BYTES:
                    yield from _of_attribute(attribute)
        elif number == _INITIALIZER and len(value) <= _MOST_BYTES:
            yield _of_tensor(value)


def _of_attribute(attribute: bytes) -> Iterator[Labels]:
    fields = list(_fields(attribute))
    yield _whole_numbers(fields, _INTS)
    yield [value.decode() for number, value in fields if number == _STRINGS]


def _of_tensor(tensor: bytes) -> Labels:
    fields = list(_fields(tensor))
    texts = [value.decode() for number, value in fields if number == _STRING_DATA]
    if texts or dict(fields).get(_DATA_TYPE) != _INT64:
        return texts
    raw = dict(fields).get(_RAW_DATA, b"")
    numbers = [
        int.from_bytes(raw[at : at + 8], "little", signed=True) for at in range(0, len(raw), 8)
    ]
    return numbers or _whole_numbers(fields, _INT64_DATA)


def _whole_numbers(fields: list[tuple[int, Any]], wanted: int) -> Labels:
    """Return a repeated integer field, packed or not."""
    found: Labels = []
    for number, value in fields:
        if number == wanted and isinstance(value, int):
            found.append(value)
        elif number == wanted:
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                found.append(one)
    return [one - 2 * _SIGN if one >= _SIGN else one for one in found]
