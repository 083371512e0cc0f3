"""Rejects requests to the embedded AWS that aren't signed with its key pair.

moto doesn't authenticate, and its server has paths that reset it, record requests to a file, and
show all its data.
"""

import hmac
import io
import re
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from mldeploy.aws.signatures import KeyPair, NotSignedError, Received, claim_of, require_signature
from mldeploy.embedded.calls import Call, Reply, Wsgi
from mldeploy.embedded.keys import token
from mldeploy.embedded.place import OWN
from mldeploy.local.servers.guard import Refusal, refusal

MOST_BODY = 10_000_000
"""Bytes; the largest call of mldeploy is Lambda's 6 MB."""
_BLOBS = f"{OWN}blobs/"
_ROOT = re.compile(r"/")
SERVICES = {
    "apigateway": re.compile(r"/v2/(apis|tags)(/.*)?"),
    "ecr": _ROOT,
    "events": _ROOT,
    "iam": _ROOT,
    "kms": _ROOT,
    "lambda": re.compile(r"/20\d\d-\d\d-\d\d/(functions|tags|account-settings)(/.*)?"),
    "logs": _ROOT,
    "mldeploy": re.compile(rf"{OWN}health"),
    "monitoring": re.compile(r"/|/service/GraniteServiceVersion20100801/operation/\w+"),
    "secretsmanager": _ROOT,
    "ssm": _ROOT,
    "states": _ROOT,
    "sts": _ROOT,
}
"""The paths of each service that a deployment calls, by signing name."""
_UNSIGNED = "sign with the key pair in the file that `mldeploy local status` names"
_IN_JSON = {"", *SERVICES} - {"iam", "sts"}
"""Services with errors in JSON, which is also used for unknown services; others use XML."""


class Guarded:
    """Passes on authenticated requests.

    Args:
        application: the WSGI application to protect.
        keys: that requests must be signed with.
    """

    def __init__(self, application: Wsgi, keys: KeyPair) -> None:
        self._application, self._keys = application, keys

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Handle a request, or respond with the reason for rejecting it."""
        found = self._body(environ)
        if isinstance(found, Refusal):
            return _refused(found, environ).send(start_response)
        passed = {**environ, "wsgi.input": io.BytesIO(found), "CONTENT_LENGTH": str(len(found))}
        return self._application(passed, start_response)

    def _body(self, environ: dict[str, Any]) -> bytes | Refusal:
        """Return the body of a valid request, or why it is rejected."""
        request = _received(environ)
        port = int(environ["SERVER_PORT"])
        refused = refusal(lambda name: request.headers.get(name, ""), port)
        if refused is not None:
            return refused
        if self._is_link(environ):
            return b""
        try:
            claim = claim_of(request, self._keys, time.time())
            if not _offered(claim.service, str(environ["PATH_INFO"])):
                return Refusal("MLD618", "the embedded AWS doesn't have this service or path")
            length = _length(request)
            if length is None:
                return Refusal(
                    "MLD619",
                    f"the request must have a content-length of at most {MOST_BODY:,} bytes",
                )
            body = bytes(environ["wsgi.input"].read(length))
            require_signature(request, claim, self._keys, body)
        except NotSignedError as error:
            return Refusal("MLD615", f"{_UNSIGNED}: {error}")
        return body

    def _is_link(self, environ: dict[str, Any]) -> bool:
        """Return whether a request uses a link to a configuration from ECR."""
        path = str(environ["PATH_INFO"])
        digest = path.removeprefix(_BLOBS)
        given = parse_qs(environ.get("QUERY_STRING", "")).get("token", [""])[0]
        return (
            environ["REQUEST_METHOD"] == "GET"
            and path == f"{_BLOBS}{digest}"
            and hmac.compare_digest(given.encode(), token(self._keys, digest).encode())
        )


def _received(environ: dict[str, Any]) -> Received:
    names = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}
    headers = {
        names.get(key) or key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key in names or key.startswith("HTTP_")
    }
    return Received(environ["REQUEST_METHOD"], environ["REQUEST_URI"], headers)


def _offered(service: str, path: str) -> bool:
    found = SERVICES.get(service)
    return found is not None and found.fullmatch(path) is not None


def _length(request: Received) -> int | None:
    """Return the body's length; None if it is missing, repeated or too large."""
    text = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return None
    return int(text) if int(text) <= MOST_BODY else None


def _refused(why: Refusal, environ: dict[str, Any]) -> Reply:
    """Return AWS's response, in the protocol of the called service."""
    error = "InvalidSignatureException" if why.code == "MLD615" else "AccessDeniedException"
    call = Call.of(environ)
    if not call.target and call.service not in _IN_JSON:
        text = f"<Error><Code>{error}</Code><Message>{why}</Message></Error>"
        return Reply(403, f"<ErrorResponse>{text}</ErrorResponse>".encode(), error)
    return Reply.told(403, {"__type": error, "message": str(why)}, error)
