"""What of the training data anybody may read: lists, ranges, the example."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.data.columns import features_of
from mldeploy.model.data.example_rows import Examples, examples_of
from mldeploy.model.data.publishing import Published, columns_of, counts_of, published
from mldeploy.model.data.ranges import range_of_numbers, range_of_times
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.named_example import named_example
from mldeploy.model.proof.exampled import chosen, trials_of
from mldeploy.model.proof.judging import Response

NAN = float("nan")


def ends(values: Any, dtype: str = "float64") -> tuple[Any, Any]:
    found = range_of_numbers(np.array(values, dtype=dtype), dtype)
    return found["minimum"], found["maximum"]


@pytest.mark.parametrize(
    ("values", "dtype", "low", "high"),
    [
        ([4.3, 7.9], "float64", 4.0, 8.0),
        ([15.03, 74.97], "float64", 10.0, 80.0),
        ([-0.3, 7310.4917], "float64", -1000.0, 8000.0),
        ([0.1, 0.3], "float64", 0.1, 0.3),
        ([1000.31, 1000.97], "float64", 1000.3, 1001.0),
        ([3.7], "float64", 3.0, 4.0),
        ([18, 93], "int64", 10, 100),
        ([0, 7], "int64", 0, 10),
        ([2**60 + 1, 2**60 + 7], "int64", 2**60 - 6, 2**60 + 14),
        ([2, 250], "uint8", 0, 255),
        ([-101, 120], "int8", -128, 127),
        ([-60000, 60001], "float16", -65504.0, 65504.0),
        ([1.0, 3.3e38], "float32", 0.0, 3.4028234663852886e38),
        ([1.0, 3.3e38], "float64", 0.0, 3.4028234663852886e38),
        ([-1.7e308, 1.7e308], "float64", -1.7976931348623157e308, 1.7976931348623157e308),
    ],
)
def test_a_range_is_rounded_outward_within_its_dtype(
    values: list[Any], dtype: str, low: Any, high: Any
) -> None:
    """By the power of ten below its width; of whole numbers by ten at least."""
    assert ends(values, dtype) == (low, high)
    kind = int if dtype.startswith(("int", "uint")) else float
    assert {type(one) for one in ends(values, dtype)} == {kind}


def test_what_five_rows_share_is_no_rows_own() -> None:
    """Such an end is told as it is, the other is rounded."""
    assert ends([0.13] * 5 + [7.9]) == (0.13, 8.0)
    assert ends([0.13] * 4 + [7.9]) == (0.0, 8.0)


@pytest.mark.parametrize(
    ("times", "low", "high"),
    [
        (["1931-03-07T04:05:06", "2001-12-09"], "1931-01-01", "2002-01-01"),
        (["2024-10-02", "2024-12-12"], "2024-10-01", "2025-01-01"),
        (["2024-10-02T05:00", "2024-10-09T06:00"], "2024-10-02", "2024-10-10"),
    ],
)
def test_times_are_rounded_to_what_their_range_spans(times: list[str], low: str, high: str) -> None:
    """Years, months, days; those with a zone in UTC."""
    series = pd.Series(pd.to_datetime(times, format="ISO8601"))
    expected = {"minimum": f"{low}T00:00:00", "maximum": f"{high}T00:00:00"}
    assert range_of_times(series) == expected
    zoned = range_of_times(series.dt.tz_localize("UTC"))
    assert zoned == {key: f"{one}+00:00" for key, one in expected.items()}


def test_times_that_cannot_be_rounded_have_no_range() -> None:
    """The year 1677 of nanoseconds begins before they do."""
    series = pd.Series(pd.to_datetime(["1677-10-01", "2262-03-01"]).as_unit("ns"))
    assert range_of_times(series) == {}


def shown(column: Any, publish: Any = None, **more: Any) -> Published:
    """Return what is published of a column."""
    frame = pd.DataFrame({"c": column})
    features = [{**one, **more} for one in features_of(TrainingData(frame, None))]
    return published(features, counts_of(columns_of(frame), features), publish)


FREQUENT = ["a", "b"] * 6
RARE = ["a", "b"] * 5 + ["a", "z"]
MANY = [f"v{n}" for n in range(21)] * 5
CLOSED = {"closed": True}


@pytest.mark.parametrize(
    ("values", "publish", "listed"),
    [
        (FREQUENT, None, True),
        (RARE, None, False),
        (MANY, None, False),
        (MANY[:20] * 5, None, True),
        (FREQUENT, False, False),
        (FREQUENT, ("other",), True),
        (RARE, ("c",), True),
        (RARE, True, True),
        (RARE, ("other",), False),
    ],
)
def test_a_list_is_published_if_its_values_are_few_and_frequent(
    values: list[str], publish: Any, *, listed: bool
) -> None:
    """At most 20, each in 5 rows, or where the user says so."""
    for more in (CLOSED, {}):
        found = shown(values, publish, **more)
        assert ("categories" in found.features[0]) is listed
        beside = {} if listed or not more else {"c": {"categories": sorted({*values})}}
        assert {name: {"categories": one["categories"]} for name, one in found.columns.items()} == (
            beside
        )
        assert all(one["listed"] is False for one in found.columns.values())


def test_a_category_without_a_row_is_rare() -> None:
    """A DataFrame that was filtered keeps the names of those who are gone."""
    column = pd.Categorical(FREQUENT, categories=["a", "b", "gone"])
    assert "categories" not in shown(column).features[0]


def test_the_ends_of_intervals_are_numbers_of_training() -> None:
    """pd.cut writes the extremes into its intervals, however many rows are in each."""
    column = pd.cut(np.arange(60.0), 2)
    found = shown(column)
    assert not found.features[0].keys() & {"categories", "intervals"}
    assert found.columns["c"].keys() == {"categories", "intervals", "listed"}
    assert "intervals" in shown(column, ("c",)).features[0]


def test_a_long_list_is_named_in_refusals_alone() -> None:
    """Above 100 values nothing is listed where people and clients read."""
    values = [f"v{n}" for n in range(101)]
    found = shown(values, publish=True, categories=values, **CLOSED)
    assert "categories" not in found.features[0]
    assert found.columns == {"c": {"categories": values}}


def made(**columns: Any) -> Examples:
    """Return the rows that are made of columns; categories are closed."""
    frame = pd.DataFrame(columns)
    features = features_of(TrainingData(frame, None))
    given = columns_of(frame)
    counts = counts_of(given, features)
    return examples_of(given, counts, published(features, counts))


def test_the_example_is_made_of_each_column_by_itself() -> None:
    """Medians, rounded; the most frequent value; invented texts; a gap where nothing is known."""
    found = made(
        fee=[4.31, 5.87, 7.93] * 4,
        age=[18, 41, 93] * 4,
        smoker=[True, True, False] * 4,
        plan=["plus"] * 7 + ["basic"] * 5,
        note=[f"note {n}" for n in range(12)],
        born=pd.to_datetime(["1990-05-06", "2001-02-03", "2010-11-12"] * 4),
        gone=[NAN] * 12,
        kind=pd.Categorical(["a"] * 10 + ["rare", "rare"]),
        word=pd.Categorical([f"w{n}" for n in range(11)] + [None]),
    )
    first = [5.9, 41, True, "plus", "an example", "2001-01-01T00:00:00", None, "a", None]
    assert found.rows[0] == first
    assert [row[4] for row in found.rows] == ["an example", "1", "2026-01-01", ""]


def test_of_rare_values_that_are_needed_there_is_no_example() -> None:
    """The column is named; no row of training takes its place."""
    found = made(mail=pd.Categorical([f"m{n}" for n in range(12)]), fee=[1.5] * 12)
    assert found == Examples([], "mail")


def answers(*statuses: int) -> list[Response]:
    return [Response(one, {"prediction": {"value": 1.0}, "detail": "no"}) for one in statuses]


def tried(*rows: Any, named: bool = False, lacking: str = "") -> dict[str, Any]:
    return {"rows": list(rows), "named": named, "lacking": lacking}


def test_the_first_row_that_is_answered_is_the_example() -> None:
    """With its answer, which the pages show."""
    found = chosen(tried(["x"], ["1"]), answers(422, 200))
    assert found == {"example": {"features": ["1"]}, "example_answer": {"value": 1.0}}
    assert [json.loads(one.body) for one in trials_of(tried(["x"]))] == [{"features": ["x"]}]


@pytest.mark.parametrize(
    ("examples", "statuses", "why"),
    [
        (tried(["x"], ["1"]), (422, 500), "the endpoint returns status 500"),
        (tried(lacking="mail"), (), "no value of column 'mail' is in 5 rows"),
    ],
)
def test_without_an_answer_there_is_no_example(
    examples: dict[str, Any], statuses: tuple[int, ...], why: str
) -> None:
    """Why is kept for those who ask for it."""
    found = chosen(examples, answers(*statuses))
    assert found["example"] is None
    assert why in found["no_example"]


def test_the_users_own_example_has_to_be_answered() -> None:
    """MLD248 says what the endpoint said."""
    with pytest.raises(MldeployError, match="status 422, no") as raised:
        chosen(tried(["x"], named=True), answers(422))
    assert raised.value.code == "MLD248"


MOMENT = pd.Timestamp("2026-01-01")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": np.float64(1.5), "b": MOMENT}, {"a": 1.5, "b": "2026-01-01T00:00:00"}),
        (lambda: (1, None), [1, None]),
        (np.array([1, 2]), [1, 2]),
        ("a text", "a text"),
        (None, None),
    ],
)
def test_a_train_module_may_name_the_example(given: Any, expected: Any) -> None:
    """A value, or a function that returns one, in JSON's types."""
    assert named_example(SimpleNamespace(example=given), Path("train.py")) == expected


@pytest.mark.parametrize("given", [3, {"a": object()}, [pd.DataFrame()]])
def test_an_example_that_no_request_can_hold_is_refused(given: Any) -> None:
    """Before anything is fitted."""
    with pytest.raises(MldeployError) as raised:
        named_example(SimpleNamespace(example=given), Path("train.py"))
    assert raised.value.code == "MLD248"
