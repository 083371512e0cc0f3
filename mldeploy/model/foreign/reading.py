"""Converts texts of a CSV to a column of a known type."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.model.foreign.column_types import GAPS, WORDS, ColumnType

_PLAIN = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+(?:\.0*)?")
_BOOLEANS = {**WORDS, "1": True, "0": False, "1.0": True, "0.0": False}


class UnreadableError(Exception):
    """A text isn't of the type. `value`: the text; `expected`: what was to be there."""

    def __init__(self, value: str, expected: str) -> None:
        super().__init__(value, expected)
        self.value = value
        self.expected = expected


def series_of(values: list[str], known: ColumnType) -> Any:
    """Return a pandas Series.

    Args:
        values: texts; an empty one is missing, unless it is a known category.
        known: the type of the column.

    Raises:
            UnreadableError: for a text of another type.
    """
    import pandas as pd

    match known.kind:
        case "boolean" | "number" if known.kind == "boolean" or _are_words(values, known):
            found = list(_each(values, boolean))
            return pd.Series(found, dtype="boolean" if None in found else "bool")
        case "number":
            return pd.Series(list(_each(values, number)), dtype="float64")
        case "integer":
            return _integers(list(_each(values, integer)), known.storage or "int64")
        case "datetime":
            return _dates(values)
        case "category":
            return _categories(values, known.categories)
        case _:
            # pandas' own dtype for texts: "str" since 3, "object" before.
            texts = [text(one, known) for one in values]
            return pd.Series(texts, dtype=object if known.none else pd.Series([""]).dtype)


def _are_words(values: list[str], known: ColumnType) -> bool:
    """Return whether a column of uncertain type contains booleans as words."""
    words = [one for one in values if one.strip().lower() not in GAPS]
    return not known.firm and bool(words) and all(one.lower() in WORDS for one in words)


def _each(values: list[str], read: Callable[[str], Any]) -> Iterator[Any]:
    for one in values:
        yield None if one.strip().lower() in GAPS else read(one.strip())


def number(value: str) -> float:
    """Read a finite number.

    Raises:
        UnreadableError: for anything else.
    """
    try:
        found = float(value) if _PLAIN.fullmatch(value) else float("inf")
    except ValueError:
        found = float("inf")
    if abs(found) == float("inf"):
        raise UnreadableError(value, "a number")
    return found


def integer(value: str) -> int:
    """Return an integer, exactly.

    Raises:
        UnreadableError: for anything else.
    """
    if not _WHOLE.fullmatch(value):
        raise UnreadableError(value, "a whole number")
    return int(value.partition(".")[0])


def boolean(value: str) -> bool:
    """Read true or false, also as 1 and 0.

    Raises:
        UnreadableError: for anything else.
    """
    found = _BOOLEANS.get(value.lower())
    if found is None:
        raise UnreadableError(value, "true or false")
    return found


def text(value: str, known: ColumnType) -> str | None:
    """Return a text, or None for an empty one that no encoder has learnt."""
    return value if value or "" in known.categories else None


def _integers(values: list[int | None], storage: str) -> Any:
    import pandas as pd

    # pandas writes the dtypes with gaps with a capital letter: Int64, UInt8.
    gaps = storage.replace("int", "Int").replace("uI", "UI")
    try:
        return pd.Series(values, dtype=gaps if None in values else storage)
    except (OverflowError, ValueError, TypeError) as error:
        largest = max((one for one in values if one is not None), key=abs)
        raise UnreadableError(
            str(largest), f"a whole number within the range of {storage}"
        ) from error


def _dates(values: list[str]) -> Any:
    import pandas as pd

    known = [None if one.strip().lower() in GAPS else one.strip() for one in values]
    try:
        return pd.Series(pd.to_datetime(known, format="ISO8601"))
    except ValueError:
        pass  # dates with different offsets, or one that isn't a date
    for one in known:
        try:
            pd.to_datetime([one], format="ISO8601")
        except ValueError as error:
            raise UnreadableError(str(one), "a date in ISO 8601 format") from error
    return pd.Series(pd.to_datetime(known, format="ISO8601", utc=True))


def _categories(values: list[str], categories: tuple[Any, ...]) -> Any:
    """Return a column of these categories, or of those in the values."""
    import pandas as pd

    by_text = {str(one): one for one in categories or sorted({one for one in values if one})}
    found = [_category(one, by_text) for one in values]
    return pd.Series(pd.Categorical(found, categories=list(by_text.values())))


def _category(value: str, by_text: dict[str, Any]) -> Any:
    if value in by_text:
        return by_text[value]
    if value.strip().lower() in GAPS:
        return None
    for one in by_text.values():
        if isinstance(one, bool):
            if WORDS.get(value.lower()) is one:
                return one
        elif isinstance(one, int | float) and _PLAIN.fullmatch(value) and number(value) == one:
            return one
    raise UnreadableError(value, f"one of {', '.join(list(by_text)[:20])}")


def wrong(message: str, hint: str = "") -> MldeployError:
    """Return the error of an example that doesn't fit."""
    return MldeployError(
        "MLD246",
        message,
        hint
        or "pass --example with the model's input rows: a CSV file with a header, or a Parquet "
        "file",
        exit_code=ExitCode.USAGE,
    )


def unknown(why: str) -> MldeployError:
    """Return the error for a model that needs an example."""
    return wrong(
        f"the model needs example rows: {why}",
        "pass a CSV or Parquet file with the model's input rows: --example ROWS.csv",
    )
