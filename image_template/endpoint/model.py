"""The model of a bundle: its facts, and what answers."""

import hashlib
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endpoint.deferred import defer
from endpoint.frameworks import loader_of
from endpoint.frameworks.predictor import Answer, Facts, Predictor
from endpoint.hooks import postprocess
from endpoint.known import features_of
from endpoint.table import Rows


@dataclass(frozen=True)
class Model:
    """A loaded model.

    Attributes:
        folder: where it was loaded from.
        facts: model.json, and "columns": what no client may read.
        predictor: what answers.
        postprocess: what the answers go through, or None.
        features: the columns in the order of training, with all that is known of them.
        warnings: what the framework said while it loaded; a difference of versions is here.
    """

    folder: Path
    facts: Facts
    predictor: Predictor
    features: list[dict[str, Any]]
    postprocess: Callable[[list[Answer]], list[Answer]] | None = None
    warnings: list[str] = field(default_factory=list)

    def predict(self, rows: Rows) -> list[Answer]:
        """Answer all rows with one vectorised call."""
        answers = self.predictor.predict(rows)
        if len(answers) != len(rows):
            raise RuntimeError(f"the model gives {len(answers)} answers for {len(rows)} rows")
        return self.postprocess(answers) if self.postprocess else answers


def load(folder: Path) -> Model:
    """Load the model of a folder, after a look at its SHA-256.

    Raises:
        RuntimeError: where the file isn't the one that was trained.
    """
    facts = _facts(folder)
    path = folder / facts["model"]["file"]
    found = sha256(path)
    if found != facts["model"]["sha256"]:
        raise RuntimeError(f"{path.name} is not the model that was trained: SHA-256 {found}")
    defer(facts["model"].get("deferred", ()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        predictor = loader_of(facts["model"]["framework"])(path, facts)
    # Deprecations inside libraries are no fault of the model; a difference of versions is.
    told = [str(one.message) for one in caught if "InconsistentVersion" in one.category.__name__]
    return Model(folder, facts, predictor, features_of(facts), postprocess(facts), told)


def _facts(folder: Path) -> Facts:
    """Return model.json, with "columns" of the file beside it: what no client may read."""
    facts: Facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    beside = folder / "columns.json"
    columns = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    return {**facts, "columns": columns}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
