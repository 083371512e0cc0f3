"""The last gate before anything is printed: values that must not get out."""

import os
import re
from collections.abc import Iterable

# The scheme is looked back at, not matched: a long word would be tried from each of its letters.
_URL_LOGIN = re.compile(r"(?<=[a-z0-9+.-]://)[^/\s@]+@", re.IGNORECASE)
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SHORTEST = 8
"""A shorter value would blank out ordinary words."""


_hidden: set[str] = set()
_variables: set[str] = set()
"""Every text goes through the same gate, so what it keeps back is the process's."""


def hide(values: Iterable[str]) -> None:
    """Keep these values out of whatever is printed or logged from now on."""
    _hidden.update(_parts(values))


def hide_variables(values: Iterable[str]) -> None:
    """Keep these values out of texts that others worded.

    In our own they may be ordinary words, such as a region's name.
    """
    _variables.update(_parts(values))


def _parts(values: Iterable[str]) -> set[str]:
    """Return values and their lines, for a text may be wrapped anew; the shortest don't count."""
    parts = {part.strip() for value in values for part in (value, *value.splitlines())}
    return {part for part in parts if len(part) >= _SHORTEST}


def redact(text: str, *, foreign: bool = False) -> str:
    """Return the text without logins in addresses, AWS's secret keys, and what was hidden.

    Args:
        text: to be printed or logged.
        foreign: others worded it and may have quoted what they were sent, functions' variables too.
    """
    text = _URL_LOGIN.sub("***@", text)
    for name in _SECRET_VARIABLES:
        value = os.environ.get(name, "")
        if len(value) >= _SHORTEST:
            text = text.replace(value, "***")
    for value in sorted(_hidden | _variables if foreign else _hidden, key=len, reverse=True):
        text = text.replace(value, "***")
    return text
