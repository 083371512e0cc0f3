"""Columns as a signature describes them, and what is refused before a fit."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.data.columns import features_of, with_learnt
from mldeploy.model.data.encoders import Learnt, learnt
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.user_module import checked_data

ROWS = 12
LEVELS = pd.DataFrame(np.zeros((ROWS, 1)), columns=pd.MultiIndex.from_tuples([("a", "b")]))


def features(x: Any) -> list[dict[str, Any]]:
    """Describe the columns of X as training does."""
    names = tuple(map(str, x.columns)) if hasattr(x, "columns") else None
    return features_of(checked_data(TrainingData(x, None, names), "train.py"))


def column(values: Any, **named: Any) -> dict[str, Any]:
    """Describe a column of a DataFrame, by what a Series of it takes."""
    return features(pd.DataFrame({"c": pd.Series(values, **named)}))[0]


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int8", "int64", "uint8", "uint64", "bool"]
)
def test_an_array_keeps_its_dtype(dtype: str) -> None:
    """In the signature, from where the endpoint takes it."""
    x = np.arange(2 * ROWS).reshape(ROWS, 2).astype(dtype)
    kinds = {"f": "number", "i": "integer", "u": "integer", "b": "boolean"}
    for one in features(x):
        assert (one["storage"], one["dtype"]) == (dtype, kinds[np.dtype(dtype).kind])


def test_integers_stay_exact() -> None:
    """Beyond 2**53 a float would be another number."""
    x = np.full((ROWS, 1), 2**60 + 1, dtype=np.int64)
    assert features(x)[0]["maximum"] == 2**60 + 1
    assert column([2**60 + 1, None] * 6, dtype="Int64")["maximum"] == 2**60 + 1


def test_dates_are_described_as_requests_bring_them() -> None:
    """ISO 8601 with the range of training, with and without a zone, with gaps."""
    naive = column(pd.to_datetime(["2024-01-01", None] * 6))
    assert (naive["dtype"], naive["nullable"]) == ("datetime", True)
    assert naive["minimum"] == "2024-01-01T00:00:00"  # six rows have it
    zoned = column(pd.date_range("2024-01-01", periods=ROWS, tz="Europe/Berlin"))
    assert zoned["minimum"] == "2023-12-31T00:00:00+00:00"
    assert zoned["storage"].endswith("Europe/Berlin]")


def test_categories_keep_order_and_type() -> None:
    """Texts, integers and intervals: all that the dtype can hold, and nothing else."""
    ordered = column(pd.Categorical(["s", "m"] * 6, categories=["s", "m", "l"], ordered=True))
    assert (ordered["categories"], ordered["ordered"]) == (["s", "m", "l"], True)
    whole = column(pd.Categorical([3, 1] * 6))
    assert (whole["dtype"], whole["categories"], whole["closed"]) == ("integer", [1, 3], True)
    cut = column(pd.cut(np.arange(ROWS), [-1, 5, 20]))
    assert (cut["dtype"], cut["categories"]) == ("string", ["(-1, 5]", "(5, 20]"])
    assert (cut["intervals"]["left"], cut["intervals"]["closed"]) == ([-1, 5], "right")


def test_a_column_is_named_by_text_and_keeps_its_label() -> None:
    """0 is "0" in a request, and 0 in the DataFrame."""
    found = features(pd.DataFrame(np.zeros((ROWS, 2))))
    assert [(one["name"], one["label"]) for one in found] == [("0", 0), ("1", 1)]


@pytest.mark.parametrize(
    ("values", "says", "line"),
    [
        ([dt.date(2024, 1, 1)] * ROWS, "a date", "pd.to_datetime"),
        ([Decimal(1)] * ROWS, "a Decimal", "astype(float)"),
        ([True, None] * 6, "a bool", 'astype("boolean")'),
        ([1, "a"] * 6, "a int", "pd.to_numeric"),
        ([["a", "b"]] * ROWS, "a list", "one column per element"),
        ([{"a": 1}] * ROWS, "a dict", "json_normalize"),
        ([None, float("nan"), "a"] * 4, "NaN and None", "notna()"),
        ([pd.NA, "a"] * 6, "NA among objects", 'astype("string")'),
        (pd.to_timedelta([1] * ROWS, unit="h"), "durations", "total_seconds()"),
        (pd.period_range("2024", periods=ROWS, freq="D"), "periods", "to_timestamp()"),
        (pd.arrays.SparseArray([0, 1] * 6), "sparse", "to_dense()"),
        (np.array([1j] * ROWS), "complex", "real and imaginary"),
        ([np.inf, 1.0] * 6, "infinite", "np.inf"),
    ],
)  # fmt: skip
def test_what_a_request_cant_bring_is_refused_with_the_line_that_helps(
    values: Any, says: str, line: str
) -> None:
    """Before anything is fitted, naming the column."""
    given = values if hasattr(values, "dtype") else pd.Series(values, dtype=object)
    given = pd.Series([np.inf, 1.0] * 6) if says == "infinite" else given
    with pytest.raises(MldeployError) as raised:
        column(given)
    assert raised.value.code == "MLD215"
    assert "'c'" in raised.value.message
    assert says in raised.value.message
    assert line in raised.value.hint


@pytest.mark.parametrize(
    ("x", "says", "line"),
    [
        (np.zeros((ROWS, 2, 2)), "shape (12, 2, 2)", "reshape"),
        ([{"a": 1}] * ROWS, "list of dicts", "pd.DataFrame(X)"),
        ([["a", "b"]] * ROWS, "lists of texts", "join"),
        (np.zeros(ROWS), "rows and columns", "reshape(-1, 1)"),
        (LEVELS, "several levels", "join"),
        (
            pd.DataFrame(np.zeros((ROWS, 2)), columns=[1, "1"]),
            "columns are called '1'",
            "a unique name",
        ),
        (pd.DataFrame(np.zeros((ROWS, 1)), columns=[1.5]), "the column name 1.5", "map(str)"),
    ],
)
def test_what_is_no_table_is_refused_with_the_line_that_helps(x: Any, says: str, line: str) -> None:
    """MLD213, before columns are looked at."""
    with pytest.raises(MldeployError) as raised:
        features(x)
    assert raised.value.code == "MLD213"
    assert says in raised.value.message
    assert line in raised.value.hint


TEXT = {"name": "c", "dtype": "string", "nullable": True, "storage": "object"}


def test_only_an_encoder_that_refuses_closes_a_column() -> None:
    """And a missing value is taken where it learnt one."""
    known = Learnt(["a", "b"], "object", refuses=True, missing=False)
    closed = with_learnt([TEXT], [known])
    assert (closed[0]["closed"], closed[0]["categories"]) == (True, ["a", "b"])
    assert not closed[0]["nullable"]
    tolerant = Learnt(["a", "b"], "object", refuses=False, missing=False)
    assert with_learnt([TEXT], [tolerant]) == with_learnt([TEXT], [None]) == [TEXT]


def test_a_category_that_the_encoder_never_met_is_refused() -> None:
    """The dtype can hold it, the encoder would raise."""
    feature = column(pd.Categorical(["s", "m"] * 6, categories=["s", "m", "l"]))
    met = Learnt(["m", "s"], "object", refuses=True, missing=False)
    found = with_learnt([feature], [met])
    assert (found[0]["categories"], found[0]["refused"]) == (["s", "m", "l"], ["l"])


def test_dates_and_intervals_that_an_encoder_learnt_are_written_as_requests_bring_them() -> None:
    """The encoder has objects, the signature has texts."""
    from sklearn.preprocessing import OneHotEncoder

    frame = pd.DataFrame(
        {"t": pd.to_datetime(["2024-01-01", "2024-06-01"] * 6), "c": pd.cut(np.arange(12), 2)}
    )
    found = learnt(OneHotEncoder().fit(frame), ["t", "c"])
    described = with_learnt(features(frame), [found["t"], found["c"]])
    assert described[0]["categories"] == ["2024-01-01T00:00:00", "2024-06-01T00:00:00"]
    assert "refused" not in described[1]


@pytest.mark.parametrize(
    ("times", "days"),
    [
        (["2024-01-01", "2024-02-03", None], True),
        (["2024-01-01", "2024-02-03T00:00:01"], False),
        ([None, None], False),
    ],
)
def test_a_column_of_days_is_marked(times: list[str | None], *, days: bool) -> None:
    """One with a time or a zone isn't: its day depends on the zone."""
    column = pd.Series(pd.to_datetime(times, format="ISO8601"))
    (found,) = features_of(TrainingData(pd.DataFrame({"day": column}), None))
    assert found.get("days", False) is days
    zoned = pd.DataFrame({"day": column.dt.tz_localize("UTC")})
    assert "days" not in features_of(TrainingData(zoned, None))[0]
