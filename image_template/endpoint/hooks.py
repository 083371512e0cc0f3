"""`preprocess` and `postprocess` of the user's own; see docs/training.md."""

import importlib
import sys
from collections.abc import Callable
from typing import Any

from endpoint.masking import masked
from endpoint.problem import ProblemError

Facts = dict[str, Any]


def preprocess(facts: Facts) -> Callable[[Any], Any] | None:
    """Return what a table goes through before the model gets it, or None.

    Its `InvalidRequestError` is what it says of a request. No other exception's text reaches a
    client: libraries put values into theirs, of other rows and of this machine's variables.
    """
    hook = _hook(facts, "preprocess")
    if hook is None:
        return None
    module = sys.modules[facts["hooks"]["module"]]
    for_clients = getattr(module, "InvalidRequestError", ())

    def checked(table: Any) -> Any:
        try:
            return hook(table)
        except for_clients as error:
            raise ProblemError(422, masked(f"the request is invalid: {error}")[:300]) from error

    return checked


def postprocess(facts: Facts) -> Callable[[list[Any]], list[Any]] | None:
    """Return what the answers go through, or None."""
    hook = _hook(facts, "postprocess")
    if hook is None:
        return None

    def checked(answers: list[Any]) -> list[Any]:
        found = list(hook(answers))
        if len(found) != len(answers) or not all(isinstance(one, dict) for one in found):
            raise RuntimeError(f"postprocess() must return {len(answers)} objects, one a row")
        return found

    return checked


def _hook(facts: Facts, name: str) -> Callable[[Any], Any] | None:
    hooks = facts.get("hooks") or {}
    if not hooks.get(name):
        return None
    found: Callable[[Any], Any] = getattr(importlib.import_module(hooks["module"]), name)
    return found
