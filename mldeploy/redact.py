"""The last gate before anything is printed: values that must not get out."""

import os
import re

_URL_LOGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@]+@", re.IGNORECASE)
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SHORTEST = 8
"""A shorter value would blank out ordinary words."""


def redact(text: str) -> str:
    """Return the text without logins in addresses and without AWS's secret keys."""
    text = _URL_LOGIN.sub(r"\g<scheme>***@", text)
    for name in _SECRET_VARIABLES:
        value = os.environ.get(name, "")
        if len(value) >= _SHORTEST:
            text = text.replace(value, "***")
    return text
