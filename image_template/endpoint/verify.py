"""What the model says of the caller's rows, and what is strange about where it runs.

Whether the answers are right is the caller's to judge: an image that brought rows and answers
would judge itself.
"""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from endpoint.model import Model
from endpoint.problem import ProblemError
from endpoint.table import checked

_MOST = 20


def verify(model: Model, inputs: list[Any]) -> dict[str, Any]:
    """Answer rows as those of a request.

    Returns:
        "predictions", one for each row, and "problems", which is empty where all is well here.
    """
    versions = _installed(model.facts["versions"])
    problems = [*model.warnings, *_other_versions(model.facts["versions"], versions)]
    predictions, failure = _predictions(model, inputs)
    return {
        "model_sha256": model.facts["model"]["sha256"],
        "versions": versions,
        "predictions": predictions,
        "problems": [*problems, *failure][:_MOST],
    }


def _installed(recorded: dict[str, str]) -> dict[str, str]:
    """Return the versions that run here of what training recorded."""
    found = {"python": platform.python_version()}
    for name in recorded.keys() - {"python"}:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _other_versions(recorded: dict[str, str], found: dict[str, str]) -> list[str]:
    """Return a line for each difference; of Python's version, the last part may differ."""
    lines = []
    for name, wanted in sorted(recorded.items()):
        parts = 2 if name == "python" else None
        if wanted.split(".")[:parts] != found[name].split(".")[:parts]:
            lines.append(f"trained with {name} {wanted}, here is {found[name]}")
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
    """Return the number and the column. Its value is a row's, and the caller's log may keep it."""
    first = error.errors[0] if error.errors else {}
    return f"{first.get('row', '')} ({first.get('column') or 'the row'})"
