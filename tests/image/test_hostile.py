"""Whatever is sent: a 2xx or 4xx of the right form, nothing of it in the log, and on it goes."""

import base64
import contextlib
import io
import json
import tracemalloc
import unicodedata
from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.events import CONTEXT, answered, http, routed
from tools.fuzz.bodies import CANARY, INFER, NASTY, PREDICT, Sent, large, sent
from tools.fuzz.gateway import event_of, event_of_rest
from tools.fuzz.judge import faults_of, faults_of_log, faults_of_problem

Handler = Callable[[Any, Any], Any]
ROW = [5.1, 3.5, 1.4, 0.2]
NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
FRAME_ROW = {"age": 30, "weight": 60, "smoker": True, "city": "Ulm", "plan": "plus", "note": ""}
SERVED = (PREDICT, INFER, "GET /health", "GET /metadata", "GET /v2", "GET /v2/models/predict")
many = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
                           HealthCheck.data_too_large],
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(NASTY),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=9) | st.sampled_from(NASTY), inner, max_size=4)
    ),
    max_leaves=12,
)


def asked(handler: Handler, event: Any) -> tuple[Any, str]:
    """Return the answer and what was logged."""
    log = io.StringIO()
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        answer = handler(event, CONTEXT)
    return answer, log.getvalue()


def require_right(handler: Handler, event: Any, route: str) -> Any:
    """Send an event of a gateway; check answer, log, and that the next request is answered."""
    answer, log = asked(handler, event)
    assert faults_of(route, answer) == []
    assert faults_of_log(log) == []
    assert log.count("\n") == 1
    return answer


def require_next(iris_handler: Handler) -> None:
    status, body = answered(iris_handler, http({"features": ROW}))
    assert (status, body["prediction"]["class_name"]) == (200, "setosa")


def features(handler: Handler) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = handler.__globals__["MODEL"].features
    return found


@many
@given(random=st.randoms(use_true_random=False), rest=st.booleans())
def test_spoiled_requests_to_an_array_model(
    iris_handler: Handler, random: Random, *, rest: bool
) -> None:
    """Valid requests of every format, changed in values, keys, tokens and bytes, both payloads."""
    request = sent(random, features(iris_handler))
    event = event_of_rest(request) if rest else event_of(request)
    if request.route in SERVED:
        require_right(iris_handler, event, request.route)
        require_next(iris_handler)


@many
@given(random=st.randoms(use_true_random=False), rest=st.booleans())
def test_spoiled_requests_to_a_model_of_a_dataframe(
    frame_handler: Handler, random: Random, *, rest: bool
) -> None:
    """The same where columns are whole numbers, booleans, categories and text."""
    request = sent(random, features(frame_handler))
    event = event_of_rest(request) if rest else event_of(request)
    if request.route in SERVED:
        require_right(frame_handler, event, request.route)


@many
@given(
    body=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")),
    kind=st.sampled_from(["application/json", "text/csv", "", CANARY]) | st.text(max_size=30),
    route=st.sampled_from(SERVED),
)
def test_any_bytes(iris_handler: Handler, body: bytes, kind: str, route: str) -> None:
    """Bytes that nobody chose, under any content type, on any route."""
    event = event_of(Sent(route, body, {"content-type": kind}))
    require_right(iris_handler, event, route)
    require_next(iris_handler)


@many
@given(body=json_values, route=st.sampled_from((PREDICT, INFER)))
def test_any_json(frame_handler: Handler, body: Any, route: str) -> None:
    """Any value as a body, and under the keys that bodies have."""
    for one in (body, {"features": body}, {"instances": body}, {"inputs": body},
                {"dataframe_split": body}, {"inputs": [body], "id": body}):  # fmt: skip
        require_right(frame_handler, routed(route, json.dumps(one)), route)


@many
@given(payload=json_values)
def test_any_direct_payload(iris_handler: Handler, payload: Any) -> None:
    """A direct invoke gets an answer or an `error`, whatever was invoked with."""
    for one in (payload, {"features": payload}, {"instances": [payload, ROW]}):
        answer, log = asked(iris_handler, one)
        json.dumps(answer, allow_nan=False, ensure_ascii=False).encode()
        assert faults_of_log(log) == []
        if "error" in answer:
            problem = answer["error"]
            assert faults_of_problem(problem, problem["status"]) == []
        else:
            assert {"prediction", "predictions", "mldeploy", "problems"} & set(answer)


MEMBERS = (
    "version", "routeKey", "rawPath", "headers", "requestContext", "body", "isBase64Encoded",
    "httpMethod", "resource", "mldeploy", "cookies",
)  # fmt: skip


@many
@given(
    event=st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, json_values)),
    marker=st.sampled_from(("requestContext", "httpMethod", "rawPath")),
)
def test_any_event(iris_handler: Handler, event: dict[str, Any], marker: str) -> None:
    """Members of an event may be anything: no exception leaves, and what is told is no 500."""
    event = {marker: None, **event}
    require_right(iris_handler, event, str(event.get("routeKey")))
    require_next(iris_handler)


def body64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


GOOD = json.dumps({"features": ROW})
ENCODED = body64(GOOD)
STRAY = ENCODED.removesuffix("fQ==") + "fR=="
"""Python decodes it to the same: the bits that say nothing aren't 0."""


@pytest.mark.parametrize(
    "changed",
    [
        {"headers": None},
        {"headers": []},
        {"headers": "content-type: application/json"},
        {"headers": {"content-type": 5}},
        {"headers": {"content-type": None}},
        {"body": 5},
        {"body": True},
        {"body": {"features": ROW}},
        {"body": [1]},
        {"body": "\ud800"},
        {"isBase64Encoded": "true", "body": ENCODED},
        {"isBase64Encoded": 1, "body": ENCODED},
        {"isBase64Encoded": "false"},
        {"requestContext": []},
        {"requestContext": None},
        {"requestContext": "x", "routeKey": None},
        {"routeKey": ["POST /predict"]},
        {"routeKey": f"POST /{CANARY}\n\x1b[2J"},
        {"routeKey": f"\n{CANARY}"},
        {"routeKey": f"{CANARY} /predict"},
    ],
    ids=repr,
)
def test_a_malformed_event_is_answered(iris_handler: Handler, changed: dict[str, Any]) -> None:
    """None of them is a failure of ours; what can be read is answered."""
    answer = require_right(iris_handler, {**http({"features": ROW}), **changed}, PREDICT)
    readable = {"requestContext", "routeKey"} >= set(changed)
    assert (answer["statusCode"] == 200) == readable


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ENCODED, 200),
        (ENCODED + "\n", 400),
        (ENCODED[:8] + " " + ENCODED[8:], 400),
        (ENCODED.rstrip("=") if ENCODED.endswith("=") else ENCODED[:-1], 400),
        (ENCODED + "=", 400),
        (ENCODED + ENCODED, 400),
        (base64.urlsafe_b64encode(b'{"features": "\xc3\xbf\xef\xbe\xbf"}').decode(), 400),
        (STRAY, 400),
        ("QQ==", 400),
        ("=", 400),
        ("ÄÖ==", 400),
        ("\ud800", 400),
        ("A" * 1_400_000, 413),
    ],
)
def test_base64_is_read_strictly(iris_handler: Handler, body: str, status: int) -> None:
    """The standard alphabet, padded, canonical, and nothing else; a long one isn't decoded."""
    assert base64.b64decode(STRAY) == GOOD.encode()
    answer = require_right(iris_handler, http(body, isBase64Encoded=True), PREDICT)
    assert answer["statusCode"] == status


@pytest.mark.parametrize(
    ("features_", "status"),
    [
        ("[NaN,1,1,1]", 400),
        ("[1e999,1,1,1]", 422),
        ("[-1e999,1,1,1]", 422),
        ("[" + "9" * 4300 + ",1,1,1]", 422),
        ("[" + "9" * 4301 + ",1,1,1]", 400),
        ("[1,1,1,1" + "0" * 900_000 + "]", 400),
        ("[" * 100_000 + "]" * 100_000, 400),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, 400),
        ("[" * 900 + "]" * 900, 422),
        ("[true,1,1,1]", 422),
        ('["1",1,1,1]', 422),
        ('["\\ud800",1,1,1]', 422),
        ("[01,1,1,1]", 400),
        ("[1,1,1,1,]", 400),
        ("[1,1,1,1]]", 400),
        ('["\x00",1,1,1]', 400),
        ("[1,1,1,1]\x00", 400),
    ],
    ids=lambda one: str(one)[:20],
)
def test_known_attacks_on_json(iris_handler: Handler, features_: str, status: int) -> None:
    """Numbers too large and too long, nesting, booleans as numbers, what isn't quite JSON."""
    answer = require_right(iris_handler, http('{"features":' + features_ + "}"), PREDICT)
    assert answer["statusCode"] == status
    require_next(iris_handler)


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b" ", "application/json", 400),
        (GOOD.encode("utf-16"), "application/json", 400),
        (GOOD.encode("utf-16-le"), "application/json", 400),
        (GOOD.encode("utf-8-sig"), "application/json", 200),
        (GOOD.encode("utf-16"), "application/json; charset=utf-16", 415),
        (b'{"features": "\xff"}', "application/json", 400),
        (b'{"features": "\xed\xa0\x80"}', "application/json", 400),
        (b'{"features": "\xc0\xaf"}', "application/json", 400),
        (GOOD.encode(), "", 415),
        (GOOD.encode(), "text/plain", 415),
        (GOOD.encode(), "application/json, text/csv", 415),
        (b"a,b\n1,\xff\n", "text/csv", 400),
        (b"," * 1_000_000, "text/csv", 422),
        (b"\n" * 1_000_000, "text/csv", 400),
        (b'"' * 1_000_000, "text/csv", 400),
        (b"a\n" + b"1\n" * 499_000, "text/csv", 413),
        (",".join(map(str, range(140_000))).encode() + b"\n1", "text/csv", 422),
    ],
    ids=lambda one: str(one)[:20],
)
def test_known_attacks_on_bytes(iris_handler: Handler, raw: bytes, kind: str, status: int) -> None:
    """Other encodings, halves of pairs, overlong forms, no content type, a million columns."""
    answer = require_right(
        iris_handler, event_of(Sent(PREDICT, raw, {"content-type": kind})), PREDICT
    )
    assert answer["statusCode"] == status
    require_next(iris_handler)


@pytest.mark.parametrize(
    "name",
    [
        "city\u200b", "\u200dcity", "\u202ecity", "ci\u0000ty", "city ", "City", "__proto__",
        "constructor", "\ud800", unicodedata.normalize("NFD", "Köln"), "\u217dity", "",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_name_that_only_looks_right_is_another(frame_handler: Handler, name: str) -> None:
    """Columns are compared by code points; the answer shows what can't be seen in escapes."""
    row = {**FRAME_ROW, name: FRAME_ROW["city"]}
    del row["city"]
    answer = require_right(frame_handler, http({"features": row}), PREDICT)
    problem = json.loads(answer["body"])
    missing = [one["column"] for one in problem["errors"] if one["got"] == "nothing"]
    assert (answer["statusCode"], missing) == (422, ["city"])
    assert answer["body"].isascii()


def test_a_category_in_another_normal_form_is_another(frame_handler: Handler) -> None:
    """An ö of two code points isn't the one of training: the answer says so."""
    composed, apart = (unicodedata.normalize("NFC", "Köln"), unicodedata.normalize("NFD", "Köln"))
    for city, told in ((composed, False), (apart, True)):
        row = {**FRAME_ROW, "city": city}
        status, body = answered(frame_handler, http({"features": row}))
        assert (status, "warnings" in body) == (200, told)


def everywhere(body: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return an event with the canary in all that a client has a say in."""
    headers = {"x-canary": CANARY, "cookie": CANARY, "user-agent": CANARY, **headers}
    request = Sent(PREDICT, body.encode(), headers, f"{CANARY}={CANARY}")
    event = event_of(request)
    event["rawPath"] = f"/{CANARY}\r\n\x1b[31m"
    event["cookies"] = [CANARY]
    event["pathParameters"] = {CANARY: CANARY}
    event["requestContext"]["requestId"] = CANARY
    event["requestContext"]["http"] |= {"path": CANARY, "sourceIp": CANARY, "method": CANARY}
    return event


@pytest.mark.parametrize(
    ("row", "kind", "status"),
    [
        ({**FRAME_ROW, "note": CANARY, "city": CANARY}, "application/json", 200),
        ({**FRAME_ROW, "age": CANARY}, "application/json", 422),
        ({**FRAME_ROW, CANARY: CANARY}, "application/json", 422),
        ({**FRAME_ROW, "plan": CANARY}, "application/json", 422),
        (FRAME_ROW, CANARY, 415),
    ],
    ids=["answered", "a value", "a column", "a category", "a content type"],
)
def test_the_log_holds_nothing_of_a_request(
    frame_handler: Handler, row: Any, kind: str, status: int
) -> None:
    """Answered or refused: body, headers, path, query and cookies stay out of the line."""
    event = everywhere(json.dumps({"features": row}), {"content-type": kind})
    answer, log = asked(frame_handler, event)
    assert (answer["statusCode"], faults_of_log(log)) == (status, [])


class PanicError(BaseException):
    """As compiled code panics: no Exception."""


@pytest.mark.parametrize("kind", [ValueError, MemoryError, RecursionError, SystemExit, PanicError])
def test_the_log_of_a_failure_holds_nothing_either(
    frame_handler: Handler, kind: type[BaseException]
) -> None:
    """A model that quotes its rows, in its message and its warnings: the client gets a 500."""
    service = frame_handler.__globals__["_SERVICE"]
    model = service.model

    def predict(rows: Any) -> Any:
        # A panic has no chain of frames to show off with; recursion has a thousand.
        if kind is RecursionError:
            return predict(rows)
        message = f"cannot take {rows}"
        raise kind(message)

    broken = SimpleNamespace(features=model.features, facts=model.facts, predict=predict)
    service.model = broken
    try:
        row = {**FRAME_ROW, "note": CANARY}
        event = everywhere(json.dumps({"features": row}), {"content-type": "application/json"})
        answer, log = asked(frame_handler, event)
        direct, _ = asked(frame_handler, {"features": row})
    finally:
        service.model = model
    assert (answer["statusCode"], direct["error"]["status"]) == (500, 500)
    assert CANARY not in answer["body"] + json.dumps(direct)
    assert faults_of_log(log, failed=True) == []
    assert len(json.loads(log.splitlines()[0])["frames"]) <= 30


def test_a_models_warnings_stay_out_of_the_log(frame_handler: Handler) -> None:
    """A library that quotes the rows in a warning leaves no line, and Python keeps none of it."""
    import subprocess
    import sys

    task = frame_handler.__globals__["_TASK"]
    script = (
        "import os, sys, warnings; sys.path.insert(0, os.environ['LAMBDA_TASK_ROOT'])\n"
        "import endpoint.handler\n"
        f"warnings.warn('{CANARY}')\n"
        f"assert '{CANARY}' not in str(globals().get('__warningregistry__'))\n"
    )
    environment = {"LAMBDA_TASK_ROOT": str(task)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout + done.stderr == ""


@many
@given(body=json_values, what=st.sampled_from(["verify", "warmup", "other", None, 5]))
def test_http_never_reaches_the_direct_events(iris_handler: Handler, body: Any, what: Any) -> None:
    """What a client writes is only ever inside an event of the gateway's, never beside its keys."""
    payload = {**(body if isinstance(body, dict) else {}), "mldeploy": what}
    for text in (json.dumps(payload), body64(json.dumps(payload))):
        headers = {"content-type": "application/json", "mldeploy": "verify"}
        request = Sent(PREDICT, text.encode(), headers, "mldeploy=verify")
        for event in (event_of(request), event_of_rest(request), event_of(request) | payload):
            answer = require_right(iris_handler, event, PREDICT)
            assert "golden" not in answer["body"]
            assert '"warm"' not in answer["body"]


@pytest.mark.parametrize("member", ["requestContext", "httpMethod", "rawPath"])
@pytest.mark.parametrize("value", [None, "", [], {}, 0])
def test_one_member_of_the_gateways_is_enough(
    iris_handler: Handler, member: str, value: Any
) -> None:
    """Each marks an event as HTTP by being there, whatever its value."""
    answer = require_right(iris_handler, {member: value, "mldeploy": "verify"}, PREDICT)
    assert answer["statusCode"] == 400


def test_findings_are_bounded_before_they_are_made(iris_handler: Handler) -> None:
    """Ten thousand empty rows for a thousand columns, in 30 KB, take no memory to speak of."""
    checked = type(iris_handler.__globals__["_SERVICE"]).answers.__globals__["checked"]
    columns = [{"name": f"x{n}", "dtype": "number"} for n in range(1000)]
    error = checked.__globals__["ProblemError"]
    rows: list[Any]
    for rows in ([{}] * 10_000, [{"a": 1}] * 10_000, [["x"] * 1000] * 10_000):
        tracemalloc.start()
        with pytest.raises(error) as raised:
            checked(rows, columns)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(raised.value.errors) == 20
        assert peak < 20_000_000, rows[0]


NARROW = (
    Sent(PREDICT, b"a\n" + b"1\n" * 499_000, {"content-type": "text/csv"}),
    Sent(PREDICT, b"a\n" + b"12\n" * 333_000, {"content-type": "text/csv"}),
)
"""Rows of one column: the most that a megabyte can have."""


@pytest.mark.parametrize("number", range(24))
def test_a_megabyte_takes_bounded_memory(iris_handler: Handler, number: int) -> None:
    """What is cheap to send and dear to read: at most 64 bytes for each that was sent."""
    seeded = Random(number)  # noqa: S311 - repeated, not secret
    request = NARROW[number] if number < len(NARROW) else large(seeded, features(iris_handler))
    event = event_of(request)
    tracemalloc.start()
    require_right(iris_handler, event, request.route)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64_000_000
    require_next(iris_handler)
