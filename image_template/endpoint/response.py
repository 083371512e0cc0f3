"""HTTP responses, in the format of API Gateway."""

import json
from dataclasses import dataclass
from typing import Any

from endpoint.problem import ProblemError

MOST_RESPONSE_BYTES = 5_500_000
"""The largest response. Lambda allows 6 MB, envelope included (developer guide, "Quotas")."""
_ENCODE = json.JSONEncoder(allow_nan=False).encode


@dataclass(frozen=True)
class Response:
    """An HTTP response.

    Attributes:
        status: HTTP status.
        body: text of the body.
        content_type: content type of the body.
        rows: number of rows that were predicted, for the log.
        headers: further headers, names in lower case.
    """

    status: int
    body: str
    content_type: str = "application/json"
    rows: int = 0
    headers: tuple[tuple[str, str], ...] = ()

    def envelope(self) -> dict[str, Any]:
        """Return the response in the format of API Gateway."""
        headers = {"content-type": self.content_type, **dict(self.headers)}
        # No browser guesses another type from the content.
        headers["x-content-type-options"] = "nosniff"
        return {
            "statusCode": self.status,
            "headers": headers,
            "body": self.body,
            "isBase64Encoded": False,
        }


def json_response(body: Any, *, rows: int = 0) -> Response:
    """Return a response with status 200 and a JSON body.

    Raises:
        ProblemError: 413 if the response is larger than Lambda allows.
    """
    text = _ENCODE(body)
    # The envelope's JSON holds the body as a string, in which each quote is escaped: that at most
    # doubles its length.
    size = len(text)
    if 2 * size > MOST_RESPONSE_BYTES:
        size += text.count('"') + text.count("\\")
        require_fitting(size, rows)
    return Response(200, text, rows=rows)


def require_fitting(size: int, rows: int) -> None:
    """Refuse a response of `size` bytes if Lambda doesn't allow that many.

    Raises:
        ProblemError: 413.
    """
    if size > MOST_RESPONSE_BYTES:
        fits = max(1, rows * MOST_RESPONSE_BYTES // size)
        raise ProblemError(
            413, f"the response would have {size} bytes; about {fits} rows fit in one request"
        )


def problem_response(body: dict[str, Any], *, v2: bool = False) -> Response:
    """Return a response with a problem document.

    Args:
        body: the document.
        v2: whether to add `error`, which clients of the Open Inference Protocol read. KServe's
            reads it from `application/json` only (kserve 0.21, inference_client.py).
    """
    if v2:
        return Response(body["status"], json.dumps({**body, "error": body["detail"]}))
    return Response(body["status"], json.dumps(body), "application/problem+json")
