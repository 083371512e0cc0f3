"""Which row is the example: the first that the endpoint answers. Pure."""

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
    """Return a request for each row that may become the example."""
    return [
        Request("JSON", (), ROUTE, JSON, json.dumps({"features": row})) for row in examples["rows"]
    ]


def chosen(examples: Facts, responses: Sequence[Response]) -> Facts:
    """Return the example and its answer, or why there is none; a row of training is never it.

    Args:
        examples: "rows" to try, "named" where the row is the user's own, "lacking": the column
            of which no value may be told.
        responses: one per row.

    Raises:
        MldeployError: MLD248 where the user's own isn't answered.
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
