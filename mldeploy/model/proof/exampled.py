"""Selects the example: the first row that the endpoint predicts. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.facts.thresholds import SHARED
from mldeploy.model.proof.judging import Response
from mldeploy.model.proof.requests import JSON, ROUTE, Request

Facts = dict[str, Any]
_OK = 200


def trials_of(examples: Facts) -> list[Request]:
    """Return a request per candidate row."""
    return [
        Request("JSON", (), ROUTE, JSON, json.dumps({"features": row})) for row in examples["rows"]
    ]


def chosen(examples: Facts, responses: Sequence[Response]) -> Facts:
    """Return the example and its response, or why there is none; it is never a training row.

    Args:
        examples: "rows" to try, "named" if the row is the user's, "lacking": the column without a
            value that may be shown.
        responses: one per row.

    Raises:
        MldeployError: MLD248 if the user's example is rejected.
    """
    why = (
        f"no value of column {examples['lacking']!r} is in {SHARED} rows, so none may be published"
    )
    for row, response in zip(examples["rows"], responses, strict=True):
        if response.status == _OK and "prediction" in response.body:
            answer = response.body["prediction"]
            return {"example": {"features": row}, "example_answer": answer}
        why = f"the endpoint returns status {response.status} for generated rows"
    if examples["named"]:
        raise _refused(responses[0])
    return {"example": None, "no_example": why}


def _refused(response: Response) -> MldeployError:
    body = response.body if isinstance(response.body, dict) else {}
    detail = body.get("detail", "it contains several rows")
    return MldeployError(
        "MLD248",
        f"the model can't predict the `example` of train.py: status {response.status}, {detail}",
        "return one row as in a request: values in the order of the columns, or by their names",
    )
