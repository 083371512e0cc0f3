"""Golden requests to the user's handler; the caller judges the responses."""

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
        The keys of `endpoint.verify.verify`: "predictions" has one response per request, and
        "problems" one line per request that failed.
    """
    answers: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, request in enumerate(requests):
        try:
            answers.append(_response(handler(_event(number, request), context)))
        except Exception as error:  # noqa: BLE001 - any failure is a result
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
    """Return status and content as API Gateway sends them; without `statusCode` the status is 200.

    Raises:
        TypeError, ValueError: if API Gateway couldn't send the response.
    """
    json.dumps(answer, allow_nan=False)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return {"status": _OK, "answer": answer}
    body = answer.get("body")
    # API Gateway responds with 500 if the body is anything else.
    if body is not None and not isinstance(body, str):
        raise TypeError(f"the body must be a string (use json.dumps), not {type(body).__name__}")
    if body is not None and answer.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    return {"status": int(answer["statusCode"]), "answer": _parsed(body)}


def _parsed(body: str | None) -> Any:
    """Return the parsed body, or its text if it isn't JSON."""
    try:
        return None if body is None else json.loads(body, parse_constant=_no_constant)
    except ValueError:
        return body


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} isn't a JSON value")
