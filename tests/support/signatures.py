"""Endpoints of signatures written by hand, whose model only keeps the table that it is given."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import joblib
import numpy as np

from mldeploy.config.paths import PATHS, routes_of
from mldeploy.model.forms import FORMAT
from tests.support.events import answered, http, routed
from tests.support.models import ROOT, handler_of
from tests.support.projects import one_form

Handler = Callable[[Any, Any], Any]
ROUTES = ("POST /predict", *routes_of("predict", PATHS, server=True))
INFER = "POST /v2/models/predict/infer"


class Keeper:
    """A regressor that keeps the last table, for a look at its dtypes."""

    seen: ClassVar[list[Any]] = []

    def predict(self, table: Any) -> Any:
        """Return a zero per row."""
        self.seen[:] = [table]
        return np.zeros(len(table))


def served(
    folder: Path,
    features: list[dict[str, Any]],
    example: list[Any],
    kind: str = "dataframe",
    columns: dict[str, dict[str, Any]] | None = None,
) -> Handler:
    """Return the handler of a model with these columns; `example` is a row in their order.

    `columns`: of columns.json, what is known of them beside the signature.
    """
    model = folder / "task/model"
    model.mkdir(parents=True)
    (folder / "task/endpoint").symlink_to(ROOT / "image_template/endpoint")
    joblib.dump(Keeper(), model / "model.joblib")
    digest = hashlib.sha256((model / "model.joblib").read_bytes()).hexdigest()
    names = [one["name"] for one in features]
    facts = {
        "format": FORMAT,
        "model": one_form(digest),
        "signature": {"task": "regression", "input": kind, "features": features},
        "versions": {"python": "3.12"},
        "example": {
            "features": dict(zip(names, example, strict=True)) if kind == "dataframe" else example
        },
    }
    (model / "model.json").write_text(json.dumps(facts), encoding="utf-8")
    if columns:
        (model / "columns.json").write_text(json.dumps(columns), encoding="utf-8")
    return handler_of(folder / "task", *ROUTES)


def seen(handler: Handler, event: Any) -> Any:
    """Return the table that the model got of a request, which must be answered."""
    status, answer = answered(handler, event)
    assert status == 200, answer
    return Keeper.seen[0]


def refused(handler: Handler, event: Any) -> str:
    """Return what is told of a request that is refused with 422."""
    status, problem = answered(handler, event)
    assert status == 422, problem
    return str(problem["detail"])


def csv_event(text: str) -> dict[str, Any]:
    """Return an event with a CSV body."""
    return http(text, headers={"content-type": "text/csv"})


def v2_event(**tensors: tuple[str, list[Any]]) -> dict[str, Any]:
    """Return an event with a tensor per column: datatype and values."""
    inputs = [
        {"name": name, "datatype": datatype, "shape": [len(data), 1], "data": data}
        for name, (datatype, data) in tensors.items()
    ]
    return routed(INFER, {"inputs": inputs})
