"""Example rows in a model's input types.

A column's type comes from the model, from the user, or is guessed from the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mldeploy.model.foreign.column_types import NUMBER, ColumnType, guess, require_known
from mldeploy.model.foreign.example import Example, require_columns, wrong_count
from mldeploy.model.foreign.reading import UnreadableError, series_of, wrong
from mldeploy.model.frameworks.sklearn.known import Known

_SHOWN = 20


@dataclass(frozen=True)
class Rows:
    """Rows of a model.

    Attributes:
        x: a DataFrame, an array of shape (rows, columns), or a 1-d array of texts.
        names: of the columns.
        guessed: the types that come from neither the model nor the user, by column.
        made: whether the rows are generated.
    """

    x: Any
    names: tuple[str, ...]
    guessed: Mapping[str, str]
    made: bool = False

    @property
    def note(self) -> str:
        """A note on guessed types, or ""."""
        if not self.guessed:
            return ""
        listed = [f"{name} {kind}" for name, kind in self.guessed.items()]
        more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
        shown = ", ".join(listed[:_SHOWN])
        how = "assumed" if self.made else "guessed from the example"
        return f"{how}: {shown}{more}; --types changes the types"


def rows_of(known: Known, example: Example, types: Mapping[str, str]) -> Rows:
    """Return the example's rows in the model's input types.

    Args:
        known: the model's information.
        example: as read.
        types: from the user, by column.

    Raises:
        MldeployError: MLD246 if columns are missing, unknown, or of another type.
    """
    import numpy as np

    names = _names(known, example)
    require_known(types, names, str(example.path))
    single = known.count is None and len(names) == 1 and example.frame is None
    if single and not types and (known.text or guess(example.columns[names[0]]).kind == "text"):
        return Rows(np.array(example.columns[names[0]], dtype=object), names, {})
    found, guessed = _types(known, names, example, types)
    columns = {name: _column(example, name, found[name]) for name in names}
    if known.names or not _are_alike(columns):
        return Rows(_frame(columns), names, guessed)
    return Rows(np.column_stack([one.to_numpy() for one in columns.values()]), names, guessed)


def _names(known: Known, example: Example) -> tuple[str, ...]:
    if known.names:
        require_columns(example, list(known.names))
        return known.names
    if known.count is not None and known.count != len(example.columns):
        raise wrong_count(example, known.count)
    return tuple(example.columns)


def _types(
    known: Known, names: tuple[str, ...], example: Example, given: Mapping[str, str]
) -> tuple[dict[str, ColumnType | None], dict[str, str]]:
    """Return each column's type, None for that of a typed example, and those that were guessed."""
    found: dict[str, ColumnType | None] = {}
    guessed: dict[str, str] = {}
    for name, column in zip(names, known.columns or names, strict=True):
        model = known.types.get(column)
        if name in given:
            found[name] = _given(given[name], model)
        elif example.frame is not None and (model is None or not model.firm):
            found[name] = None
        elif model is not None:
            found[name] = model
        else:
            found[name] = looks = guess(example.columns[name])
            guessed[name] = looks.kind
    return found, guessed


def _given(kind: str, model: ColumnType | None) -> ColumnType:
    """Return the user's type with the model's categories."""
    return replace(model, firm=True) if model and model.kind == kind else ColumnType(kind)


def _column(example: Example, name: str, known: ColumnType | None) -> Any:
    if known is None:
        return example.frame[name]
    try:
        return series_of(example.columns[name], known)
    except UnreadableError as error:
        takes = "numbers" if known == NUMBER else error.expected
        raise wrong(
            f"{example.path}: the model expects {takes}, but {name!r} contains {error.value!r}",
            f"set the column's type if it is another one: --types {name}=text or {name}=category",
        ) from error


def _are_alike(columns: Mapping[str, Any]) -> bool:
    """Return whether columns form an array: numbers of one dtype, without pandas' NA."""
    dtypes = {str(one.dtype) for one in columns.values()}
    return len(dtypes) == 1 and dtypes.pop().rstrip("0123456789") in {
        "float",
        "int",
        "uint",
        "bool",
    }


def _frame(columns: Mapping[str, Any]) -> Any:
    import pandas as pd

    return pd.DataFrame(dict(columns))
