"""Calls of AWS's API and their responses in a WSGI server."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from mldeploy.embedded.place import REGION

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_PHRASES = {
    200: "OK",
    202: "Accepted",
    204: "No Content",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
}


@dataclass(frozen=True)
class Call:
    """A call of AWS's API.

    Attributes:
        method: of HTTP.
        path: decoded.
        query: its parameters.
        target: the operation in the header, if any.
        region: that it is signed for.
        service: likewise; "" if it isn't signed.
        endpoint: that it was sent to.
        environ: WSGI's.
    """

    method: str
    path: str
    query: dict[str, str]
    target: str
    region: str
    service: str
    endpoint: str
    environ: dict[str, Any]

    @classmethod
    def of(cls, environ: dict[str, Any]) -> "Call":
        """Return the call in a request."""
        _, _, scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
        # key/date/region/service/aws4_request (Signature Version 4)
        parts = scope.partition(",")[0].split("/")
        return cls(
            method=environ["REQUEST_METHOD"],
            path=unquote(environ["PATH_INFO"]),
            query=dict(parse_qsl(environ.get("QUERY_STRING", ""))),
            target=environ.get("HTTP_X_AMZ_TARGET", ""),
            region=parts[2] if len(parts) > 3 else REGION,  # noqa: PLR2004
            service=parts[3] if len(parts) > 3 else "",  # noqa: PLR2004
            endpoint=f"http://{environ.get('HTTP_HOST', '')}",
            environ=environ,
        )

    def body(self) -> bytes:
        """Read the body, which is possible only once."""
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        return bytes(self.environ["wsgi.input"].read(length))


@dataclass(frozen=True)
class Reply:
    """A response of AWS. `error`: the exception's name, or ""."""

    status: int
    body: bytes = b"{}"
    error: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def told(cls, status: int, content: Any, error: str = "") -> "Reply":
        """Return a response in JSON."""
        return cls(status, json.dumps(content, default=str).encode(), error)

    def send(self, start_response: Any) -> list[bytes]:
        """Send the response."""
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(self.body)))]
        if self.error:
            headers.append(("x-amzn-errortype", self.error))
        start_response(
            f"{self.status} {_PHRASES.get(self.status, 'Error')}", [*headers, *self.headers]
        )
        return [self.body]
