"""The user's hooks `preprocess` and `postprocess`; see docs/training.md."""

import importlib
import sys
from collections.abc import Callable
from typing import Any

from endpoint.masking import masked
from endpoint.problem import ProblemError

Facts = dict[str, Any]


def preprocess(facts: Facts) -> Callable[[Any], Any] | None:
    """Return the hook that changes a table before the model gets it, or None.

    Clients see the text of the module's `InvalidRequestError` and of no other exception: libraries
    put values into theirs, of other rows and of environment variables.
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
    """Return the hook that changes the predictions, or None."""
    hook = _hook(facts, "postprocess")
    if hook is None:
        return None

    def checked(answers: list[Any]) -> list[Any]:
        found = list(hook(answers))
        if len(found) != len(answers) or not all(isinstance(answer, dict) for answer in found):
            raise RuntimeError(f"postprocess() must return {len(answers)} objects, one per row")
        return found

    return checked


def _hook(facts: Facts, name: str) -> Callable[[Any], Any] | None:
    hooks = facts.get("hooks") or {}
    if not hooks.get(name):
        return None
    found: Callable[[Any], Any] = getattr(importlib.import_module(hooks["module"]), name)
    return found
