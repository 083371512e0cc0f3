"""The Lambda handler: the model as a JSON endpoint.

Over HTTP it answers predictions with 200, a client's mistakes with 4xx as RFC 9457 writes
them, and its own with a 500 that tells nothing. A direct invoke with the bare payload gets
the same body without the HTTP envelope, and a mistake as `{"error": problem}`.
"""

import gc
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any

from endpoint.event import Reply, is_http, problem_reply, route_of
from endpoint.model import load
from endpoint.predicting import Prediction
from endpoint.problem import ProblemError, problem
from endpoint.routes import answer, is_v2
from endpoint.verify import verify
from endpoint.warmup import warmed_up

_TASK = Path(os.environ.get("LAMBDA_TASK_ROOT") or Path(__file__).parents[1])
_MOST_FRAMES = 30
"""Of a failure, the innermost: endless recursion leaves a thousand."""
_OK = 200
if "MLDEPLOY_SECRETS" in os.environ:  # before any code of the user's
    from endpoint.references import resolve

    resolve()
# Loaded here, once an environment, and not in the handler: init time is cheaper than requests.
MODEL = load(_TASK / "model")
_IDENTITY = {
    "release": os.environ.get("MLDEPLOY_RELEASE", ""),
    "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
    "sha256": MODEL.facts["model"]["sha256"][:12],
}
_RELEASE = quoted(_IDENTITY["release"])
_PREDICTION = Prediction(MODEL, _IDENTITY)
# What was imported stays for good: no collection need walk through it while a request waits.
gc.freeze()
# A library's warning may quote the rows, would be no line of JSON, and Python keeps each text.
warnings.simplefilter("ignore")


def handle(event: Any, context: Any) -> Any:
    """Answer an event of API Gateway, a bare payload, or one of our own direct events."""
    started = time.perf_counter()
    request_id = _request_id(context)
    over_http = is_http(event)
    route = "direct"
    if over_http:
        route = route_of(event)
        reply = _guarded(lambda: answer(route, event, _PREDICTION, request_id), request_id, route)
    elif isinstance(event, dict) and "mldeploy" in event:
        return _own_event(event)
    else:
        reply = _guarded(lambda: _PREDICTION.direct(event, request_id), request_id, route)
    _log(request_id, route, reply, time.perf_counter() - started)
    if over_http:
        return reply.envelope()
    body = json.loads(reply.body)
    return body if reply.status == _OK else {"error": body}


def _guarded(work: Callable[[], Reply], request_id: str, route: str) -> Reply:
    """Turn what a client did wrong into a 4xx, and what we did into a 500 that tells nothing."""
    try:
        return work()
    except ProblemError as error:
        return problem_reply(error.body(), v2=is_v2(route))
    except KeyboardInterrupt:
        raise
    # What a model's compiled code panics with, or its sys.exit, is no Exception; and a client must
    # never see what broke.
    except BaseException as error:  # noqa: BLE001 - see above
        _log_failure(request_id, error)
        told = problem(500, "the prediction failed; the function's log says more")
        return problem_reply(told, v2=is_v2(route))


def _own_event(event: dict[str, Any]) -> dict[str, Any]:
    """Answer the events that only a direct invoke can send."""
    match event["mldeploy"]:
        case "warmup":
            return warmed_up(event)
        case "verify":
            return verify(MODEL, list(event.get("inputs", [])))
        case _:
            return {"error": problem(400, "unknown event; known are warmup and verify")}


def _request_id(context: Any) -> str:
    return str(getattr(context, "aws_request_id", ""))


def _log(request_id: str, route: str, reply: Reply, seconds: float) -> None:
    """Write one line of JSON a request, with nothing in it that the client sent."""
    sys.stdout.write(
        f'{{"request_id": {quoted(request_id)}, "route": {quoted(route)}, '
        f'"status": {reply.status}, "rows": {reply.rows}, '
        f'"milliseconds": {seconds * 1000:.3f}, "release": {_RELEASE}}}\n'
    )
    sys.stdout.flush()


def _log_failure(request_id: str, error: BaseException) -> None:
    """Write where it broke. The message stays out: libraries put inputs into theirs."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    ]
    _write({"request_id": request_id, "error": type(error).__name__, "frames": frames})


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
