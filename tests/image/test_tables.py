"""The table that the model gets has the values, dtypes and labels of training, in every format."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.events import http, routed
from tests.support.signatures import INFER, csv_event, seen, served, v2_event

BIG = 2**60 + 1
"""No double is this number."""
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("storage", [*INTEGERS, "float16", "float32", "float64", "bool"])
def test_an_array_keeps_its_dtype_in_every_format(tmp_path: Path, storage: str) -> None:
    """JSON, CSV and V2 rows become what NumPy makes of the same values with that dtype."""
    dtype = np.dtype(storage)
    kind = {"b": "boolean", "f": "number"}.get(dtype.kind, "integer")
    values: Any = [[True, False], [False, False]]
    if dtype.kind == "f":
        values = [[0.1, float(np.finfo(dtype).max) if storage != "float64" else 1e38], [-2, 0]]
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        values = [[limits.min, limits.max], [limits.max - 1, 1]]
    features = [{"name": n, "dtype": kind, "nullable": False, "storage": storage} for n in "ab"]
    handler = served(tmp_path, features, values[0], "array")
    written = [",".join(json.dumps(one) for one in row) for row in values]
    flat = [one for row in values for one in row]
    datatype = {"f": f"FP{8 * dtype.itemsize}", "b": "BOOL"}.get(dtype.kind, storage.upper())
    tensor = {"name": "x", "datatype": datatype, "shape": [2, 2], "data": flat}
    expected = np.array(values, dtype=dtype)
    for event in (
        http({"instances": values}),
        http({"inputs": values}),
        csv_event("a,b\n" + "\n".join(written)),
        routed(INFER, {"inputs": [tensor]}),
    ):
        table = seen(handler, event)
        assert table.dtype == dtype
        assert table.tolist() == expected.tolist()


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "FP64"])
def test_a_float32_array_takes_any_floats(tmp_path: Path, datatype: str) -> None:
    """A client may send the values of 32-bit columns in tensors of another precision."""
    features = [{"name": "a", "dtype": "number", "nullable": True, "storage": "float32"}]
    handler = served(tmp_path, features, [0.1], "array")
    tensor = {"name": "x", "datatype": datatype, "shape": [2, 1], "data": [0.1, None]}
    table = seen(handler, routed(INFER, {"inputs": [tensor]}))
    assert table.dtype == np.float32
    assert np.array_equal(table, np.array([[0.1], [np.nan]], dtype="float32"), equal_nan=True)


def test_an_array_of_format_1_holds_64_bit_floats(tmp_path: Path) -> None:
    """Bundles that name no storage are answered as before."""
    features = [{"name": "a", "dtype": "number", "nullable": True}]
    table = seen(served(tmp_path, features, [1], "array"), http({"features": [None]}))
    assert (table.dtype, np.isnan(table[0, 0])) == (np.dtype("float64"), True)


def series(values: list[Any], dtype: Any) -> pd.Series:
    """Return a column as training has it."""
    return pd.Series(values, dtype=dtype)


def zoned(unit: str, zone: str) -> pd.Series:
    """Return times of a zone, the hour that it has twice in autumn among them."""
    texts = ["2024-10-27T00:30:00", "2024-10-27T01:30:00", None, "1969-12-31T23:59:59"]
    return pd.Series(pd.to_datetime(texts).as_unit(unit).tz_localize("UTC").tz_convert(zone))


def category(values: list[Any], known: Any, *, ordered: bool = False) -> pd.Series:
    """Return a column of categories."""
    return pd.Series(pd.Categorical(values, categories=known, ordered=ordered))


def kept(**facts: Any) -> dict[str, Any]:
    """Return what a signature says of a category column."""
    return {"storage": "category", "closed": True, "ordered": False, **facts}


NS = "2024-02-29T12:00:00.123456789"
COLUMNS: dict[str, tuple[pd.Series, dict[str, Any]]] = {
    **{
        name: (series([np.iinfo(name).min, np.iinfo(name).max], name), {"dtype": "integer"})
        for name in INTEGERS
    },
    **{
        name: (series([BIG % 2**bits, None, 1], name), {"dtype": "integer"})
        for name, bits in (("Int8", 7), ("UInt16", 16), ("Int64", 63), ("UInt64", 64))
    },
    **{
        name: (series([0.1, None, -2.5], name), {"dtype": "number"})
        for name in ("float16", "float32", "float64", "Float32", "Float64")
    },
    "bool": (series([True, False], "bool"), {"dtype": "boolean"}),
    "boolean": (series([True, None, False], "boolean"), {"dtype": "boolean"}),
    "object, None": (series(["a", None], object), {"dtype": "string", "missing": "none"}),
    "object, NaN": (series(["a", np.nan], object), {"dtype": "string", "missing": "nan"}),
    "str": (series(["a", None, "01067"], "str"), {"dtype": "string", "missing": "nan"}),
    "string": (series(["a", None, "true"], "string"), {"dtype": "string", "missing": "nan"}),
    **{
        f"datetime64[{unit}]": (
            series(["2024-02-29T12:00:01", None, "1800-01-01"], f"datetime64[{unit}]"),
            {"dtype": "datetime"},
        )
        for unit in ("s", "ms", "us", "ns")
    },
    "nanoseconds": (series([NS, None], "datetime64[ns]"), {"dtype": "datetime"}),
    "Berlin": (zoned("us", "Europe/Berlin"), {"dtype": "datetime"}),
    "UTC": (zoned("ns", "UTC"), {"dtype": "datetime"}),
    "an offset": (zoned("ms", "+05:30"), {"dtype": "datetime"}),
    "ordered": (
        category(["low", None, "high"], ["low", "high"], ordered=True),
        kept(dtype="string", ordered=True, category_storage="str", categories=["low", "high"]),
    ),
    "objects": (
        category(["a"], pd.Index(["b", "a"], dtype=object)),
        kept(dtype="string", category_storage="object", categories=["b", "a"]),
    ),
    "integers": (
        category([BIG, 3, None], [3, BIG, 1]),
        kept(dtype="integer", category_storage="int64", categories=[3, BIG, 1]),
    ),
    "floats": (
        category([0.5, 2.0], [2.0, 0.5]),
        kept(dtype="number", category_storage="float64", categories=[2.0, 0.5]),
    ),
    "booleans": (
        category([True, False], [True, False]),
        kept(dtype="boolean", category_storage="bool", categories=[True, False]),
    ),
    "times": (
        category([pd.Timestamp(NS)], pd.DatetimeIndex([NS], dtype="datetime64[ns]")),
        kept(dtype="datetime", category_storage="datetime64[ns]", categories=[NS]),
    ),
    "intervals": (
        category([pd.Interval(1.5, 3.0)], pd.IntervalIndex.from_tuples([(0, 1.5), (1.5, 3)])),
        kept(
            dtype="string",
            category_storage="interval",
            categories=["(0.0, 1.5]", "(1.5, 3.0]"],
            intervals={
                "closed": "right",
                "storage": "float64",
                "left": [0.0, 1.5],
                "right": [1.5, 3.0],
            },
        ),
    ),
}


def sent(value: Any) -> Any:
    """Return a value as a client writes it in JSON."""
    if isinstance(value, pd.Interval):
        return str(value)
    if pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_a_dataframe_is_rebuilt_exactly(tmp_path: Path, name: str) -> None:
    """All rows and each row alone, in JSON, CSV and V2, equal pandas' own column."""
    column, facts = COLUMNS[name]
    nullable = bool(column.isna().any())
    feature = {"name": "x", "storage": str(column.dtype), "nullable": nullable, **facts}
    values = [sent(one) for one in column.tolist()]
    handler = served(tmp_path, [feature], [values[0]])
    expected = pd.DataFrame({"x": column})
    fields = [
        "" if one is None else one if isinstance(one, str) else json.dumps(one) for one in values
    ]
    datatypes = {"number": "FP64", "boolean": "BOOL", "integer": "INT64"}
    datatype = datatypes.get(facts["dtype"], "BYTES")
    if str(column.dtype).lower().startswith("uint"):
        datatype = "UINT64"
    for event in (
        http({"instances": [{"x": one} for one in values]}),
        csv_event("x\n" + "\n".join(f'"{one}"' for one in fields)),
        v2_event(x=(datatype, values)),
    ):
        pd.testing.assert_frame_equal(seen(handler, event), expected, check_exact=True)
    for row, one in enumerate(values):
        alone = expected.iloc[[row]].reset_index(drop=True)
        pd.testing.assert_frame_equal(seen(handler, http({"features": {"x": one}})), alone)


def test_labels_that_are_no_texts_are_named_as_texts(tmp_path: Path) -> None:
    """The table has the labels of training: integers, and names that a call could trip over."""
    labels: list[Any] = [0, 7, "self", "", "__proto__"]
    features = [
        {"name": str(one), "dtype": "number", "nullable": False, "storage": "float64"}
        | ({} if isinstance(one, str) else {"label": one})
        for one in labels
    ]
    handler = served(tmp_path, features, [1, 2, 3, 4, 5])
    table = seen(handler, http({"features": {str(one): 1 for one in labels}}))
    assert list(table.columns) == labels


def test_known_values_beyond_100_are_read_from_beside_the_signature(tmp_path: Path) -> None:
    """A long list isn't in the signature, and the column is still rebuilt and checked."""
    known = [f"c{n}" for n in range(150)]
    feature = {"name": "x", "nullable": False, **kept(dtype="string", category_storage="str")}
    handler = served(tmp_path, [feature], ["c1"], columns={"x": {"categories": known}})
    table = seen(handler, http({"features": {"x": "c149"}}))
    expected = pd.DataFrame({"x": category(["c149"], known)})
    pd.testing.assert_frame_equal(table, expected)
