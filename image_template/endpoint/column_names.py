"""Findings about the names of a request's columns, with a guess at what the client meant.

Imported for the first request with wrong names: a start doesn't need it.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from endpoint.problem import Finding, cut, finding

_MOST_COMPARED = 200
"""Names are compared pair by pair in models with at most this many columns."""
_LONGEST = 60
_MOST_GUESSED = 5
_MOST_NAMED = 5
_CLOSE = 0.75
_INDEX = re.compile(r"|Unnamed: \d+")
"""How pandas writes the header of an index without a name, and how it reads that."""


def findings(
    number: int, row: dict[str, Any], names: Collection[str], *, extra: bool, first: bool
) -> Iterator[Finding]:
    """Yield a finding for each column that is missing or unknown.

    Args:
        number: of the row.
        row: values by column.
        names: the model's columns.
        extra: whether unknown columns are allowed.
        first: whether the request's findings begin here. Guesses take time, and one row of them
            is enough.
    """
    wanted = "a column of the model"
    missing = [name for name in names if name not in row]
    unknown = [name for name in row if name not in names]
    meant = guesses(unknown, missing) if first else {}
    for name, guess in meant.items():
        yield finding(number, wanted, f"an unknown column; did you mean {guess!r}?", cut(name))
    for name in () if extra else filter(is_index, unknown):
        yield finding(number, wanted, "an index; write the CSV with to_csv(index=False)", cut(name))
    explained = set(meant.values())
    ignored = _ignored(unknown, meant) if extra and first else ""
    for name in missing:
        got = "nothing"
        if name not in explained:
            # Once is enough: all columns that are missing have the same suspects.
            got, ignored = got + ignored, ""
        yield finding(number, "a value", got, name)
    for name in () if extra else unknown:
        if name not in meant and not is_index(name):
            yield finding(number, wanted, "an unknown column", cut(name))


def _ignored(unknown: Collection[str], meant: Collection[str]) -> str:
    """Return the columns that were ignored, one of which may be the missing one; at most 5."""
    names = [name for name in unknown if name not in meant and not is_index(name)]
    listed = ", ".join(repr(cut(name)) for name in names[:_MOST_NAMED])
    more = ", …" if len(names) > _MOST_NAMED else ""
    return f"; the request's unknown columns were ignored: {listed}{more}" if names else ""


def is_index(name: str) -> bool:
    """Return whether a name is that of an index that pandas' `to_csv` wrote as a column."""
    return bool(_INDEX.fullmatch(name))


def guesses(unknown: Collection[str], missing: Collection[str]) -> dict[str, str]:
    """Return the missing names that unknown ones probably mean.

    Capitals, spaces and punctuation don't count. At most 5 names are compared more closely.
    """
    by_plain = {_plain(name): name for name in missing}
    by_plain.pop("", None)
    found: dict[str, str] = {}
    compared = 0
    for name in unknown:
        plain = _plain(name)
        if plain in by_plain:
            found[name] = by_plain[plain]
        elif plain and compared < _MOST_GUESSED and len(missing) <= _MOST_COMPARED:
            compared += 1
            if close := _closest(plain, by_plain):
                found[name] = by_plain[close]
    return found


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name[:_LONGEST].casefold()))


def _closest(plain: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(plain, known, n=1, cutoff=_CLOSE)), "")
