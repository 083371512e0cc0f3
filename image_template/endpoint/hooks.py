"""`preprocess` and `postprocess` of the user's own; see docs/training.md."""

import importlib
from collections.abc import Callable
from typing import Any

from endpoint.problem import ProblemError

Facts = dict[str, Any]


def preprocess(facts: Facts) -> Callable[[Any], Any] | None:
    """Return what a table goes through before the model gets it, or None.

    Its ValueError is what it says of a request.
    """
    hook = _hook(facts, "preprocess")
    if hook is None:
        return None

    def checked(table: Any) -> Any:
        try:
            return hook(table)
        except ValueError as error:
            raise ProblemError(422, f"the request can't be prepared: {error}"[:300]) from error

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
