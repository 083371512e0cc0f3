"""What a column takes: its numbers, its known values, its times; all else is told with a reason."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import answered, http
from tests.support.signatures import csv_event, refused, seen, served, v2_event

BIG = 2**53


def feature(dtype: str, storage: str, **facts: Any) -> dict[str, Any]:
    """Return the facts of the column "x"."""
    return {"name": "x", "dtype": dtype, "storage": storage, "nullable": False, **facts}


def closed(dtype: str, storage: str, *known: Any, **facts: Any) -> dict[str, Any]:
    """Return a column that takes these values alone."""
    return feature(dtype, storage, closed=True, categories=list(known), **facts)


ANY_OFFSET = "without an offset"
TAKEN = [
    (feature("integer", "int64"), [BIG + 1, 3.0, -(2**63), float(BIG - 1)]),
    (feature("integer", "uint64"), [2**64 - 1]),
    (feature("number", "float16"), [65504, -65504.0]),
    (feature("number", "float32"), [3.4e38, 5]),
    (feature("number", "float64", minimum=-1e300, maximum=0.0), [1e300, -1e300]),
    (closed("integer", "int64", 1, BIG + 1), [1, 1.0, BIG + 1]),
    (closed("number", "float32", 0.10000000149011612), [0.1, 0.10000000149011612]),
    (feature("boolean", "bool", closed=True, categories=[True]), [True]),
    (feature("datetime", "datetime64[ns]"), ["2024-02-29", "2024-02-29 10:00", "1677-09-22"]),
    (feature("datetime", "datetime64[s]"), ["1600-01-01", "2024-01-01T00:00:00.000"]),
    (feature("datetime", "datetime64[us, UTC]"), ["2024-01-01T00:00Z", "2024-01-01T00:00:00+0200"]),
    (
        closed("datetime", "category", "2024-01-01T00:00:00", category_storage="datetime64[us]"),
        ["2024-01-01", "2024-01-01T00:00"],
    ),
]
REFUSED = [
    (feature("integer", "int64"), 1.5, "a whole number"),
    (
        feature("integer", "int64"),
        float(BIG),
        "a whole number without decimal point or exponent, because it is over",
    ),
    (feature("integer", "int64"), 2**63, "from -9223372036854775808 to 9223372036854775807"),
    (feature("integer", "uint8"), 256, "a whole number from 0 to 255"),
    (feature("integer", "UInt8"), -1, "a whole number from 0 to 255"),
    (feature("integer", "int64"), True, "a number, got true"),
    (feature("integer", "int64"), None, "a number, got null"),
    (feature("number", "float16"), 65505, "a number of at most 65504"),
    (feature("number", "float32"), 1e39, "a number of at most 3.4e38"),
    (feature("number", "float64"), 1e39, "a number of at most 3.4e38"),
    (feature("number", "float64", minimum=0.0, maximum=1e300), 1e301, "a number of at most 1e300"),
    (feature("boolean", "bool"), 1, "true or false"),
    (closed("integer", "int64", 0, 1), 2, "one of 0, 1, got 2"),
    (closed("integer", "int64", 0, 1), True, "a number, got true"),
    (closed("number", "float64", 0.5, 1.0), 0.7, "one of 0.5, 1.0, got 0.7"),
    (feature("boolean", "bool", closed=True, categories=[True]), False, "one of true, got false"),
    (closed("string", "str", "a", "b"), "c", "one of 'a', 'b', got 'c'"),
    (closed("string", "category", "a", "b", refused=["b"], category_storage="str"), "b", "of 'a',"),
    (feature("datetime", "datetime64[ns]"), 5, "ISO 8601"),
    (feature("datetime", "datetime64[ns]"), "2024-02-30", "ISO 8601"),
    (feature("datetime", "datetime64[ns]"), "29.2.2024", "ISO 8601"),
    (feature("datetime", "datetime64[ns]"), "2024-02-29T24:00", "ISO 8601"),
    (feature("datetime", "datetime64[ns]"), "2024-02-29T10:00Z", ANY_OFFSET),
    (feature("datetime", "datetime64[us, UTC]"), "2024-02-29T10:00", "with an offset"),
    (feature("datetime", "datetime64[us, UTC]"), "2024-02-29", "with an offset"),
    (feature("datetime", "datetime64[ns]"), "1600-01-01", "from 1677-09-22 to 2262-04-10"),
    (feature("datetime", "datetime64[ns]"), "2262-04-12", "from 1677-09-22 to 2262-04-10"),
    (feature("datetime", "datetime64[s]"), "2024-01-01T00:00:00.5", "no fraction of a second"),
    (feature("datetime", "datetime64[us]"), "2024-01-01T00:00:00.1234567", "at most 6 decimals"),
    (feature("datetime", "datetime64[us, UTC]"), "0001-01-01T00:00+14:00", "from 0001-01-02"),
    (feature("datetime", "datetime64[us]"), None, "got null"),
]


@pytest.mark.parametrize(("column", "values"), TAKEN)
def test_what_a_column_can_hold_is_taken(
    tmp_path: Path, column: dict[str, Any], values: list[Any]
) -> None:
    """Alone and together, however it is written."""
    handler = served(tmp_path, [column], [values[0]])
    for value in values:
        assert len(seen(handler, http({"features": {"x": value}}))) == 1
    rows = [{"x": value} for value in values]
    assert len(seen(handler, http({"instances": rows}))) == len(values)


@pytest.mark.parametrize(("column", "value", "says"), REFUSED)
def test_what_a_column_cannot_hold_is_refused(
    tmp_path: Path, column: dict[str, Any], value: Any, says: str
) -> None:
    """The column's name and what was expected are told, in JSON and in a CSV."""
    handler = served(tmp_path, [column], [value])
    told = refused(handler, http({"features": {"x": value}}))
    assert told.startswith("row 0, 'x': expected ")
    assert says in told
    if isinstance(value, str):
        assert refused(handler, csv_event(f"x,\n{value},\n".replace(",", ""))) == told


def test_at_most_20_known_values_are_told(tmp_path: Path) -> None:
    """A column that knows thousands doesn't list them, and its values are still checked."""
    known = [f"<{n}>" for n in range(5000)]
    column = feature("string", "str", closed=True)
    handler = served(tmp_path, [column], ["<1>"], columns={"x": {"categories": known}})
    assert len(seen(handler, http({"features": {"x": "<4999>"}}))) == 1
    told = refused(handler, http({"features": {"x": "z"}}))
    assert told.count("<") == 20
    assert ", …, got 'z'" in told


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        (feature("integer", "int64", minimum=0, maximum=1234567), 1234568, "0 to 1234567"),
        (
            feature(
                "datetime",
                "datetime64[us, Europe/Berlin]",
                minimum="2024-01-01T00:00:00+01:00",
                maximum="2024-07-01T00:00:00+02:00",
            ),
            "2024-06-30T22:00:01Z",
            "2024-01-01T00:00:00+01:00 to 2024-07-01T00:00:00+02:00",
        ),
    ],
)
def test_what_training_saw_nothing_like_gets_a_warning(
    tmp_path: Path, column: dict[str, Any], value: Any, says: str
) -> None:
    """Times are compared as times, not as texts; the ends are written out."""
    handler = served(tmp_path, [column], [value])
    _, answer = answered(handler, http({"features": {"x": value}}))
    detail = f"outside {says}, the rounded range of the training data"
    assert answer["warnings"] == [{"row": 0, "column": "x", "detail": detail}]
    for end in (column["minimum"], column["maximum"]):
        assert "warnings" not in answered(handler, http({"features": {"x": end}}))[1]


def test_the_nearest_32_bit_float_of_a_bound_is_no_warning(tmp_path: Path) -> None:
    """0.1 becomes the least value of training, though it is less than that as a double."""
    column = feature("number", "float32", minimum=0.10000000149011612, maximum=1.0)
    handler = served(tmp_path, [column], [0.1], "array")
    assert "warnings" not in answered(handler, http({"features": [0.1]}))[1]
    assert "warnings" in answered(handler, http({"features": [0.09]}))[1]


@pytest.mark.parametrize("storage", ["datetime64[us]", "datetime64[ns, Europe/Berlin]"])
def test_a_missing_time_is_taken_where_training_had_gaps(tmp_path: Path, storage: str) -> None:
    """As null, and as an empty field of a CSV."""
    handler = served(tmp_path, [feature("datetime", storage, nullable=True)], [None])
    for event in (
        http({"features": {"x": None}}),
        csv_event('x\n""\n'),
        v2_event(x=("BYTES", [None])),
    ):
        table = seen(handler, event)
        assert (str(table["x"].dtype), bool(table["x"].isna().all())) == (storage, True)


BODY = b'{"features": {"x": 1}}'


def encoded(body: bytes, **headers: str) -> dict[str, Any]:
    """Return an event with a body of any bytes."""
    told = {"content-type": "application/json", **headers}
    return http(b64encode(body).decode(), headers=told, isBase64Encoded=True)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    """RFC 8259 lets a parser ignore it; a second one is an error."""
    handler = served(tmp_path, [feature("number", "float64")], [1])
    assert len(seen(handler, encoded(b"\xef\xbb\xbf" + BODY))) == 1
    assert answered(handler, encoded(b"\xef\xbb\xbf" * 2 + BODY))[0] == 400
