"""A WSGI application that refuses what comes too soon, as AWS does, in front of moto's server."""

import re
from collections.abc import Iterable
from typing import Any

from tests.strict.quotas import Quotas

_TOO_MANY = b'{"message": "Rate exceeded", "__type": "ThrottlingException"}'
_FUNCTION = re.compile(r"/2015-03-31/functions/[^/]+/?")
_POLICY = re.compile(r"/2015-03-31/functions/[^/]+/policy/?")
_INVOKE = re.compile(r"/2015-03-31/functions/[^/]+/invocations/?")
# Lambda's control plane has paths of several versions of its API (botocore's model of lambda).
_LAMBDA = re.compile(r"/20\d\d-\d\d-\d\d/")


class Rated:
    """Counts each call towards its quota, and passes on what AWS would answer."""

    def __init__(self, application: Any, quotas: Quotas) -> None:
        self._application = application
        self._quotas = quotas

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer 429, or let the application answer."""
        service, operation = called(environ)
        if self._quotas.admits(service, operation):
            answer: Iterable[bytes] = self._application(environ, start_response)
            return answer
        # The code and the status of each: tests/strict/wire.py says where they come from.
        code, status = "TooManyRequestsException", "429 Too Many Requests"
        if service == "logs":
            code, status = "ThrottlingException", "400 Bad Request"
        length = str(len(_TOO_MANY))
        start_response(status, [("x-amzn-errortype", code), ("Content-Length", length)])
        return [_TOO_MANY]


def called(environ: dict[str, Any]) -> tuple[str, str]:
    """Return service and operation of a request, as far as AWS counts them apart."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if target := environ.get("HTTP_X_AMZ_TARGET", ""):
        service = "logs" if target.startswith("Logs_") else target.partition("_")[0]
        return service, target.rpartition(".")[2]
    if path.startswith("/v2/"):
        return "apigatewayv2", f"{method} {path}"
    if method == "GET" and _FUNCTION.fullmatch(path):
        return "lambda", "GetFunction"
    if method == "GET" and _POLICY.fullmatch(path):
        return "lambda", "GetPolicy"
    if method == "POST" and _INVOKE.fullmatch(path):
        return "lambda", "Invoke"
    return ("lambda", f"{method} {path}") if _LAMBDA.match(path) else ("", path)
