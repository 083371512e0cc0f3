"""Example rows of an imported model: a CSV with a header, or a Parquet file."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.foreign.column_types import WORDS
from mldeploy.model.foreign.files import needs
from mldeploy.model.foreign.reading import UnreadableError, number, wrong
from mldeploy.text.suggest import did_you_mean

_PARQUET = {".parquet", ".pq"}
_SEPARATORS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class Example:
    """Rows. `columns`: texts by the header's names; `target`: those of y, or None.

    `frame`: of a Parquet file, whose columns have types; None for a CSV.
    """

    path: Path
    columns: dict[str, list[str]]
    target: list[str] | None
    frame: Any = field(default=None, repr=False)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self.columns.values())))


def read_example(path: Path, target: str | None) -> Example:
    """Read a CSV, or a Parquet file by its name.

    Raises:
        MldeployError: MLD246 for what isn't one, or has no such target; MLD243 without pyarrow.
    """
    frame = _parquet(path) if path.suffix.lower() in _PARQUET else None
    columns = _csv(path) if frame is None else _as_texts(frame)
    if target is None:
        return Example(path, columns, None, frame)
    if target not in columns:
        raise wrong(
            f"{path} has no column {target!r}; it has {', '.join(columns)}",
            did_you_mean(target, columns) or "name one of them with --target-column",
        )
    values = columns.pop(target)
    if not columns:
        raise wrong(f"{path} has no column other than {target!r}")
    if "" in values:
        raise wrong(f"{path}, row {values.index('')}: {target!r} is empty")
    return Example(path, columns, values, None if frame is None else frame.drop(columns=[target]))


def _csv(path: Path) -> dict[str, list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = [line for line in csv.reader(stream, strict=True) if line] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise wrong(f"{path} can't be read as CSV: {error}") from error
    if not rows:
        raise wrong(f"{path} has no rows below a header")
    if len(set(header)) != len(header):
        raise wrong(f"{path} has a duplicate column")
    short = next((n for n, row in enumerate(rows) if len(row) != len(header)), None)
    if short is not None:
        separated = next((one for one in ";\t" if len(header) == 1 and one in header[0]), "")
        count = len(rows[short])
        raise wrong(
            f"{path}, row {short}: {count} value{'s' * (count != 1)}, but the header has "
            f"{len(header)}",
            f"separate the values by commas, not {_SEPARATORS[separated]}" if separated else "",
        )
    return {name: [row[n] for row in rows] for n, name in enumerate(header)}


def _parquet(path: Path) -> Any:
    try:
        import pandas as pd
        import pyarrow  # noqa: F401, ICN001 - pandas needs it
    except ImportError as error:
        raise needs("parquet", path) from error
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except Exception as error:  # pyarrow has a class per cause
        raise wrong(f"{path} can't be read as Parquet: {error}") from error
    if not len(frame) or not len(frame.columns):
        raise wrong(f"{path} has no rows")
    return frame.reset_index(drop=True).rename(columns=str)


def _as_texts(frame: Any) -> dict[str, list[str]]:
    """Return the columns as a CSV would have them."""
    missing = frame.isna()
    return {
        name: [
            "" if gap else _text(value)
            for value, gap in zip(frame[name].tolist(), missing[name].tolist(), strict=True)
        ]
        for name in frame.columns
    }


def _text(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def require_columns(example: Example, known: list[str]) -> None:
    """Refuse an example that has other columns than the model.

    Raises:
        MldeployError: MLD246.
    """
    missing = [name for name in known if name not in example.columns]
    more = [name for name in example.columns if name not in known]
    if missing:
        raise wrong(
            f"{example.path} lacks columns of the model: {', '.join(missing)}",
            "add them; --target-column names what the model predicts, not a column that it needs",
        )
    if more:
        raise wrong(
            f"{example.path} has columns that the model doesn't have: {', '.join(more)}",
            "remove them; name the target with --target-column",
        )


def targets(example: Example, classes: Any) -> Any:
    """Return y in the type of the model's classes, as numbers without classes, or None without y.

    Args:
        example: with or without a target.
        classes: of a single output, or None.

    Raises:
        MldeployError: MLD246 for a target that isn't a class or a number.
    """
    import numpy as np

    if example.target is None:
        return None
    if classes is None:
        return np.array([_number(example, one) for one in example.target])
    if len(classes) and np.ndim(classes[0]):
        raise wrong(
            "the model has several outputs, which one column can't contain; omit the target"
        )
    known = np.asarray(classes).tolist()
    labels = {str(one): one for one in known}
    return np.array([_label(example, one, labels) for one in example.target])


def _label(example: Example, text: str, labels: dict[str, Any]) -> Any:
    """Return the class of a text: "1.0" and "1" are the same number."""
    if text in labels:
        return labels[text]
    for one in labels.values():
        if isinstance(one, bool):
            if WORDS.get(text.lower()) is one:
                return one
        elif isinstance(one, int | float) and _as_number(text) == one:
            return one
    raise wrong(
        f"{example.path}: the target contains {text!r}, but the model's classes are "
        f"{', '.join(list(labels)[:20])}"
    )


def _as_number(text: str) -> float | None:
    try:
        return number(text)
    except UnreadableError:
        return None


def _number(example: Example, text: str) -> float:
    found = _as_number(text)
    if found is None:
        raise wrong(f"{example.path}: the model predicts numbers, but the target contains {text!r}")
    return found


def wrong_count(example: Example, wanted: int) -> MldeployError:
    """Return the error for an example whose number of columns doesn't match the model's."""
    found = len(example.columns)
    hint = "name the target with --target-column" if found > wanted else ""
    return wrong(f"the model expects {wanted} columns, but {example.path} has {found}", hint)
