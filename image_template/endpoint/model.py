"""The model of a bundle: its facts and its predictor."""

import hashlib
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endpoint.deferred import defer
from endpoint.features import features_of
from endpoint.frameworks import loader_of
from endpoint.frameworks.predictor import Answer, Facts, Predictor
from endpoint.hooks import postprocess
from endpoint.rows import Rows


@dataclass(frozen=True)
class Model:
    """A loaded model.

    Attributes:
        folder: the folder that it was loaded from.
        facts: as `facts_of` returns them.
        predictor: makes the predictions.
        features: the columns in the order of training, with all their facts.
        postprocess: the hook that changes the predictions, or None.
        warnings: the framework's warnings about differing versions.
    """

    folder: Path
    facts: Facts
    predictor: Predictor
    features: list[dict[str, Any]]
    postprocess: Callable[[list[Answer]], list[Answer]] | None = None
    warnings: list[str] = field(default_factory=list)

    def predict(self, rows: Rows) -> list[Answer]:
        """Predict all rows in one vectorised call."""
        answers = self.predictor.predict(rows)
        if len(answers) != len(rows):
            raise RuntimeError(
                f"the model returned {len(answers)} predictions for {len(rows)} rows"
            )
        return self.postprocess(answers) if self.postprocess else answers


def load(folder: Path) -> Model:
    """Load the model of a folder if its SHA-256 is the recorded one.

    Raises:
        RuntimeError: if the file isn't the model that was trained.
    """
    facts = facts_of(folder)
    path = folder / facts["model"]["file"]
    found = sha256(path)
    if found != facts["model"]["sha256"]:
        raise RuntimeError(f"{path.name} is not the model that was trained: SHA-256 {found}")
    defer(facts["model"].get("deferred", ()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        predictor = loader_of(facts["model"]["framework"])(path, facts)
    # Deprecations inside libraries say nothing about the model; a difference of versions does.
    versions = [
        str(warning.message)
        for warning in caught
        if "InconsistentVersion" in warning.category.__name__
    ]
    return Model(folder, facts, predictor, features_of(facts), postprocess(facts), versions)


def facts_of(folder: Path) -> Facts:
    """Return model.json with the facts of the served form in its key "model".

    The key "columns" has the content of columns.json, if it exists, which no client may read.
    """
    facts: Facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    beside = folder / "columns.json"
    columns = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    return {**facts, "model": _served(facts["model"]), "columns": columns}


def _served(model: Facts) -> Facts:
    """Return what is known of a model and of its served form.

    Before format 4 there was one form, its facts among the model's.
    """
    if "forms" not in model:
        return model
    (form,) = (one for one in model["forms"] if one["file"] == model["served"])
    return {"estimator": model["estimator"], **form}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file without holding it in memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
