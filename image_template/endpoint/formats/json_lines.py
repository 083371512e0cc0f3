"""JSON lines, one row per line, as SageMaker's algorithms and pandas write them.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

from collections.abc import Collection
from typing import Any

from endpoint.formats.json_body import parse
from endpoint.formats.request import Request, Shape
from endpoint.problem import ProblemError
from endpoint.rows import require_few


def json_lines(text: str, names: Collection[str], most_rows: int, media: str) -> Request:
    """Return the rows of a body; the response has JSON lines, too.

    A line is a list in the order of training, an object of columns, or SageMaker's object (see
    `unwrapped`). Blank lines are skipped.

    Args:
        text: the body.
        names: the model's columns.
        most_rows: the most rows that are allowed.
        media: the media type of request and response.

    Raises:
        ProblemError: 400 if a line isn't JSON; the message has its number, from 1. 413 if there
            are too many rows.
    """
    rows: list[Any] = []
    # Not `splitlines`: a JSON text may contain U+2028 and others of its line ends.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        require_few(len(rows) + 1, most_rows)
        try:
            rows.append(unwrapped(parse(line), names))
        except ProblemError as error:
            detail = error.detail.removeprefix("the body ")
            raise ProblemError(400, f"line {number} of the body {detail}") from error
    return Request(rows, Shape.ROWS, media)


def unwrapped(row: Any, names: Collection[str]) -> Any:
    """Return the values of a row in SageMaker's form, any other row as it is.

    The forms are `{"features": […]}` and `{"data": {"features": {"values": […]}}}`, unless the key
    is a column of the model.
    """
    match row:
        case {"features": list(values)} if len(row) == 1 and "features" not in names:
            return values
        case {"data": {"features": {"values": list(values)} as features}} if (
            len(row) == 1 and len(features) == 1 and "data" not in names
        ):
            return values
        case _:
            return row
