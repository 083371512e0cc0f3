"""The types of columns: from --types, from a model's categories, or guessed from values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.text.suggest import did_you_mean

KINDS = ("number", "integer", "boolean", "text", "category", "datetime")

_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
"""A number as JSON and CSV writers have it: with a leading zero it is an id, such as a zip code."""
GAPS = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none"})
"""Texts for missing numbers, in lower case (pandas reads these as missing, too)."""
WORDS = {"true": True, "false": False}


@dataclass(frozen=True)
class ColumnType:
    """The type of a column.

    Attributes:
        kind: one of KINDS.
        categories: of a category column in the order of its dtype; of a text column the known
            ones; may be empty.
        storage: the dtype of an integer column, or "" for int64.
        firm: whether the kind is certain; an uncertain "number" may also be an integer or boolean.
        none: whether a missing text is None, which an encoder distinguishes from NaN.
    """

    kind: str
    categories: tuple[Any, ...] = ()
    storage: str = ""
    firm: bool = True
    none: bool = False


NUMBER = ColumnType("number", firm=False)


def parse_types(given: Iterable[str]) -> dict[str, str]:
    """Parse NAME=TYPE,NAME=TYPE.

    Raises:
        MldeployError: MLD246 for another form, or for an unknown type.
    """
    found: dict[str, str] = {}
    for one in (part for text in given for part in text.split(",") if part.strip()):
        name, equals, kind = one.strip().rpartition("=")
        if not equals or not name:
            raise bad_types(
                f"--types expects NAME=TYPE, got {one!r}",
                "use for example --types zip=text,age=integer",
            )
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or f"use one of: {', '.join(KINDS)}"
            raise bad_types(f"--types: there is no type {kind!r} (column {name!r})", hint)
        found[name] = kind
    return found


def require_known(types: Mapping[str, str], columns: Sequence[str], where: str) -> None:
    """Refuse types of unknown columns.

    Raises:
        MldeployError: MLD246.
    """
    for name in types:
        if name not in columns:
            hint = did_you_mean(name, columns) or f"use one of the columns: {', '.join(columns)}"
            raise bad_types(f"--types: {where} has no column {name!r}", hint)


def bad_types(message: str, hint: str) -> MldeployError:
    """Return the error of a --types that can't be used."""
    return MldeployError("MLD246", message, hint, exit_code=ExitCode.USAGE)


def of_categories(categories: Sequence[Any], dtype: str) -> ColumnType | None:
    """Return the type of a column from an encoder's categories, or None for mixed ones.

    Args:
        categories: in Python's types.
        dtype: of the encoder's array of them.
    """
    kinds = {type(one) for one in categories}
    if dtype.startswith(("datetime64", "M8")):
        return ColumnType("datetime")
    if kinds == {str}:
        return ColumnType("text", tuple(categories))
    if kinds == {bool}:
        return ColumnType("boolean")
    if kinds == {int}:
        return ColumnType("integer", storage=dtype if "int" in dtype else "")
    if kinds and kinds <= {int, float}:
        return ColumnType("number", firm=False)
    return None


def guess(values: Iterable[str]) -> ColumnType:
    """Return the probable type of texts: a number, a boolean as words, or a text."""
    known = [one for one in values if one.strip().lower() not in GAPS]
    if known and all(one.lower() in WORDS for one in known):
        return ColumnType("boolean")
    if all(map(_NUMBER.fullmatch, map(str.strip, known))):
        return ColumnType("number")
    return ColumnType("text")
