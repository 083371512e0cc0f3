"""Golden examples on the client's side: what is sent, and what counts as right."""

import json
from typing import Any

import pytest

from mldeploy.model.golden import Golden


def of(inputs: list[Any], predictions: list[Any]) -> Golden:
    return Golden(json.dumps({"format": 2, "inputs": inputs, "predictions": predictions}).encode())


def test_rows_are_sent_in_as_few_events_as_fit() -> None:
    """All rows once and in order; one that is too long by itself goes alone."""
    rows = [[1], [2], ["a" * 50], [3], [4], [5]]
    sent = [event["inputs"] for event in of(rows, []).events(most=10)]
    assert sent == [[[1], [2]], [["a" * 50]], [[3], [4], [5]]]


def test_without_examples_there_is_one_event_and_nothing_to_compare() -> None:
    """A version without any is asked all the same: it has to start."""
    assert not Golden()
    assert list(Golden().events()) == [{"mldeploy": "verify", "inputs": []}]
    assert Golden().problems([{"predictions": [], "problems": []}]) == []
    assert Golden().problems([{"predictions": [], "problems": ["no model"]}]) == ["no model"]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([{"problems": [], "predictions": [{"value": 2.0}, {"value": 2.0}]}], "example 0: value"),
        ([{"problems": [], "predictions": [{}, {"value": 2.0}]}], "example 0: "),
        (
            [{"problems": [], "predictions": [{"value": 1.0}]}],
            "2 golden examples, but 1 predictions",
        ),
        ([{"problems": []}], "2 golden examples, but 0 predictions"),
        ([], "2 golden examples, but 0 predictions"),
        ([{"problems": ["torn"], "predictions": [{"value": 1.0}, {"value": 2.0}]}], "torn"),
        ([{"problems": [], "predictions": [{"value": 1}, {"value": 2.0}]}], "example 0: value"),
    ],
)
def test_wrong_answers_are_problems(answers: list[Any], says: str) -> None:
    """Another value, type or number of answers; and whatever the image says of itself."""
    found = of([[1.0], [2.0]], [{"value": 1.0}, {"value": 2.0}]).problems(answers)
    assert says in found[0]


def test_right_answers_may_come_in_parts() -> None:
    """In the order of the events, within the tolerance."""
    parts = [
        {"problems": [], "predictions": [{"value": 1.0 + 1e-9}]},
        {"problems": [], "predictions": [{"value": 2.0}]},
    ]
    assert of([[1.0], [2.0]], [{"value": 1.0}, {"value": 2.0}]).problems(parts) == []
