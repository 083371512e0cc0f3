"""Golden requests to a handler of the user's own; the caller judges the responses."""

import base64
import json
import traceback
from collections.abc import Callable
from typing import Any

_MOST = 20
_OK = 200


def replay(handler: Callable[[Any, Any], Any], requests: list[Any], context: Any) -> dict[str, Any]:
    """Send requests to the handler as API Gateway would.

    Returns:
        As `endpoint.verify.verify` does: "predictions" has a response for each request, and
        "problems" the requests that failed outright.
    """
    answers: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, request in enumerate(requests):
        try:
            answers.append(_response(handler(_event(number, request), context)))
        except Exception as error:  # noqa: BLE001 - whatever fails is what is to be reported
            traceback.print_exc()
            answers.append({})
            problems.append(f"golden example {number}: {type(error).__name__}: {error}")
    return {"predictions": answers, "problems": problems[:_MOST]}


def _event(number: int, request: Any) -> dict[str, Any]:
    """Return a POST as an HTTP API sends it, payload 2.0.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    http = {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {**http, "userAgent": "mldeploy"},
            "requestId": f"golden-{number}",
            "routeKey": "$default",
            "stage": "$default",
        },
        "body": json.dumps(request),
        "isBase64Encoded": False,
    }


def _response(answer: Any) -> dict[str, Any]:
    """Return status and content as API Gateway sends them: without statusCode it is a 200.

    Raises:
        TypeError, ValueError: where nobody could send that.
    """
    json.dumps(answer, allow_nan=False)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return {"status": _OK, "answer": answer}
    body = answer.get("body")
    # API Gateway answers 500 where the body is anything else.
    if body is not None and not isinstance(body, str):
        raise TypeError(f"the body must be text (json.dumps makes it), not {type(body).__name__}")
    if body is not None and answer.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    return {"status": int(answer["statusCode"]), "answer": _parsed(body)}


def _parsed(body: str | None) -> Any:
    """Return a body's JSON, or the text where it is none."""
    try:
        return None if body is None else json.loads(body, parse_constant=_no_constant)
    except ValueError:
        return body


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
