"""The handler alone: requests and what it answers."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.answers import HOLDS
from tests.support.events import CONTEXT, answered, http

Handler = Callable[[Any, Any], Any]
ROW = [5.1, 3.5, 1.4, 0.2]
EVENT = json.loads((Path(__file__).parents[2] / "examples/iris/events/event.json").read_text())


@pytest.mark.parametrize(
    "event",
    [
        EVENT,
        http({"features": ROW}),
        http(
            base64.b64encode(b'{"features": [5.1, 3.5, 1.4, 0.2]}').decode(), isBase64Encoded=True
        ),
    ],
    ids=["REST 1.0", "HTTP 2.0", "base64"],
)
def test_one_row_is_answered_with_its_class(iris_handler: Handler, event: Any) -> None:
    """The tutorial's event, in each of API Gateway's forms, gives setosa and probabilities."""
    status, body = answered(iris_handler, event)
    assert status == 200
    assert body["prediction"] == {
        "class_label": 0,
        "class_name": "setosa",
        "probabilities": {"setosa": 1.0, "versicolor": 0.0, "virginica": 0.0},
    }
    assert body["request_id"] == "request-1"
    assert len(body["model"]["sha256"]) == 12


def test_many_rows_are_answered_in_order(iris_handler: Handler) -> None:
    """`instances` gives a prediction a row, also where a row is an object by names."""
    named = {
        "petal width (cm)": 2.3,
        "petal length (cm)": 6,
        "sepal width (cm)": 3.0,
        "sepal length (cm)": 7.2,
    }
    status, body = answered(iris_handler, http({"instances": [ROW, named]}))
    assert status == 200
    assert [one["class_name"] for one in body["predictions"]] == ["setosa", "virginica"]


def test_a_direct_invoke_gets_the_same_body(iris_handler: Handler) -> None:
    """The bare payload is answered without an envelope, and a mistake as `error`."""
    direct = iris_handler({"features": ROW}, CONTEXT)
    assert direct == answered(iris_handler, http({"features": ROW}))[1]
    wrong = iris_handler({"features": ROW[:3]}, CONTEXT)
    assert wrong["error"]["status"] == 422
    assert iris_handler([1, 2], CONTEXT)["error"]["status"] == 400
    assert iris_handler(None, None)["error"]["status"] == 400


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (None, 400, "no body"),
        ("", 400, "no body"),
        ("{", 400, "isn't JSON"),
        ("no json", 400, "isn't JSON"),
        ('{"features": [NaN, 1, 1, 1]}', 400, "NaN"),
        ('{"features": [-Infinity, 1, 1, 1]}', 400, "-Infinity"),
        ('{"features": 1, "features": 2}', 400, "duplicate key"),
        ('{"features": [' + "9" * 5000 + "]}", 400, "too many digits"),
        ("[" * 200_000, 400, "nested too deeply"),
        ("[1, 2]", 400, "a JSON object, got a list"),
        ("null", 400, "a JSON object, got null"),
        ({}, 422, '"features" (one row) or "instances"'),
        ({"mldeploy": "verify"}, 422, '"features"'),
        ({"mldeploy": "warmup"}, 422, '"features"'),
        ({"features": ROW, "instances": [ROW]}, 422, "can't be used together"),
        ({"features": ROW[:3]}, 422, "row 0: expected 4 values, got 3"),
        ({"features": []}, 422, "row 0: expected 4 values, got 0"),
        ({"features": None}, 422, "row 0: expected a list of 4 values, or an object, got null"),
        ({"features": [ROW]}, 422, 'send them as "instances"'),
        ({"features": [*ROW[:3], "0.2"]}, 422, "row 0, 'petal width (cm)': expected a number"),
        ({"features": [True, 1, 1, 1]}, 422, "'sepal length (cm)': expected a number, got true"),
        ({"features": [None, 1, 1, 1]}, 422, "expected a number, got null"),
        ('{"features": [1e999, 1, 1, 1]}', 422, "a number of at most 3.4e38"),
        ({"features": [1e39, 1, 1, 1]}, 422, "a number of at most 3.4e38"),
        ({"features": [10**400, 1, 1, 1]}, 422, "a number of at most 3.4e38"),
        ({"features": {"petal width (cm)": 1}}, 422, "expected a value, got nothing"),
        ({"instances": []}, 422, "the request has no rows"),
        ({"instances": {"0": ROW}}, 422, "must be a list of rows, got an object"),
        ({"instances": [ROW, [1, 2, 3, "x"]]}, 422, "row 1, 'petal width (cm)'"),
        ({"instances": [ROW] * 10_001}, 413, "at most 10000"),
        ('{"features": [' + " " * 1_000_000 + "]}", 413, "bytes"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(
    iris_handler: Handler, body: Any, status: int, says: str
) -> None:
    """Each mistake has its status, the shape of RFC 9457, and names what is wrong."""
    found, problem = answered(iris_handler, http(body))
    assert (found, problem["status"]) == (status, status)
    assert says in problem["detail"]
    assert {"type", "title", "status", "detail"} <= problem.keys()


def test_a_body_that_is_no_base64_is_refused(iris_handler: Handler) -> None:
    """Characters outside the alphabet aren't skipped over."""
    for body in ("eyJ9*", "e", "{}"):
        assert answered(iris_handler, http(body, isBase64Encoded=True))[0] == 400


def test_bytes_that_are_no_text_are_refused(iris_handler: Handler) -> None:
    """A body in another encoding gets 400."""
    body = base64.b64encode('{"features": "ü"}'.encode("latin-1")).decode()
    status, problem = answered(iris_handler, http(body, isBase64Encoded=True))
    assert (status, problem["detail"]) == (400, "the body isn't UTF-8")


def test_every_finding_is_listed_up_to_a_limit(iris_handler: Handler) -> None:
    """`errors` names row, column, expectation and finding; a thousand of them aren't sent."""
    status, problem = answered(iris_handler, http({"instances": [["x"] * 4] * 1000}))
    assert status == 422
    assert len(problem["errors"]) == 20
    assert problem["errors"][1] == {
        "row": 0,
        "column": "sepal width (cm)",
        "expected": "a number",
        "got": "'x'",
    }


def test_a_client_cant_make_the_answer_unprintable(iris_handler: Handler) -> None:
    """Half of a surrogate pair in a key or value comes back as text that UTF-8 can carry."""
    for features in ('{"\\ud800": 1}', '["\\ud800", 1, 1, 1]'):
        text = '{"features": ' + features + "}"
        assert answered(iris_handler, http(text))[0] == 422
        direct = iris_handler(json.loads(text), CONTEXT)
        json.dumps(direct, ensure_ascii=False).encode()


def test_an_answer_that_lambda_cant_carry_is_refused(frame_handler: Handler) -> None:
    """Ten thousand rows of an answer are measured before Lambda does it: 413 with advice."""
    globals_ = frame_handler.__globals__["respond"].__globals__["Service"].over_http.__globals__
    globals_ = globals_["json_response"].__globals__
    limit = globals_["MOST_RESPONSE_BYTES"]
    globals_["MOST_RESPONSE_BYTES"] = 1000
    try:
        row = [30, 60.5, True, "Bonn", "plus", "x"]
        status, problem = answered(frame_handler, http({"instances": [row] * 50}))
        assert answered(frame_handler, http({"features": row}))[0] == 200
    finally:
        globals_["MOST_RESPONSE_BYTES"] = limit
    assert status == 413
    assert "rows fit in one request" in problem["detail"]


def test_what_breaks_inside_stays_inside(
    iris_handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failing model gives a 500 without a trace of why; the log names the place, no input."""
    service = iris_handler.__globals__["_SERVICE"]
    model = service.model
    broken = SimpleNamespace(features=model.features, facts=model.facts)

    def predict(rows: Any) -> Any:
        message = f"cannot take {rows}"
        raise ValueError(message)

    broken.predict = predict
    service.model = broken
    try:
        status, problem = answered(iris_handler, http({"features": [4.125, 3, 1, 0]}))
    finally:
        service.model = model
    logged = capsys.readouterr().out
    assert (status, problem["status"]) == (500, 500)
    assert "cannot take" not in json.dumps(problem)
    assert "4.125" not in logged + json.dumps(problem)
    assert json.loads(logged.splitlines()[0])["error"] == "ValueError"


def test_a_request_is_logged_in_one_line_without_its_content(
    iris_handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line says id, route, status, rows and time; no body, header or value is in it."""
    headers = {"content-type": "application/json", "authorization": "canary"}
    event = http({"features": [4.125, "secret-value", 1, 0]}, headers=headers)
    iris_handler(event, CONTEXT)
    iris_handler(http({"instances": [ROW, ROW]}), CONTEXT)
    text = capsys.readouterr().out
    first, second = map(json.loads, text.splitlines())
    assert (first["status"], second["status"], second["rows"]) == (422, 200, 2)
    assert (second["request_id"], second["route"]) == ("request-1", "POST /predict")
    assert second["milliseconds"] > 0
    for word in ("4.125", "secret-value", "canary", "authorization"):
        assert word not in text


def test_verify_and_warmup_are_for_direct_invokes(iris_handler: Handler) -> None:
    """Invoked directly, verify answers the caller's rows and warmup answers at once."""
    found = iris_handler({"mldeploy": "verify", "inputs": [ROW]}, CONTEXT)
    assert found["problems"] == []
    assert [one["class_name"] for one in found["predictions"]] == ["setosa"]
    assert iris_handler({"mldeploy": "verify"}, CONTEXT)["predictions"] == []
    assert iris_handler({"mldeploy": "warmup"}, CONTEXT) == {"mldeploy": "warm"}
    assert iris_handler({"mldeploy": "other"}, CONTEXT)["error"]["status"] == 400


@pytest.mark.parametrize(("hold", "seconds"), HOLDS)
def test_a_warmup_holds_its_environment_as_long_as_it_asks(
    iris_handler: Handler, monkeypatch: pytest.MonkeyPatch, hold: Any, seconds: float
) -> None:
    """0 to 1 second and never longer; what is no number of seconds holds nothing."""
    slept: list[float] = []
    time = SimpleNamespace(sleep=slept.append)
    monkeypatch.setitem(iris_handler.__globals__["warmed_up"].__globals__, "time", time)
    event = {"mldeploy": "warmup"} if hold is None else {"mldeploy": "warmup", "hold": hold}
    assert iris_handler(event, CONTEXT) == {"mldeploy": "warm"}
    assert sum(slept) == seconds


def test_a_warmup_asks_the_model_nothing(
    iris_handler: Handler, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers where the model can't, and writes no line that a request would."""
    monkeypatch.setattr(iris_handler.__globals__["_SERVICE"], "model", None)
    assert iris_handler({"mldeploy": "warmup", "hold": 0}, CONTEXT) == {"mldeploy": "warm"}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("age", 30.5, "expected a whole number, got 30.5"),
        ("age", 2**63, "expected a whole number from -9223372036854775808"),
        ("age", None, "expected a number, got null"),
        ("smoker", 1, "expected true or false"),
        ("city", 5, "expected a string"),
        ("city", "\ud800", "expected a string"),
        ("plan", "gold", "expected one of 'basic', 'plus', got 'gold'"),
    ],
)
def test_a_column_takes_its_own_type(
    frame_handler: Handler, column: str, value: Any, says: str
) -> None:
    """A value of another type gets a 422 that names its column."""
    row = {"age": 30, "weight": 60, "smoker": True, "city": "Ulm", "plan": "plus", "note": ""}
    status, problem = answered(frame_handler, http({"features": {**row, column: value}}))
    assert status == 422
    assert says in problem["detail"]
    assert repr(column) in problem["detail"]


@pytest.mark.parametrize(
    "changed",
    [{}, {"weight": None}, {"city": "Rom"}, {"age": 30.0}, {"note": "never seen"}],
    ids=["plain", "missing", "unseen category", "whole float", "free text"],
)
def test_a_row_of_several_types_is_answered(frame_handler: Handler, changed: Any) -> None:
    """What the pipeline can take is taken: null where training had gaps, new categories."""
    row = {"age": 30, "weight": 60, "smoker": True, "city": "Ulm", "plan": "plus", "note": ""}
    status, body = answered(frame_handler, http({"features": {**row, **changed}}))
    assert status == 200, body
    assert body["prediction"]["class_name"] in {"yes", "no"}
    unknown = {"features": {**row, "colour": "red"}}
    assert "'colour'" in answered(frame_handler, http(unknown))[1]["detail"]
