"""The Lambda handler: the model as a JSON endpoint.

Over HTTP it answers predictions with 200, a client's mistakes with 4xx as RFC 9457 writes
them, and its own with a 500 that tells nothing. A direct invoke with the bare payload gets
the same body without the HTTP envelope, and a mistake as `{"error": problem}`.
"""

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from endpoint.event import body_of, http_answer, is_http, require_fitting, route_of
from endpoint.formats import read
from endpoint.formats.json_body import json_rows
from endpoint.formats.request import Shape
from endpoint.model import Answer, load
from endpoint.problem import ProblemError, problem
from endpoint.table import checked
from endpoint.verify import verify

_TASK = Path(os.environ.get("LAMBDA_TASK_ROOT") or Path(__file__).parents[1])
FOLDER = _TASK / "model"
_MOST_HOLD = 1.0
# Loaded here, once an environment, and not in the handler: init time is cheaper than requests.
MODEL = load(FOLDER)
_IDENTITY = {
    "release": os.environ.get("MLDEPLOY_RELEASE", ""),
    "sha256": MODEL.facts["model"]["sha256"][:12],
}


def handle(event: Any, context: Any) -> Any:
    """Answer an event of API Gateway, a bare payload, or one of our own direct events."""
    started = time.perf_counter()
    if is_http(event):
        route = route_of(event)
        status, body, rows = _answer(event, context, from_http=True)
    elif isinstance(event, dict) and "mldeploy" in event:
        return _own_event(event)
    else:
        route = "direct"
        status, body, rows = _answer(event, context, from_http=False)
    _log(context, route, status, rows, time.perf_counter() - started)
    if route != "direct":
        return http_answer(status, body)
    return body if status == 200 else {"error": body}  # noqa: PLR2004 - HTTP


def _answer(event: Any, context: Any, *, from_http: bool) -> tuple[int, dict[str, Any], int]:
    """Return status, body and the number of rows."""
    try:
        features = MODEL.features
        asked = read(*body_of(event), features) if from_http else json_rows(event)
        rows = checked(asked.rows, features)
        result = _shaped(MODEL.predict(rows), asked.shape)
        body = {**result, "model": _IDENTITY, "request_id": _request_id(context)}
        require_fitting(body, len(rows))
    except ProblemError as error:
        return error.status, error.body(), 0
    except Exception as error:  # noqa: BLE001 - a client must never see what broke
        _log_failure(context, error)
        return 500, problem(500, "the prediction failed; the function's log says more"), 0
    return 200, body, len(rows)


def _shaped(answers: list[Answer], shape: Shape) -> dict[str, Any]:
    match shape:
        case Shape.ONE:
            return {"prediction": answers[0]}
        case Shape.ROWS:
            return {"predictions": answers}
        case Shape.VALUES:
            return {"predictions": [one.get("class_label", one.get("value")) for one in answers]}


def _own_event(event: dict[str, Any]) -> dict[str, Any]:
    """Answer the events that only a direct invoke can send."""
    match event["mldeploy"]:
        case "warmup":
            time.sleep(_held(event.get("hold")))
            return {"mldeploy": "warm"}
        case "verify":
            return verify(MODEL, FOLDER)
        case _:
            return {"error": problem(400, "unknown event; known are warmup and verify")}


def _held(seconds: Any) -> float:
    """Return for how long a warm-up event occupies its environment, so that the next needs another.

    It is billed, and no request is answered here meanwhile: 0 to 1 second.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 0.0
    return float(min(_MOST_HOLD, seconds)) if seconds > 0 else 0.0  # not more than 0: a NaN, too


def _request_id(context: Any) -> str:
    return str(getattr(context, "aws_request_id", ""))


def _log(context: Any, route: str, status: int, rows: int, seconds: float) -> None:
    """Write one line of JSON a request, with nothing in it that the client sent."""
    _write(
        {
            "request_id": _request_id(context),
            "route": route,
            "status": status,
            "rows": rows,
            "milliseconds": round(seconds * 1000, 3),
            "release": _IDENTITY["release"],
        }
    )


def _log_failure(context: Any, error: Exception) -> None:
    """Write where it broke. The message stays out: libraries put inputs into theirs."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    failure = {"error": type(error).__name__, "frames": frames}
    _write({"request_id": _request_id(context), **failure})


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
