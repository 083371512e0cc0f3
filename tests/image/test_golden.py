"""What an answer of a user's handler must contain, and what API Gateway would make of it."""

import base64
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mldeploy.model.golden import Golden

Judge = Callable[..., list[str]]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Give a function that holds a ready answer to one example, and returns problems."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "image_template"))
    replay = importlib.import_module("endpoint.golden").replay

    def call(given: Any, **example: Any) -> list[str]:
        text = json.dumps({"format": 1, "examples": [{"request": {}, **example}]})
        golden = Golden(text.encode(), custom=True)
        (event,) = golden.events()
        answer = replay(lambda _event, _context: given, event["inputs"], None)
        found = golden.problems([json.loads(json.dumps(answer))])
        return [line.removeprefix("golden example 0: ") for line in found]

    return call


def proxy(body: Any, status: Any = 200, **more: Any) -> dict[str, Any]:
    return {"statusCode": status, "body": body, **more}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"a": 1, "b": 2}, {"answer": {"a": 1}}),
        ({"a": 1}, {}),
        (proxy('{"a": 1}'), {"answer": {"a": 1}}),
        (proxy('{"a": 1}', 201), {"status": 201}),
        (proxy('{"a": 1}', "201"), {"status": 201}),
        (proxy("plain text"), {"answer": "plain text"}),
        (proxy(None, 204), {"status": 204, "answer": None}),
        ({"statusCode": 204}, {"status": 204}),
        (proxy(base64.b64encode(b"[1]").decode(), isBase64Encoded=True), {"answer": [1]}),
        (proxy("[1.0000000001, 2]"), {"answer": [1, 2.0]}),
        (proxy("[true, null]"), {"answer": [True, None]}),
        (proxy("1000000.5"), {"answer": 1000000.6}),
    ],
)
def test_an_answer_that_contains_what_was_expected_is_right(
    judge: Judge, answer: Any, expected: dict[str, Any]
) -> None:
    """With or without API Gateway's envelope; numbers within the tolerance of their size."""
    assert judge(answer, **expected) == []


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        (proxy('{"a": 1}', 500), {}, "status: expected 200, got 500"),
        ({"a": 1}, {"answer": {"b": 1}}, "answer.b is missing"),
        ({"a": [1, 2]}, {"answer": {"a": [1, 3]}}, "answer.a[1]: expected 3, got 2"),
        ({"a": [1, 2]}, {"answer": {"a": [1]}}, "answer.a: expected [1], got [1, 2]"),
        ({"a": 1}, {"answer": {"a": True}}, "answer.a: expected True, got 1"),
        ({"a": True}, {"answer": {"a": 1}}, "answer.a: expected 1, got True"),
        ({"a": "1"}, {"answer": {"a": 1}}, "answer.a: expected 1, got '1'"),
        ({"a": 1.001}, {"answer": {"a": 1}}, "answer.a: expected 1, got 1.001"),
        ({"a": None}, {"answer": {"a": {}}}, "answer.a: expected {}, got None"),
        (proxy("text"), {"answer": {"a": 1}}, "answer: expected {'a': 1}, got 'text'"),
        (proxy("NaN"), {"answer": 1}, "answer: expected 1, got 'NaN'"),
        (
            proxy({"a": 1}),
            {"answer": {"a": 1}},
            "the body must be a string (use json.dumps), not dict",
        ),
        (proxy("{}", "soon"), {}, "ValueError"),
        ({"a": float("nan")}, {}, "ValueError"),
        (object(), {}, "TypeError"),
    ],
)
def test_an_answer_that_lacks_it_is_named(
    judge: Judge, answer: Any, expected: dict[str, Any], says: str
) -> None:
    """The place, what was expected and what came; what nobody could send counts too."""
    (found,) = judge(answer, **expected)
    assert says in found


def test_a_long_list_of_problems_is_cut(judge: Judge) -> None:
    """An error's message stays short, whatever the file holds."""
    assert len(judge({"a": [0] * 100}, answer={"a": [1] * 100})) == 20
