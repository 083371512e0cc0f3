"""Example rows of a model that was fitted elsewhere: a CSV with a header."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.model.user_module import TrainingData

_MADE_UP = re.compile(r"Column_\d+")
"""What LightGBM calls the columns of an array."""


@dataclass(frozen=True)
class Example:
    """A CSV. `columns`: texts by the header's names; `target`: those of y, or None."""

    path: Path
    columns: dict[str, list[str]]
    target: list[str] | None

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(next(iter(self.columns.values())))


def read_example(path: Path, target: str | None) -> Example:
    """Read a CSV.

    Raises:
        MldeployError: MLD246 for what isn't one, or has no such target.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = [line for line in csv.reader(stream, strict=True) if line] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise wrong(f"{path} can't be read as CSV: {error}") from error
    if not rows:
        raise wrong(f"{path} has no rows below a header")
    if len(set(header)) != len(header):
        raise wrong(f"{path} has a column twice")
    short = next((n for n, row in enumerate(rows) if len(row) != len(header)), None)
    if short is not None:
        raise wrong(f"{path}, row {short}: {len(rows[short])} values for {len(header)} columns")
    columns = {name: [row[n] for row in rows] for n, name in enumerate(header)}
    if target is None:
        return Example(path, columns, None)
    if target not in columns:
        raise wrong(f"{path} has no column {target!r}; it has {', '.join(header)}")
    values = columns.pop(target)
    if not columns:
        raise wrong(f"{path} has no column beside {target!r}")
    if "" in values:
        raise wrong(f"{path}, row {values.index('')}: {target!r} is empty")
    return Example(path, columns, values)


def data_for(estimator: Any, example: Example) -> TrainingData:
    """Return the rows as the estimator takes them: a DataFrame, an array, or texts.

    Raises:
        MldeployError: MLD246 where columns are missing, too many, or of another type.
    """
    import numpy as np

    known = [str(one) for one in getattr(estimator, "feature_names_in_", ())]
    named = bool(known) and not all(map(_MADE_UP.fullmatch, known))
    y = targets(example, getattr(estimator, "classes_", None))
    if named:
        require_columns(example, known)
        return TrainingData(_frame(example, known), y, tuple(known))
    names = tuple(example.columns)
    wanted = getattr(estimator, "n_features_in_", None)
    if wanted is None and len(names) == 1:
        return TrainingData(np.array(example.columns[names[0]], dtype=object), y, names)
    if wanted is not None and wanted != len(names):
        raise wrong_count(example, wanted)
    columns = [[_number(example, name, value) for value in example.columns[name]] for name in names]
    return TrainingData(np.array(columns, dtype=float).T, y, names)


def require_columns(example: Example, known: list[str]) -> None:
    """Refuse an example that has other columns than the model.

    Raises:
        MldeployError: MLD246.
    """
    missing = [name for name in known if name not in example.columns]
    more = [name for name in example.columns if name not in known]
    if missing:
        raise wrong(f"{example.path} lacks columns of the model: {', '.join(missing)}")
    if more:
        raise wrong(
            f"{example.path} has columns that the model doesn't take: {', '.join(more)}",
            "leave them out; name the one that is to be predicted with --target",
        )


def _frame(example: Example, names: list[str]) -> Any:
    """Return a DataFrame. Whole numbers become floats: the rows alone don't say what else fits."""
    import pandas as pd

    frame = pd.read_csv(example.path, encoding="utf-8-sig")[names]
    whole = [name for name in names if frame[name].dtype.kind in "iu"]
    return frame.astype(dict.fromkeys(whole, float))


def _number(example: Example, name: str, value: str) -> float:
    if not value.strip():
        return float("nan")
    try:
        return float(value)
    except ValueError as error:
        raise wrong(f"{example.path}: the model takes numbers, {name!r} holds {value!r}") from error


def targets(example: Example, classes: Any) -> Any:
    """Return y in the type of the model's classes, as numbers without any, or None without y.

    Raises:
        MldeployError: MLD246 for a target that is no class, or no number.
    """
    import numpy as np

    if example.target is None:
        return None
    if classes is None:
        return np.array([_number(example, "the target", one) for one in example.target])
    labels = {str(one): one for one in np.asarray(classes).tolist()}
    unknown = next((one for one in example.target if one not in labels), None)
    if unknown is not None:
        raise wrong(
            f"{example.path}: the target holds {unknown!r}, the model's classes are "
            f"{', '.join(labels)}"
        )
    return np.array([labels[one] for one in example.target])


def wrong_count(example: Example, wanted: int) -> MldeployError:
    """Return the error of an example with another count of columns than the model takes."""
    found = len(example.columns)
    hint = "name the column that is to be predicted with --target" if found > wanted else ""
    return wrong(f"the model takes {wanted} columns, {example.path} has {found}", hint)


def wrong(message: str, hint: str = "") -> MldeployError:
    """Return the error of an example that doesn't fit."""
    return MldeployError(
        "MLD246",
        message,
        hint or "--example names a CSV with a header and rows as the model takes them",
        exit_code=ExitCode.USAGE,
    )
