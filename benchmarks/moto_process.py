"""moto's server in a separate process, which counts calls and can be as slow as AWS."""

import argparse
import io
import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.apigateway.models import APIGatewayBackend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import run_simple

from benchmarks.emulator import CONTROL
from mldeploy.embedded.calls import Call, Reply, Wsgi
from mldeploy.embedded.gaps import Gaps
from mldeploy.embedded.moto_mends import mend_functions
from tests.strict.quotas import Quotas
from tests.support.rated import Rated

_INVOKED = re.compile(r"/2015-03-31/functions/[^/]+/invocations")
_VERIFIED = {"predictions": [{"value": 1.0}], "problems": []}
"""Our functions' responses to golden examples, because moto runs no functions."""


class Counting:
    """Wraps moto's WSGI application, independent of the service.

    With quotas, calls above AWS's rate limits are rejected, as AWS does.
    """

    def __init__(self, application: Wsgi) -> None:
        self._application = application
        self._quotas = Quotas()
        self._rated = Rated(self._answer, self._quotas)
        self._speed = 0.0
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._seconds = 0.0
        self._gaps = Gaps()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Handle a control call, or count, delay and pass on a call of AWS."""
        path = environ["PATH_INFO"]
        if path.startswith(CONTROL):
            body = self._control(path.removeprefix(CONTROL), environ["QUERY_STRING"])
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]
        name = _operation(environ)
        with self._lock:
            self._calls[name] += 1
        time.sleep(self._seconds)
        return (self._rated if self._speed else self._answer)(environ, start_response)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        call = Call.of(environ)
        if _INVOKED.fullmatch(call.path):
            return Reply.told(200, _VERIFIED).send(start_response)
        missing = self._gaps.answer(call)
        if missing is not None:
            return missing.send(start_response)
        return self._application(environ, start_response)

    def _control(self, command: str, argument: str) -> bytes:
        with self._lock:
            if command == "round-trip":
                self._seconds = float(argument)
                return b"{}"
            if command == "quotas":
                refused = json.dumps(self._quotas.refused).encode()
                self._speed = speed = float(argument)
                self._quotas.clock = lambda: time.monotonic() * speed
                self._quotas.reset()
                return refused
            body = json.dumps(self._calls).encode()
            self._calls.clear()
            return body


def _operation(environ: dict[str, Any]) -> str:
    """Return a call's name: the service that it is signed for, and its operation or path."""
    _, _, scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    parts = scope.partition(",")[0].split("/")
    service = parts[3] if len(parts) > 3 else "unsigned"  # noqa: PLR2004 - key/date/region/service
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return f"{service}:{target.rpartition('.')[2]}"
    form = "application/x-www-form-urlencoded"
    if environ.get("CONTENT_TYPE", "").startswith(form):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if action := parse_qs(body.decode()).get("Action"):
            return f"{service}:{action[0]}"
    return f"{service}:{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def _mend_moto() -> None:
    """Make moto 5.2 respond like AWS where the measured deploys need it."""
    mend_functions()
    bare_import, bare_put = APIGatewayBackend.import_rest_api, APIGatewayBackend.put_rest_api

    def import_rest_api(self: Any, api_doc: Any, *rest: Any) -> Any:
        # A description is optional in Swagger and in AWS.
        info = {"description": "", **api_doc["info"]}
        return bare_import(self, {**api_doc, "info": info}, *rest)

    def put_rest_api(self: Any, function_id: str, api_doc: Any, *rest: Any, **options: Any) -> Any:
        # Chalice writes Swagger 2.0, which AWS accepts and moto doesn't; the paths are the same.
        document = {name: part for name, part in api_doc.items() if name != "swagger"}
        return bare_put(self, function_id, {**document, "openapi": "3.0.1"}, *rest, **options)

    for method in (import_rest_api, put_rest_api):
        setattr(APIGatewayBackend, method.__name__, method)


def serve(port: int) -> None:
    """Run moto's server until the process is ended."""
    os.environ["MOTO_PORT"] = str(port)
    _mend_moto()
    application = Counting(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    serve(parser.parse_args().port)
