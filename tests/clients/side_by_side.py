"""80 requests that MLflow's server, BentoML and our endpoint get alike, and what came of them."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import urllib3

from tests.clients.judging import same
from tests.clients.models import MODELS, Model

_JSON, _CSV = "application/json", "text/csv"
Body = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes:
        name: what it is.
        model: the model that it is for.
        content_type: of the body.
        body: the body.
        right: whether the right answer is what the estimator predicts of the model's rows.
    """

    name: str
    model: Model
    content_type: str
    body: str
    right: bool


def _columns(model: Model) -> list[str]:
    facts = json.loads((model.bundle / "model.json").read_text(encoding="utf-8"))
    return [one["name"] for one in facts["signature"]["features"]]


def _table(model: Model) -> list[list[Any]]:
    return [[row] for row in model.rows] if model.kind == "texts" else model.rows


def _split(model: Model, columns: list[str], rows: list[list[Any]], **more: Any) -> str:
    return json.dumps({"dataframe_split": {"columns": columns, "data": rows, **more}})


def _reordered(model: Model) -> str:
    return _split(model, _columns(model)[::-1], [row[::-1] for row in _table(model)])


def _csv(model: Model, *, header: bool = True) -> str:
    written = io.StringIO()
    head = [_columns(model)] if header else []
    csv.writer(written).writerows([*head, *_table(model)])
    return written.getvalue()


def _by_column(model: Model) -> str:
    columns = map(list, zip(*_table(model), strict=True))
    return json.dumps({"inputs": dict(zip(_columns(model), columns, strict=True))})


def _records(model: Model) -> str:
    rows = [dict(zip(_columns(model), row, strict=True)) for row in _table(model)]
    return json.dumps({"dataframe_records": rows})


def _with_first(model: Model, value: Any) -> str:
    """Return `inputs` with another value in the first row's first place."""
    first, *others = model.rows
    changed = value if model.kind == "texts" else [value, *first[1:]]
    return json.dumps({"inputs": [changed, *others]})


def _as_texts(model: Model) -> str:
    first = model.rows[0]
    return _with_first(model, str(first if model.kind == "texts" else first[0]))


def _short(model: Model) -> str:
    first, *others = model.rows
    return json.dumps({"inputs": ["" if model.kind == "texts" else first[:-1], *others]})


_RIGHT: dict[str, Callable[[Model], Body]] = {
    "inputs": lambda m: (_JSON, json.dumps({"inputs": m.rows})),
    "inputs by column": lambda m: (_JSON, _by_column(m)),
    "instances": lambda m: (_JSON, json.dumps({"instances": m.rows})),
    "split": lambda m: (_JSON, _split(m, _columns(m), _table(m))),
    "split with an index": lambda m: (
        _JSON,
        _split(m, _columns(m), _table(m), index=list(range(7, 7 + len(m.rows)))),
    ),
    "split, columns in another order": lambda m: (_JSON, _reordered(m)),
    "split with an extra column": lambda m: (
        _JSON,
        _split(m, [*_columns(m), "extra"], [[*row, 1.5] for row in _table(m)]),
    ),
    "records": lambda m: (_JSON, _records(m)),
    "CSV": lambda m: (_CSV, _csv(m)),
    "CSV without a header": lambda m: (_CSV, _csv(m, header=False)),
}
"""Requests with the rows of the model, in forms that people send."""
_OTHER: dict[str, Callable[[Model], Body]] = {
    "split without the last column": lambda m: (
        _JSON,
        _split(m, _columns(m)[:-1], [row[:-1] for row in _table(m)]),
    ),
    "NaN": lambda m: (_JSON, _with_first(m, float("nan"))),
    "a number as text": lambda m: (_JSON, _as_texts(m)),
    "a boolean": lambda m: (_JSON, _with_first(m, True)),  # noqa: FBT003 - a value
    "a short row": lambda m: (_JSON, _short(m)),
    "no JSON": lambda _: (_JSON, "5.1,3.5,1.4,0.2"),
}
"""Requests for which no answer is the right one."""


def requests() -> list[Request]:
    """Return all requests."""
    return [
        Request(name, model, *make(model), right=name in _RIGHT)
        for name, make in {**_RIGHT, **_OTHER}.items()
        for model in MODELS
    ]


def outcome(request: Request, url: str) -> str:
    """Send a request; returns "right", "wrong", "answered", "refused" or "failed".

    "answered" is an answer to a request that has no right one.
    """
    response = urllib3.request(
        "POST",
        url,
        body=request.body.encode(),
        headers={"content-type": request.content_type},
        retries=False,
        timeout=60,
    )
    if response.status != 200:
        return "refused" if 400 <= response.status < 500 else "failed"
    if not request.right:
        return "answered"
    predictions = json.loads(response.data)["predictions"]
    return "right" if same(predictions, request.model.predict) else "wrong"
