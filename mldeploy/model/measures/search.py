"""The results of a hyperparameter search, as facts."""

import json
import math
import re
from typing import Any

from mldeploy.model.tasks import served_of

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST = 200


def search_facts(fitted: Any) -> dict[str, Any]:
    """Return {"search": {"best_params": {name: value}}} of a fitted search, else {}."""
    chosen = getattr(fitted, "best_params_", None)
    if served_of(fitted) is fitted or not isinstance(chosen, dict):
        return {}
    return {"search": {"best_params": {str(name): _said(one) for name, one in chosen.items()}}}


def _said(value: Any) -> Any:
    """Return a value as JSON has it, else its repr without addresses, which differ every time."""
    value = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        text = _ADDRESS.sub("", " ".join(repr(value).split()))
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return value
