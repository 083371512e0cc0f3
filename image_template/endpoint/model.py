"""The model behind one interface: load, check, predict."""

import hashlib
import json
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endpoint.table import Rows

Answer = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A loaded model.

    Attributes:
        facts: model.json.
        estimator: what the framework loaded.
        warnings: what the framework said while it loaded; a difference of versions is here.
    """

    facts: dict[str, Any]
    estimator: Any
    warnings: list[str] = field(default_factory=list)

    @property
    def features(self) -> list[dict[str, Any]]:
        """The columns, in the order of training."""
        return list(self.facts["signature"]["features"])

    def predict(self, rows: Rows) -> list[Answer]:
        """Answer all rows with one vectorised call."""
        signature = self.facts["signature"]
        table = _frame(rows, signature) if signature["input"] == "dataframe" else _array(rows)
        if signature["task"] == "classification":
            return _classes(self.estimator, table, signature)
        return [{"value": plain(value)} for value in self.estimator.predict(table)]


def load(folder: Path) -> Model:
    """Load the model of a folder, after a look at its SHA-256.

    Raises:
        RuntimeError: where the file isn't the one that was trained.
    """
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    path = folder / facts["model"]["file"]
    found = sha256(path)
    if found != facts["model"]["sha256"]:
        raise RuntimeError(f"{path.name} is not the model that was trained: SHA-256 {found}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator = _LOADERS[facts["model"]["framework"]](path)
    # Deprecations inside libraries are no fault of the model; a difference of versions is.
    told = [str(one.message) for one in caught if "InconsistentVersion" in one.category.__name__]
    return Model(facts, estimator, told)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _load_sklearn(path: Path) -> Any:
    import joblib

    return joblib.load(path)


_LOADERS: dict[str, Callable[[Path], Any]] = {"sklearn": _load_sklearn}


def _array(rows: Rows) -> Any:
    import numpy as np

    return np.asarray(
        [[math.nan if value is None else value for value in row] for row in rows], dtype=float
    )


def _frame(rows: Rows, signature: dict[str, Any]) -> Any:
    import pandas as pd

    columns = {}
    for index, feature in enumerate(signature["features"]):
        values = [row[index] for row in rows]
        columns[feature["name"]] = _column(values, feature)
    return pd.DataFrame(columns)


def _column(values: list[Any], feature: dict[str, Any]) -> Any:
    """Return a column of the dtype that it had in training."""
    import pandas as pd

    storage = feature["storage"]
    if storage == "category":
        return pd.Series(pd.Categorical(values, categories=feature["categories"]))
    # A missing string was None or NaN in training, and a model may tell them apart.
    if feature["dtype"] == "string" and feature.get("missing") == "nan":
        values = [math.nan if value is None else value for value in values]
    return pd.Series(values, dtype=storage)


def _classes(estimator: Any, table: Any, signature: dict[str, Any]) -> list[Answer]:
    """Return label, name and, where the model knows them, probabilities by class name."""
    names = dict(zip(map(_hashable, signature["classes"]), signature["class_names"], strict=True))
    labels = [plain(label) for label in estimator.predict(table)]
    answers: list[Answer] = [
        {"class_label": label, "class_name": names.get(_hashable(label), str(label))}
        for label in labels
    ]
    if hasattr(estimator, "predict_proba"):
        order = [names.get(_hashable(plain(one)), str(one)) for one in estimator.classes_]
        for answer, row in zip(answers, estimator.predict_proba(table), strict=True):
            answer["probabilities"] = dict(zip(order, map(plain, row), strict=True))
    return answers


def _hashable(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def plain(value: Any) -> Any:
    """Turn numpy's values into JSON's. What JSON can't say (NaN, infinity) becomes null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
