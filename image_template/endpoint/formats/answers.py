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

    JSON wins where it is accepted, too: SageMaker's PandasDeserializer accepts CSV and JSON, and
    would read the first of the values as a header.

    Args:
        accept: the header; of CSV and JSON lines, the first one counts.
        default: for a header with none of the three.
    """
    kinds = [part.partition(";")[0].strip() for part in accept.lower().split(",")]
    if "application/json" in kinds:
        return ""
    return next((kind for kind in kinds if kind == CSV or kind in LINES), default)


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
    text = stream.getvalue()
    # SageMaker's PandasDeserializer accepts no parameter; other clients read Latin-1 without it.
    return _response(text, CSV if text.isascii() else f"{CSV}; charset=utf-8", len(values))


def _field(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, allow_nan=False)


def _response(text: str, content_type: str, rows: int) -> Response:
    # The envelope's JSON escapes quotes, line ends, and all that isn't ASCII.
    require_fitting(len(json.dumps(text)), rows)
    return Response(200, text, content_type, rows)
