"""The names of a file's columns."""

from collections.abc import Sequence

from endpoint.batch.stores import InputError
from endpoint.column_names import findings
from endpoint.features import Feature


def require_columns(names: list[str], features: list[Feature], keep: Sequence[str]) -> None:
    """Refuse a file without a column of the model or one to keep, or with two of such a name.

    Args:
        names: of the file's columns.
        features: the model's columns.
        keep: the columns that go into the output.

    Raises:
        InputError: with the first such column.
    """
    wanted = [feature["name"] for feature in features]
    row = dict.fromkeys(names)
    for found in findings(0, row, wanted, extra=True, first=True):
        raise InputError(f"{found['column']!r}: expected {found['expected']}, got {found['got']}")
    for name in (*wanted, *keep):
        if name not in names:
            raise InputError(f"the file has no column {name!r}, which the job keeps")
        if names.count(name) > 1:
            raise InputError(f"the file has the column {name!r} twice")
