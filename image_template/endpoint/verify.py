"""Does the model still say what it said when it was trained?"""

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from endpoint.model import Model, sha256
from endpoint.problem import ProblemError
from endpoint.table import checked

TOLERANCE = 1e-6
"""Two machines may round numbers by this much: of themselves above 1, absolutely below."""
_MOST = 20


def verify(model: Model) -> dict[str, Any]:
    """Answer the golden examples as a request's rows, and compare.

    `problems` is empty where all is well.
    """
    path = model.folder / "golden.json"
    golden = json.loads(path.read_text(encoding="utf-8"))
    digest = sha256(path)
    versions = _installed(model.facts["versions"])
    problems = list(model.warnings)
    if digest != model.facts["golden_sha256"]:
        problems.append(f"golden.json is not the one that was trained: SHA-256 {digest}")
    problems += _other_versions(model.facts["versions"], versions)
    predictions, failure = _predictions(model, golden["inputs"])
    problems += failure or _compared(golden["predictions"], predictions)
    return {
        "model_sha256": model.facts["model"]["sha256"],
        "golden_sha256": digest,
        "signature": model.facts["signature"],
        "versions": versions,
        "inputs": golden["inputs"],
        "predictions": predictions,
        "expected": golden["predictions"],
        "problems": problems[:_MOST],
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
    try:
        rows, _ = checked(inputs, model.features)
    except ProblemError as error:
        return [], [f"a golden example would be refused: {error.detail}"]
    return model.predict(rows), []


def _compared(expected: list[Any], found: list[Any]) -> list[str]:
    if len(expected) != len(found):
        return [f"{len(expected)} golden predictions, {len(found)} answers"]
    return [
        f"golden example {number}: {line}"
        for number, (one, other) in enumerate(zip(expected, found, strict=True))
        for line in differences(one, other)
    ]


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Return where two answers differ: labels must be equal, numbers within the tolerance."""
    match expected, found:
        case dict(), dict() if expected.keys() == found.keys():
            return [
                line
                for name in expected
                for line in differences(expected[name], found[name], f"{where}.{name}".strip("."))
            ]
        case list(), list() if len(expected) == len(found):
            return [
                line
                for one, other in zip(expected, found, strict=True)
                for line in differences(one, other, where)
            ]
        case float(), float():
            same = abs(expected - found) <= TOLERANCE * max(1.0, abs(expected))
        case _:
            same = type(expected) is type(found) and expected == found
    return [] if same else [f"{where}: expected {expected!r}, got {found!r}"]
