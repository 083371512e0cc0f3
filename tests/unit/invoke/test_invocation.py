"""Calling what is deployed: the request that goes out, and the verdict on what comes back."""

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from mldeploy.aws.clients import Clients
from mldeploy.config import ApiConfig, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.facts.quotas import TIMEOUT
from mldeploy.http.call import call
from mldeploy.invoke.invocation import Asked, Invocation, invoke_direct, pick_request
from mldeploy.invoke.requests import request_of_payload
from mldeploy.resources.base import Context
from tests.strict.aws import StrictAws
from tests.support.projects import write_project
from tests.support.stacks import REGION, config, context


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        told = json.dumps({"host": self.headers["host"], "path": self.path, "body": body})
        self.send_response(418 if "teapot" in self.path else 200)
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """A server on loopback, for the time of a test."""
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_localhost_name_is_loopback(port: int) -> None:
    """Names below .localhost go to loopback with their own Host header, resolver or not."""
    answer = call("POST", f"http://abc.execute-api.localhost:{port}/predict", b"{}")
    assert answer.status == 200
    assert answer.content["host"] == f"abc.execute-api.localhost:{port}"
    assert answer.content["path"] == "/predict"
    assert answer.milliseconds > 0


def test_an_error_status_is_an_answer(port: int) -> None:
    """A 4xx or 5xx is judged by the caller, not raised by the client."""
    assert call("POST", f"http://127.0.0.1:{port}/teapot", b"{}").status == 418


def test_no_answer_is_told() -> None:
    """Nobody listens: exit 6, and status is advised."""
    with pytest.raises(MldeployError) as raised:
        call("POST", "http://127.0.0.1:1/predict", b"{}")
    assert (raised.value.code, raised.value.exit_code) == ("MLD504", 6)


def direct(where: Context, answer: dict[str, Any]) -> Invocation:
    """Invoke directly, with a Lambda that answers so."""
    return invoke_direct(config(), Asked(request_of_payload({"features": [1]})), None, where)


@pytest.fixture
def where(aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> Context:
    return context(aws.put_image)


class Lambda:
    """A client whose Invoke answers what the test says."""

    def __init__(self, payload: Any, **more: Any) -> None:
        self.payload, self.more = payload, more
        self.params: dict[str, Any] = {}

    def invoke(self, **params: Any) -> dict[str, Any]:
        self.params = params
        stream = io.BytesIO(json.dumps(self.payload).encode())
        return {"StatusCode": 200, "Payload": stream, "LogResult": "bGluZQ==", **self.more}


def answering(where: Context, client: Lambda) -> Context:
    clients = Clients(REGION)
    clients._clients["lambda", True, TIMEOUT[1] + 10.0] = client
    return replace(where, clients=clients)


def test_a_direct_call_goes_to_the_alias(where: Context) -> None:
    """The event goes as it stands, to `live`, and the log's end comes back."""
    client = Lambda({"prediction": 1})
    done = direct(answering(where, client), {})
    assert client.params["FunctionName"] == "mldeploy_iris_dev_predict"
    assert client.params["Qualifier"] == "live"
    assert json.loads(client.params["Payload"]) == {"features": [1]}
    assert (done.content, done.log) == ({"prediction": 1}, ("line",))
    done.judge({"prediction": 1})


def test_a_function_error_is_an_error_though_lambda_answers_200(where: Context) -> None:
    """FunctionError fails the smoke test with exit code 6 and the log."""
    client = Lambda({"errorMessage": "boom"}, FunctionError="Unhandled")
    with pytest.raises(MldeployError) as raised:
        direct(answering(where, client), {}).judge(None)
    assert (raised.value.code, raised.value.exit_code) == ("MLD502", 6)
    assert "Unhandled" in raised.value.message
    assert ("log", "line") in raised.value.details


def test_a_proxy_answer_is_unwrapped(where: Context) -> None:
    """An API event, sent directly, is judged by the status inside."""
    client = Lambda({"statusCode": 422, "body": '{"detail": "no"}'})
    done = direct(answering(where, client), {})
    assert (done.status, done.content) == (422, {"detail": "no"})
    with pytest.raises(MldeployError):
        done.judge(None)


def test_an_iam_api_is_called_with_a_signature(where: Context) -> None:
    """With auth = "iam" the request carries AWS's signature for execute-api."""
    csv = {"content-type": "text/csv"}
    headers = where.clients.signed_headers("execute-api", "POST", "https://a.example/x", b"", csv)
    assert headers["content-type"] == "text/csv"
    assert "execute-api" in headers["Authorization"]
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")


def test_the_route_locks_with_iam() -> None:
    """Auth = "iam" makes every route ask for a signature."""
    from mldeploy.resources.http_api.api import HttpApi
    from tests.support.stacks import stack_of

    (api,) = [
        one for one in stack_of(config(api=ApiConfig(auth="iam"))) if isinstance(one, HttpApi)
    ]
    assert {route.auth for route in api.routes} == {"AWS_IAM"}


def test_golden_sends_every_example(tmp_path: Path) -> None:
    """--golden asks for all of them at once and expects their predictions."""
    root = write_project(tmp_path / "iris")
    asked = pick_request(config(root=root), None, None, None, golden=True)
    assert asked.request.event == {"instances": [[1.0]]}
    assert asked.expected == {"predictions": [{"value": 1.0}]}


def test_an_unknown_function_is_suggested(where: Context) -> None:
    """A typing error in --function is answered before AWS is asked."""
    settings = config(functions=(FunctionConfig("predict", "POST /predict"),))
    with pytest.raises(MldeployError) as raised:
        invoke_direct(settings, Asked(request_of_payload({})), "predcit", where)
    assert raised.value.code == "MLD111"
    assert "predict" in raised.value.hint
