"""Responses that aren't one JSON value: JSON lines, and CSV as SageMaker's containers write it.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html (JSON lines: one object
per row); sagemaker_inference/encoder.py (CSV: the values of `predict`, without a header).
"""

import csv
import io
import json
from typing import Any

from endpoint.formats import CSV, LINES
from endpoint.frameworks.predictor import Answer
from endpoint.response import Response, require_fitting


def accepted(accept: str, default: str = "") -> str:
    """Return the media type of the response: CSV, JSON lines, or "" for JSON.

    Args:
        accept: the header; its first known type counts.
        default: for a header without one.
    """
    for part in accept.lower().split(","):
        kind = part.partition(";")[0].strip()
        if kind == "application/json":
            return ""
        if kind == CSV or kind in LINES:
            return kind
    return default


def lines(answers: list[Answer], warnings: list[dict[str, Any]], media: str) -> Response:
    """Return one JSON object per row; a row's warnings are in its object.

    Raises:
        ProblemError: 413 if the response is too large.
    """
    rows = [dict(answer) for answer in answers]
    for warning in warnings:
        rows[warning["row"]].setdefault("warnings", []).append(warning)
    text = "".join(f"{json.dumps(row, allow_nan=False)}\n" for row in rows)
    return _response(text, media, len(rows))


def table(values: list[Any]) -> Response:
    """Return one line per row: a value, or the values of several outputs; empty for null.

    Raises:
        ProblemError: 413 if the response is too large.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for value in values:
        writer.writerow(list(map(_field, value if isinstance(value, list) else [value])))
    return _response(stream.getvalue(), f"{CSV}; charset=utf-8", len(values))


def _field(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, allow_nan=False)


def _response(text: str, content_type: str, rows: int) -> Response:
    # The envelope's JSON escapes quotes, line ends, and all that isn't ASCII.
    require_fitting(len(json.dumps(text)), rows)
    return Response(200, text, content_type, rows)
