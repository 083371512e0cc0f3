"""Redacts secret values from everything that is printed or logged."""

import os
import re
from collections.abc import Iterable

# A lookbehind for the scheme, because matching it would be tried at each letter of a long word.
_URL_LOGIN = re.compile(r"(?<=[a-z0-9+.-]://)[^/\s@]+@", re.IGNORECASE)
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SHORTEST = 8
"""Shorter values would redact ordinary words."""


_hidden: set[str] = set()
_variables: set[str] = set()
"""The secrets are global to the process, because every text is redacted."""


def hide(values: Iterable[str]) -> None:
    """Redact these values in everything that is printed or logged from now on."""
    _hidden.update(_parts(values))


def hide_variables(values: Iterable[str]) -> None:
    """Redact these values in texts from other programs.

    In mldeploy's own texts they may be ordinary words, such as a region's name.
    """
    _variables.update(_parts(values))


def _parts(values: Iterable[str]) -> set[str]:
    """Return values and their lines, because text may be rewrapped; omits short ones."""
    parts = {part.strip() for value in values for part in (value, *value.splitlines())}
    return {part for part in parts if len(part) >= _SHORTEST}


def redact(text: str, *, foreign: bool = False) -> str:
    """Return the text without logins in URLs, AWS secret keys, and hidden values.

    Args:
        text: to be printed or logged.
        foreign: whether it is from another program and may quote functions' variables.
    """
    text = _URL_LOGIN.sub("***@", text)
    for name in _SECRET_VARIABLES:
        value = os.environ.get(name, "")
        if len(value) >= _SHORTEST:
            text = text.replace(value, "***")
    for value in sorted(_hidden | _variables if foreign else _hidden, key=len, reverse=True):
        text = text.replace(value, "***")
    return text
