"""From a request's body to the answer's body: the way of every format."""

import json
import os
from typing import Any

from endpoint.event import MOST_BYTES, Event, Reply, body_of, json_reply, require_fitting
from endpoint.formats import read
from endpoint.formats.json_body import json_rows
from endpoint.formats.request import Request, Shape
from endpoint.frameworks.predictor import Answer
from endpoint.model import Model
from endpoint.table import MOST_ROWS, checked

_MANY_ROWS = 200
"""From so many on, it is estimated first whether all answers would fit."""


class Prediction:
    """Answers requests for predictions.

    Attributes:
        model: what answers.
        identity: the release, as answers name it.
        most_bytes: of a request's body.
        most_rows: of a request.
    """

    def __init__(self, model: Model, identity: dict[str, str]) -> None:
        self.model = model
        self.identity = identity
        self._bytes_a_row = 0
        self.most_bytes = int(os.environ.get("MLDEPLOY_MAX_BODY") or MOST_BYTES)
        self.most_rows = int(os.environ.get("MLDEPLOY_MAX_ROWS") or MOST_ROWS)

    def over_http(self, event: Event, request_id: str) -> Reply:
        """Answer an event of API Gateway.

        Raises:
            ProblemError: for what is wrong with the request.
        """
        raw, content_type = body_of(event, self.most_bytes)
        asked = read(raw, content_type, self.model.features, self.most_rows)
        return self._reply(asked, request_id)

    def direct(self, payload: Any, request_id: str) -> Reply:
        """Answer the bare payload of a direct invoke.

        Raises:
            ProblemError: for what is wrong with it.
        """
        return self._reply(json_rows(payload, self.most_rows), request_id)

    def answers(self, rows: list[Any]) -> tuple[list[Answer], dict[str, Any]]:
        """Check and predict rows; the second part holds warnings, if there are any.

        Raises:
            ProblemError: for rows that don't fit the model, or too many of them.
        """
        table, warnings = checked(rows, self.model.features, self.most_rows)
        if len(table) >= _MANY_ROWS:
            require_fitting(len(table) * self._least_bytes(table[0]), len(table))
        return self.model.predict(table), {"warnings": warnings} if warnings else {}

    def _least_bytes(self, row: list[Any]) -> int:
        """Return the bytes that an answer takes at least: half of the first that was measured.

        Others may be shorter; what passes is measured when it is made.
        """
        if not self._bytes_a_row:
            self._bytes_a_row = len(json.dumps(self.model.predict([row])[0])) // 2
        return self._bytes_a_row

    def _reply(self, asked: Request, request_id: str) -> Reply:
        answers, warnings = self.answers(asked.rows)
        body = {
            **_shaped(answers, asked.shape),
            **warnings,
            "model": self.identity,
            "request_id": request_id,
        }
        return json_reply(body, rows=len(answers))


def _shaped(answers: list[Answer], shape: Shape) -> dict[str, Any]:
    match shape:
        case Shape.ONE:
            return {"prediction": answers[0]}
        case Shape.ROWS:
            return {"predictions": answers}
        case Shape.VALUES:
            return {"predictions": [value_of(one) for one in answers]}


def value_of(answer: Answer) -> Any:
    """Return what the model's own `predict` says of a row: a label, a number, a list of them."""
    match answer:
        case {"class_label": value} | {"cluster": value} | {"value": value}:
            return value
        case {"outlier": bool(found)}:
            return -1 if found else 1
        case {"values": dict(found)}:
            return list(found.values())
        case {"outputs": dict(found)}:
            return [value_of(one) for one in found.values()]
        case _:
            return answer
