"""The last gate before anything is printed: values that must not get out."""

import os
import re

# The scheme is looked back at, not matched: a long word would be tried from each of its letters.
_URL_LOGIN = re.compile(r"(?<=[a-z0-9+.-]://)[^/\s@]+@", re.IGNORECASE)
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SHORTEST = 8
"""A shorter value would blank out ordinary words."""


def redact(text: str) -> str:
    """Return the text without logins in addresses and without AWS's secret keys."""
    text = _URL_LOGIN.sub("***@", text)
    for name in _SECRET_VARIABLES:
        value = os.environ.get(name, "")
        if len(value) >= _SHORTEST:
            text = text.replace(value, "***")
    return text
