"""Suggestions for misspelled keys, stages and variables."""

from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that `word` is most likely a misspelling of, or None."""
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "did you mean `x`?", or the allowed words, or "" if there are none."""
    names = sorted(known)
    best = closest(word, names)
    if best is not None:
        return f"did you mean `{best}`?"
    return f"allowed: {', '.join(names)}" if names else ""
