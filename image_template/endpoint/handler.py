"""The Lambda handler: the model as a JSON endpoint.

HTTP requests get 200 with predictions, 4xx with a problem document (RFC 9457) if the request is
invalid, and 500 without details if the model fails. A direct invoke with only the payload gets the
same body without the HTTP envelope; a problem is under the key "error".
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

from endpoint.event import is_http, route_of
from endpoint.model import load
from endpoint.problem import ProblemError, problem
from endpoint.response import Response, problem_response
from endpoint.routes import has_error, respond
from endpoint.service import Service
from endpoint.verify import verify
from endpoint.warmup import warmed_up

_TASK = Path(os.environ.get("LAMBDA_TASK_ROOT") or Path(__file__).parents[1])
_MOST_FRAMES = 30
"""The innermost frames of a failure that are logged: endless recursion leaves a thousand."""
_OK = 200
if "MLDEPLOY_SECRETS" in os.environ:  # before any code of the user
    from endpoint.references import resolve

    resolve()
# Loaded at import, once per environment, and not in `handle`: init time costs less than requests.
MODEL = load(_TASK / "model")
_IDENTITY = {
    "release": os.environ.get("MLDEPLOY_RELEASE", ""),
    "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
    "sha256": MODEL.facts["model"]["sha256"][:12],
}
_RELEASE = quoted(_IDENTITY["release"])
_SERVICE = Service(MODEL, _IDENTITY)
# Imported modules are never freed: garbage collections during a request needn't visit them.
gc.freeze()
# A library's warning may quote the rows, isn't a line of JSON, and Python keeps its text forever.
warnings.simplefilter("ignore")


def handle(event: Any, context: Any) -> Any:
    """Respond to an event of API Gateway, a direct invoke with a payload, or mldeploy's events."""
    started = time.perf_counter()
    request_id = _request_id(context)
    over_http = is_http(event)
    route = "direct"
    if over_http:
        route = route_of(event)
        response = _guarded(lambda: respond(route, event, _SERVICE, request_id), request_id, route)
    elif isinstance(event, dict) and "mldeploy" in event:
        return _own_event(event)
    else:
        response = _guarded(lambda: _SERVICE.direct(event, request_id), request_id, route)
    _log(request_id, route, response, time.perf_counter() - started)
    if over_http:
        return response.envelope()
    body = json.loads(response.body)
    return body if response.status == _OK else {"error": body}


def _guarded(work: Callable[[], Response], request_id: str, route: str) -> Response:
    """Turn an invalid request into a 4xx, and any other failure into a 500 without details."""
    try:
        return work()
    except ProblemError as error:
        return problem_response(error.body(), v2=has_error(route))
    except KeyboardInterrupt:
        raise
    # A panic in a model's compiled code, or its sys.exit, isn't an Exception; and a client must
    # never see what failed.
    except BaseException as error:  # noqa: BLE001 - see above
        _log_failure(request_id, error)
        document = problem(500, "the prediction failed; see the function's log")
        return problem_response(document, v2=has_error(route))


def _own_event(event: dict[str, Any]) -> dict[str, Any]:
    """Respond to the events that only a direct invoke can send."""
    match event["mldeploy"]:
        case "warmup":
            return warmed_up(event)
        case "verify":
            return verify(MODEL, list(event.get("inputs", [])))
        case "batch" | "batch-gather":
            from endpoint.batch.events import respond as of_batch

            return of_batch(event, MODEL)
        case _:
            return {"error": problem(400, "unknown event; use warmup or verify")}


def _request_id(context: Any) -> str:
    return str(getattr(context, "aws_request_id", ""))


def _log(request_id: str, route: str, response: Response, seconds: float) -> None:
    """Write one line of JSON per request, without any content of the request."""
    sys.stdout.write(
        f'{{"request_id": {quoted(request_id)}, "route": {quoted(route)}, '
        f'"status": {response.status}, "rows": {response.rows}, '
        f'"milliseconds": {seconds * 1000:.3f}, "release": {_RELEASE}}}\n'
    )
    sys.stdout.flush()


def _log_failure(request_id: str, error: BaseException) -> None:
    """Log the frames of a failure. Its message is left out: libraries put inputs into theirs."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    ]
    _write({"request_id": request_id, "error": type(error).__name__, "frames": frames})


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
