"""Masks the values of environment variables that no client may read."""

import json
import os

_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_SHORTEST = 8
"""The least length of a masked value: shorter ones occur in any text by chance."""


def masked(text: str) -> str:
    """Return a text with `***` in place of secrets and of the function's credentials."""
    names = (*_CREDENTIALS, *json.loads(os.environ.get("MLDEPLOY_SECRETS") or "{}"))
    for name in names:
        value = os.environ.get(name, "")
        if len(value) >= _SHORTEST:
            text = text.replace(value, "***")
    return text
