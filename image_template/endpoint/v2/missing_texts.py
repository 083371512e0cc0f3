"""Missing values that clients write as texts, which a model would take for a category.

Triton's and KServe's clients call `str` on each object that isn't bytes (tritonclient 2.73,
utils/__init__.py, `serialize_byte_tensor`; the same in http/_infer_input.py for JSON).

Imported for the first request with such a text: a start doesn't need it.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from endpoint.column_checks import check_of
from endpoint.features import Feature, positions
from endpoint.problem import Finding, finding, shown
from endpoint.rows import MOST_ERRORS, refused


def require_none(rows: list[list[Any]], features: list[Feature], texts: Collection[str]) -> None:
    """Refuse texts of missing values in columns whose known values don't contain them.

    Args:
        rows: values in the order of training.
        features: the model's columns.
        texts: what clients write for a missing value.

    Raises:
        ProblemError: 422; the message has the first row and column.
    """
    errors: list[Finding] = []
    for at, feature in enumerate(features):
        if suspects := _suspects(feature, texts):
            column = (row[at] for row in rows)
            errors += islice(_findings(column, feature, suspects), MOST_ERRORS)
    if errors:
        raise refused(errors)


def _suspects(feature: Feature, texts: Collection[str]) -> set[str]:
    """Return the texts that aren't values of a column; none if its values aren't known."""
    if feature["dtype"] == "datetime":
        return set(texts)
    if feature["dtype"] != "string" or "categories" not in feature:
        return set()
    return set(texts).difference(positions(feature))


def _findings(column: Iterator[Any], feature: Feature, suspects: set[str]) -> Iterator[Finding]:
    check = check_of(feature)
    then = (
        "send null in JSON"
        if feature.get("nullable")
        else "the column had no missing values in training"
    )
    for number, value in enumerate(column):
        if isinstance(value, str) and value in suspects:
            got = f"{shown(value)}, probably a missing value that the client wrote as text; {then}"
            # An open column has no check of its values.
            yield finding(number, check(value) or "a known value", got, feature["name"])
