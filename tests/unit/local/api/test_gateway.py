"""The HTTP API's own answers: errors, CORS, throttling, limits."""

import json
from typing import Any

import pytest

from mldeploy.config import ApiConfig, CorsConfig
from mldeploy.local.api.gateway import Gateway
from mldeploy.local.api.payload import Request, Response
from mldeploy.local.environments.runs import Outcome

CORS = CorsConfig(("https://a.example", "http://*"), ("POST", "GET"), ("content-type",), 300)
PREFLIGHT = (("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST"))


class Functions:
    """What stands behind a gateway: gives one outcome, notes the events."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome or Outcome(b'{"a": 1}')
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, event: bytes, seconds: float) -> Outcome:
        """Note the event and give the outcome."""
        assert seconds == 30.0
        self.events.append((name, json.loads(event)))
        return self.outcome


def gateway(functions: Functions, **api: Any) -> Gateway:
    """Return a gateway with one route."""
    settings = ApiConfig(**{"auth": "none", **api})
    return Gateway(settings, {"POST /predict": "predict"}, functions, clock=lambda: 0.0)


def said(response: Response) -> tuple[int, str]:
    """Return the status and the message of an answer of the gateway's own."""
    assert dict(response.headers)["content-type"] == "application/json"
    return response.status, response.body.decode()


def test_a_request_reaches_its_function_and_its_answer_the_client() -> None:
    """The route decides which function; every answer names its request."""
    functions = Functions()
    found = gateway(functions).answer(Request("POST", "/predict", request_id="me"))
    assert (found.status, found.body) == (200, b'{"a": 1}')
    assert dict(found.headers)["apigw-requestid"] == "me"
    ((name, event),) = functions.events
    assert (name, event["routeKey"]) == ("predict", "POST /predict")


@pytest.mark.parametrize(("method", "path"), [("GET", "/predict"), ("POST", "/other")])
def test_what_has_no_route_is_not_found(method: str, path: str) -> None:
    """A wrong method is 404 as well: an HTTP API knows no 405."""
    functions = Functions()
    found = gateway(functions).answer(Request(method, path))
    assert said(found) == (404, '{"message":"Not Found"}')
    assert functions.events == []


@pytest.mark.parametrize(
    ("outcome", "status", "text"),
    [
        (Outcome(problem="init"), 500, "Internal Server Error"),
        (Outcome(problem="error"), 500, "Internal Server Error"),
        (Outcome(problem="timeout"), 500, "Internal Server Error"),
        (Outcome(problem="exit"), 500, "Internal Server Error"),
        (Outcome(b'{"statusCode": "x"}'), 500, "Internal Server Error"),
        (Outcome(problem="late"), 503, "Service Unavailable"),
        (Outcome(problem="busy"), 429, "Too Many Requests"),
    ],
)
def test_what_went_wrong_is_told_in_the_gateways_words(
    outcome: Outcome, status: int, text: str
) -> None:
    """A client learns nothing of the function's error."""
    found = gateway(Functions(outcome)).answer(Request("POST", "/predict"))
    assert said(found) == (status, json.dumps({"message": text}, separators=(",", ":")))


def test_more_than_the_burst_is_throttled() -> None:
    """`burst` requests at once, then 429 until `rate` has given more."""
    now = 0.0
    functions = Functions()
    api = ApiConfig("none", rate=2.0, burst=3)
    served = Gateway(api, {"POST /predict": "predict"}, functions, clock=lambda: now)
    request = Request("POST", "/predict")
    assert [served.answer(request).status for _ in range(4)] == [200, 200, 200, 429]
    now = 1.0
    assert [served.answer(request).status for _ in range(3)] == [200, 200, 429]
    assert said(served.answer(request)) == (429, '{"message":"Too Many Requests"}')
    assert len(functions.events) == 5


def test_an_event_that_lambda_would_not_take_is_refused() -> None:
    """6 MB is the event's limit, base64 included; the function isn't called."""
    functions = Functions()
    found = gateway(functions).answer(Request("POST", "/predict", body=b"x" * 6_300_000))
    assert said(found) == (413, '{"message":"Request Entity Too Large"}')
    assert functions.events == []


def test_a_preflight_is_answered_by_the_gateway() -> None:
    """204 with the API's rules, and no function is asked."""
    functions = Functions()
    found = gateway(functions, cors=CORS).answer(Request("OPTIONS", "/predict", PREFLIGHT))
    assert found.status == 204
    assert functions.events == []
    headers = {name: value for name, value in found.headers if name.startswith("access-")}
    assert headers == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-methods": "POST,GET",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "300",
    }


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        (("*",), "https://b.example", "*"),
        (("https://a.example",), "https://a.example", "https://a.example"),
        (("https://a.example",), "https://b.example", None),
        (("http://*",), "http://b.example:8000", "http://b.example:8000"),
        (("http://*",), "https://b.example", None),
        (("https://A.example",), "https://a.example", "https://a.example"),
    ],
)
def test_the_apis_rules_replace_the_functions(
    origins: tuple[str, ...], origin: str, allowed: str | None
) -> None:
    """What a function says of CORS is dropped where the API has rules."""
    theirs = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "everybody"}}
    functions = Functions(Outcome(json.dumps(theirs).encode()))
    served = gateway(functions, cors=CorsConfig(origins))
    found = served.answer(Request("POST", "/predict", (("origin", origin),)))
    assert dict(found.headers).get("access-control-allow-origin") == allowed


def test_without_rules_the_functions_own_stand() -> None:
    """OPTIONS is then a request like any other, and headers pass."""
    theirs = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "x"}}
    functions = Functions(Outcome(json.dumps(theirs).encode()))
    served = gateway(functions)
    assert served.answer(Request("OPTIONS", "/predict", PREFLIGHT)).status == 404
    found = served.answer(Request("POST", "/predict", (("origin", "https://a.example"),)))
    assert dict(found.headers)["access-control-allow-origin"] == "x"
