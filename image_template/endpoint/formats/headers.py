"""Whether the first line of a CSV is its header or a row.

SageMaker's clients send no header, MLflow's and spreadsheets do, and `text/csv` (RFC 4180) leaves
it open unless it has the parameter `header`. A header that is read as a row gets a prediction for
itself; a row that is read as a header is lost. So in doubt the request is refused.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from endpoint.column_checks import check_of
from endpoint.problem import ProblemError

_SHOWN = 3
_MANY = 8
"""From this many sorted numbers on, they are taken for labels, whatever their steps."""
_NEAR = 1e-9

Reader = Callable[[str], Any]


def is_row(line: list[str], features: list[dict[str, Any]], readers: Sequence[Reader]) -> bool:
    """Return whether a first line is a row without doubt.

    It has a field per column, no field is a column's name, every field fits its column, one of
    these columns accepts only numbers, times, booleans or known values, and the fields aren't
    sorted like column labels.
    """
    names = {feature["name"] for feature in features}
    if len(line) != len(features) or not names.isdisjoint(line) or _are_labels(line):
        return False
    proof = False
    for field, feature, read in zip(line, features, readers, strict=True):
        value = read(field)
        if value is None:
            if not feature.get("nullable"):
                return False
        elif check_of(feature)(value):
            return False
        else:
            proof |= feature["dtype"] != "string" or bool(feature.get("closed"))
    return proof


def _are_labels(line: list[str]) -> bool:
    """Return whether fields may be labels such as 0, 1, 2 (pandas), years or wavelengths."""
    try:
        numbers = [float(field) for field in line]
    except ValueError:
        return False
    steps = [after - before for before, after in pairwise(numbers)]
    if len(steps) <= 1:
        whole = all(number.is_integer() for number in numbers)
        return whole and steps in ([], [1.0], [-1.0])
    if not (min(steps) > 0 or max(steps) < 0):
        return False
    return len(numbers) >= _MANY or max(steps) - min(steps) <= _NEAR * max(map(abs, numbers))


def require_header(line: list[str], names: list[str]) -> None:
    """Refuse a first line that has none of the model's names, nor anything like one.

    Raises:
        ProblemError: 422.
    """
    if not set(line).isdisjoint(names):
        return
    from endpoint.column_names import guesses

    if guesses(line, names):
        return  # the check of the rows names them
    shown = ", ".join(map(repr, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")
    raise ProblemError(
        422,
        f"the CSV has no header: its first line has none of the model's columns ({shown}); send "
        "them as the first line, or the content-type text/csv; header=absent for rows of "
        f"{len(names)} values in the order of training",
    )
