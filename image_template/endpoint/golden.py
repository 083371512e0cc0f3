"""Golden examples of a handler of the user's own: requests, and what the answers must contain."""

import base64
import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from endpoint.model import sha256
from endpoint.verify import TOLERANCE

_MOST = 20
_OK = 200


def replay(handler: Callable[[Any, Any], Any], path: Path, context: Any) -> dict[str, Any]:
    """Send every example to the handler as API Gateway would, and compare.

    Returns:
        As `endpoint.verify.verify` does: `problems` is empty where all is well. Without a file
        there is nothing to compare.
    """
    examples = _examples(path)
    answers: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, example in enumerate(examples):
        where = f"golden example {number}"
        try:
            answers.append(_response(handler(_event(number, example["request"]), context)))
        except Exception as error:  # noqa: BLE001 - whatever fails is what is to be reported
            traceback.print_exc()
            answers.append({})
            problems.append(f"{where}: {type(error).__name__}: {error}")
            continue
        problems += [f"{where}: {line}" for line in _lacks(_expected(example), answers[-1])]
    return {
        "golden_sha256": sha256(path) if examples else "",
        "predictions": answers,
        "expected": [_expected(example) for example in examples],
        "problems": problems[:_MOST],
    }


def _examples(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return list(json.loads(path.read_text(encoding="utf-8"))["examples"])


def _expected(example: dict[str, Any]) -> dict[str, Any]:
    expected = {"status": example.get("status", _OK)}
    return {**expected, "answer": example["answer"]} if "answer" in example else expected


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


def _lacks(expected: Any, found: Any, where: str = "") -> list[str]:
    """Return where an answer lacks what it must contain; objects may have further keys."""
    match expected, found:
        case dict(), dict():
            return [
                line
                for name, value in expected.items()
                for line in _lacks_key(name, value, found, f"{where}.{name}".strip("."))
            ]
        case list(), list() if len(expected) == len(found):
            return [
                line
                for index, (one, other) in enumerate(zip(expected, found, strict=True))
                for line in _lacks(one, other, f"{where}[{index}]")
            ]
        case (bool(), _) | (_, bool()):
            same = expected is found
        case (int(), int()):  # they may be labels
            same = expected == found
        case ((int() | float()), (int() | float())):
            same = abs(expected - found) <= TOLERANCE * max(1.0, abs(expected))
        case _:
            same = type(expected) is type(found) and expected == found
    return [] if same else [f"{where}: expected {expected!r}, got {found!r}"]


def _lacks_key(name: str, value: Any, found: dict[str, Any], where: str) -> list[str]:
    return _lacks(value, found[name], where) if name in found else [f"{where} is missing"]
