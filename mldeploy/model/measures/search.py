"""The results of a hyperparameter search, as facts."""

import json
import math
import re
from typing import Any

from mldeploy.model.tasks import served_of

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST = 200
MOST_CANDIDATES = 20


def search_facts(fitted: Any) -> dict[str, Any]:
    """Return {"search": {"best_params": {name: value}}} of a fitted search, else {}."""
    chosen = getattr(fitted, "best_params_", None)
    if served_of(fitted) is fitted or not isinstance(chosen, dict):
        return {}
    return {"search": {"best_params": {str(name): _said(one) for name, one in chosen.items()}}}


def candidates_of(fitted: Any) -> list[dict[str, Any]]:
    """Return the best candidates of a fitted search: rank, parameters, mean score and spread."""
    results = getattr(fitted, "cv_results_", None)
    if served_of(fitted) is fitted or not isinstance(results, dict):
        return []
    keys = ("params", "mean_test_score", "std_test_score", "rank_test_score")
    if any(key not in results for key in keys):
        return []  # of several metrics, each with a name of its own
    rows = list(zip(*(list(results[key]) for key in keys), strict=True))
    return [
        {
            "rank": int(rank),
            "params": {str(name): _said(one) for name, one in params.items()},
            "mean": _said(mean),
            "std": _said(std),
        }
        for params, mean, std, rank in sorted(rows, key=lambda row: int(row[3]))[:MOST_CANDIDATES]
    ]


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
