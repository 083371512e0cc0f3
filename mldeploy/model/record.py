"""Writes a bundle's records of a model."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mldeploy.files.whole import whole
from mldeploy.model.bundle import (
    COLUMNS,
    FACTS,
    GOLDEN,
    REQUIREMENTS,
    WHEELS,
)
from mldeploy.model.data.example_rows import Examples
from mldeploy.model.data.publishing import Wish
from mldeploy.model.forms import FORMAT
from mldeploy.model.lock import locked
from mldeploy.model.proof.truth import Truth
from mldeploy.text.digests import digest_of_file


def size_of(facts: dict[str, Any]) -> str:
    """Return the size of a model's data: "150 rows, 4 columns"."""
    rows, columns = len(facts["truth"]["inputs"]), len(facts["signature"]["features"])
    return f"{rows} rows, {columns} column{'s' if columns != 1 else ''}"


def examples_facts(made: Examples, signature: dict[str, Any], wish: Wish | None) -> dict[str, Any]:
    """Return the candidates for the example: the user's, or generated rows."""
    if wish is not None and wish.example is not None:
        return {"rows": [wish.example], "named": True, "lacking": ""}
    rows = [_example_of(row, signature) for row in made.rows]
    return {"rows": rows, "named": False, "lacking": made.lacking}


def _example_of(row: list[Any], signature: dict[str, Any]) -> Any:
    """Return a row in the form of requests: columns of several types by their names."""
    if signature["input"] != "dataframe":
        return row
    return dict(zip((one["name"] for one in signature["features"]), row, strict=True))


def described(estimator: Any) -> str:
    """Return "Pipeline(StandardScaler, KNeighborsClassifier)"."""
    steps = getattr(estimator, "steps", None)
    inner = ", ".join(type(step).__name__ for _, step in steps) if steps else ""
    return f"{type(estimator).__name__}({inner})" if inner else type(estimator).__name__


def write_golden(target: Path, truth: Truth) -> str:
    """Write the golden examples with the estimator's predictions, and return their SHA-256."""
    count = truth.golden
    inputs, predictions = truth.more
    content = {
        "format": FORMAT,
        "inputs": [*truth.inputs[:count], *inputs],
        "predictions": [*truth.together[:count], *predictions],
    }
    (target / GOLDEN).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
    return digest_of_file(target / GOLDEN)


def versions_of(distributions: list[str]) -> dict[str, str]:
    """Return the versions of Python and of the distributions, by their names."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{name: version(name) for name in distributions}}


def write_lock(
    target: Path, facts: dict[str, Any], lines: list[str], hashes: dict[str, dict[str, str]]
) -> None:
    """Write the requirements with their wheels' hashes, and add these to `facts`."""
    text = "\n".join(locked(lines, hashes.values())) + "\n"
    (target / REQUIREMENTS).write_text(text, encoding="utf-8")
    if hashes:
        facts[WHEELS] = hashes


def write_facts(target: Path, facts: dict[str, Any]) -> None:
    """Write model.json, and a separate file with values that only the endpoint may read."""
    told = {name: one for name, one in facts.items() if name != "columns"}
    if facts.get("columns"):
        _write(target / COLUMNS, facts["columns"])
        told["columns_sha256"] = digest_of_file(target / COLUMNS)
    _write(target / FACTS, told)


def _write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n"
    with whole(path) as draft:
        draft.write_text(text, encoding="utf-8")
