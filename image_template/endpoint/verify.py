"""Does the model still say what it said when it was trained?"""

import json
from pathlib import Path
from typing import Any

from endpoint.model import Model, sha256

TOLERANCE = 1e-6
"""Two machines may round probabilities and values differently by this much."""
_MOST = 20


def verify(model: Model, folder: Path) -> dict[str, Any]:
    """Answer the golden examples and compare; `problems` is empty where all is well."""
    path = folder / "golden.json"
    golden = json.loads(path.read_text(encoding="utf-8"))
    digest = sha256(path)
    problems = list(model.warnings)
    if digest != model.facts["golden_sha256"]:
        problems.append(f"golden.json is not the one that was trained: SHA-256 {digest}")
    predictions = model.predict(golden["inputs"])
    pairs = zip(golden["predictions"], predictions, strict=True)
    for number, (expected, found) in enumerate(pairs):
        problems += [f"golden example {number}: {one}" for one in differences(expected, found)]
    return {
        "model_sha256": model.facts["model"]["sha256"],
        "golden_sha256": digest,
        "signature": model.facts["signature"],
        "versions": model.facts["versions"],
        "predictions": predictions,
        "expected": golden["predictions"],
        "problems": problems[:_MOST],
    }


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
