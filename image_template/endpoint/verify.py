"""The event `verify`: the model's predictions for the caller's rows, and problems found here.

The caller judges the predictions: an image that held both the rows and the expected predictions
would judge itself.
"""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from endpoint.model import Model
from endpoint.problem import ProblemError
from endpoint.rows import checked

_MOST = 20


def verify(model: Model, inputs: list[Any]) -> dict[str, Any]:
    """Predict rows, checked as those of a request are.

    Returns:
        "predictions" has one entry per row; "problems" is empty if nothing is wrong here.
    """
    versions = _installed(model.facts["versions"])
    problems = [*model.warnings, *_other_versions(model.facts["versions"], versions)]
    predictions, failures = _predictions(model, inputs)
    return {
        "model_sha256": model.facts["model"]["sha256"],
        "versions": versions,
        "predictions": predictions,
        "problems": [*problems, *failures][:_MOST],
    }


def _installed(recorded: dict[str, str]) -> dict[str, str]:
    """Return the installed versions of the packages that training recorded."""
    found = {"python": platform.python_version()}
    for name in recorded.keys() - {"python"}:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _other_versions(recorded: dict[str, str], found: dict[str, str]) -> list[str]:
    """Return one line per difference; the last part of Python's version may differ."""
    lines = []
    for name, wanted in sorted(recorded.items()):
        parts = 2 if name == "python" else None
        if wanted.split(".")[:parts] != found[name].split(".")[:parts]:
            lines.append(f"trained with {name} {wanted}, installed here: {found[name]}")
    return lines


def _predictions(model: Model, inputs: list[Any]) -> tuple[list[dict[str, Any]], list[str]]:
    if not inputs:
        return [], []
    try:
        rows, _ = checked(inputs, model.features, len(inputs))
    except ProblemError as error:
        return [], [f"golden example {_where(error)} would be refused"]
    return model.predict(rows), []


def _where(error: ProblemError) -> str:
    """Return row number and column. The value stays out: the caller's log may keep the text."""
    first = error.errors[0] if error.errors else {}
    return f"{first.get('row', '')} ({first.get('column') or 'the row'})"
