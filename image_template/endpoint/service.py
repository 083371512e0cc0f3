"""From the body of a request to the body of the response, whatever the format."""

import json
import os
from typing import Any

from endpoint.event import MOST_BYTES, Event, body_of, header_of
from endpoint.formats import CSV, read
from endpoint.formats.json_body import json_rows
from endpoint.formats.request import Request, Shape
from endpoint.frameworks.predictor import Answer
from endpoint.model import Model
from endpoint.response import Response, json_response, require_fitting
from endpoint.rows import MOST_ROWS, checked

_MANY_ROWS = 200
"""From this many rows, the size of the response is estimated before the model predicts."""


class Service:
    """Responds to requests for predictions.

    Attributes:
        model: the loaded model.
        identity: release, version and SHA-256, which every response has.
        most_bytes: the largest body of a request.
        most_rows: the most rows of a request.
        extra_columns: what the configuration says of columns that the model doesn't have: "refuse",
            "ignore" or "".
    """

    def __init__(self, model: Model, identity: dict[str, str]) -> None:
        self.model = model
        self.identity = identity
        self._bytes_per_row = 0
        self.most_bytes = int(os.environ.get("MLDEPLOY_MAX_BODY") or MOST_BYTES)
        self.most_rows = int(os.environ.get("MLDEPLOY_MAX_ROWS") or MOST_ROWS)
        self.extra_columns = os.environ.get("MLDEPLOY_EXTRA_COLUMNS", "")
        self._extra = self.extra_columns == "ignore"

    def over_http(self, event: Event, request_id: str) -> Response:
        """Respond to an event of API Gateway.

        Raises:
            ProblemError: if the request is invalid.
        """
        raw, content_type = body_of(event, self.most_bytes)
        request = read(raw, content_type, self.model.features, self.most_rows)
        if request.media:
            from endpoint.formats.answers import accepted

            accept = header_of(event, "accept")
            request = request._replace(media=accepted(accept, request.media))
        return self.respond(request, request_id)

    def direct(self, payload: Any, request_id: str) -> Response:
        """Respond to the payload of a direct invoke.

        Raises:
            ProblemError: if the payload is invalid.
        """
        return self.respond(json_rows(payload, self.most_rows), request_id)

    def answers(
        self, rows: list[Any], *, extra: bool | None = None
    ) -> tuple[list[Answer], dict[str, Any]]:
        """Check and predict rows. The second part has the key "warnings" if there are any.

        Args:
            rows: lists or objects.
            extra: whether objects may have further columns; None for what the configuration says.

        Raises:
            ProblemError: if rows don't fit the model or are too many.
        """
        ignoring = self._extra if extra is None else extra
        table, warnings = checked(rows, self.model.features, self.most_rows, extra=ignoring)
        if len(table) >= _MANY_ROWS:
            require_fitting(len(table) * self._least_bytes(table[0]), len(table))
        return self.model.predict(table), {"warnings": warnings} if warnings else {}

    def _least_bytes(self, row: list[Any]) -> int:
        """Return a lower bound of the bytes per prediction: half of the first one measured.

        Other predictions may be shorter. A response that passes is measured once it is complete.
        """
        if not self._bytes_per_row:
            self._bytes_per_row = len(json.dumps(self.model.predict([row])[0])) // 2
        return self._bytes_per_row

    def respond(self, request: Request, request_id: str, *, extra: bool | None = None) -> Response:
        """Predict the rows of a request and return the response in its shape.

        Raises:
            ProblemError: as `answers` does, or if the response is too large.
        """
        answers, warnings = self.answers(request.rows, extra=extra)
        if request.media:
            from endpoint.formats.answers import lines, table

            if request.media == CSV:
                return table(list(map(value_of, answers)))
            return lines(answers, warnings.get("warnings", []), request.media)
        if request.shape is Shape.LIST:
            return json_response(list(map(value_of, answers)), rows=len(answers))
        body = {
            **_shaped(answers, request.shape),
            **warnings,
            "model": self.identity,
            "request_id": request_id,
        }
        return json_response(body, rows=len(answers))


def _shaped(answers: list[Answer], shape: Shape) -> dict[str, Any]:
    match shape:
        case Shape.ONE:
            return {"prediction": answers[0]}
        case Shape.ROWS:
            return {"predictions": answers}
        case Shape.OUTPUTS:
            return {"outputs": list(map(value_of, answers))}
        case _:
            return {"predictions": list(map(value_of, answers))}


def value_of(answer: Answer) -> Any:
    """Return what the model's own `predict` returns for a row: a label, a number, or a list."""
    match answer:
        case {"class_label": value} | {"cluster": value} | {"value": value}:
            return value
        case {"outlier": bool(outlier)}:
            return -1 if outlier else 1
        case {"values": dict(values)}:
            return list(values.values())
        case {"outputs": dict(outputs)}:
            return [value_of(output) for output in outputs.values()]
        case _:
            return answer
