"""Imports without the proofs of a bundle: the facts of a model, and what the endpoint answers."""

import importlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib

from mldeploy.events import Note
from mldeploy.model.foreign.files import kind_of
from mldeploy.model.foreign.importing import ImportRequest, import_here
from mldeploy.model.forms import described
from tests.support.models import ROOT


@dataclass
class Imported:
    """A model's facts, and the notes that its import made."""

    folder: Path
    facts: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    @property
    def features(self) -> dict[str, dict[str, Any]]:
        """The columns by name, with what only the endpoint may read."""
        beside = self.facts.get("columns", {})
        return {
            one["name"]: {**one, **beside.get(one["name"], {})}
            for one in self.facts["signature"]["features"]
        }

    @property
    def truth(self) -> list[dict[str, Any]]:
        """What the model itself answers."""
        return list(self.facts["truth"]["together"])

    def answers(self, rows: list[list[Any]]) -> list[dict[str, Any]]:
        """Return what the endpoint answers, through JSON."""
        if str(ROOT / "image_template") not in sys.path:
            sys.path.append(str(ROOT / "image_template"))
        table = importlib.import_module("endpoint.rows")
        frameworks = importlib.import_module("endpoint.frameworks")
        facts = {**self.facts, "model": described(self.facts)}
        model, features = facts["model"], list(self.features.values())
        checked, _ = table.checked(json.loads(json.dumps(rows)), features)
        load = frameworks.loader_of(model["framework"])
        found = load(self.folder / model["file"], facts).predict(checked)
        return list(json.loads(json.dumps(found)))

    def served(self) -> list[dict[str, Any]]:
        """Return what the endpoint answers to the rows of the truth."""
        return self.answers(self.facts["truth"]["inputs"])


def import_file(  # noqa: D417 - as the command's options
    folder: Path,
    model: Any,
    example: str | Path | None,
    *,
    target: str | None = None,
    types: dict[str, str] | None = None,
    trusted: tuple[str, ...] = (),
) -> Imported:
    """Import an estimator, or an ONNX file's bytes, in this process.

    Args:
        folder: an empty one.
        model: an estimator, or bytes of an ONNX file.
        example: the text of a CSV, a file, or None.
    """
    path = folder / ("given.onnx" if isinstance(model, bytes) else "given.joblib")
    if isinstance(model, bytes):
        path.write_bytes(model)
    else:
        joblib.dump(model, path)
    if isinstance(example, str):
        text, example = example, folder / "rows.csv"
        example.write_text(text, encoding="utf-8")
    target_folder = folder / "bundle"
    target_folder.mkdir()
    request = ImportRequest(
        str(path),
        kind_of(path),
        None if example is None else str(example),
        target,
        list(trusted),
        types or {},
        str(target_folder),
        project=True,
    )
    events: list[Any] = []
    facts = import_here(request, events.append)
    notes = [one.text for one in events if isinstance(one, Note)]
    return Imported(target_folder, facts, notes)
