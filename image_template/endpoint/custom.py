"""The handler of a function with the user's code, which never gets mldeploy's direct events.

Lambda's command is `endpoint.custom.handle`; the variable MLDEPLOY_HANDLER names the user's
function as "module:function". The model isn't loaded, so that such functions start fast.
"""

import importlib
import os
from collections.abc import Callable
from typing import Any

from endpoint.event import is_http
from endpoint.golden import replay
from endpoint.problem import problem
from endpoint.warmup import warmed_up

Handler = Callable[[Any, Any], Any]


def _find(name: str) -> Handler:
    """Import "module:function".

    Raises:
        ImportError: if the image has no such module, or the module no such function.
    """
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise ImportError(f"MLDEPLOY_HANDLER must be module:function, not {name!r}")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        # A failed import inside the user's module keeps Python's own message.
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise ImportError(f"handler {name}: there is no module {error.name} here") from error
    found: Handler | None = getattr(module, attribute, None)
    if callable(found):
        return found
    raise ImportError(f"handler {name}: {module_name} has no function {attribute}")


_NAME = os.environ.get("MLDEPLOY_HANDLER", "")
if "MLDEPLOY_SECRETS" in os.environ:  # before any code of the user
    from endpoint.references import resolve

    resolve()
# Imported once per environment, and not in `handle`: init time costs less than requests.
HANDLER = _find(_NAME)


def handle(event: Any, context: Any) -> Any:
    """Pass events on unchanged, except those that only a direct invoke by mldeploy can send."""
    if isinstance(event, dict) and "mldeploy" in event and not is_http(event):
        return _own_event(event, context)
    return HANDLER(event, context)


def _own_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    match event["mldeploy"]:
        case "warmup":
            return warmed_up(event)
        case "verify":
            return replay(HANDLER, list(event.get("inputs", [])), context)
        case _:
            return {"error": problem(400, "unknown event; use warmup or verify")}
