"""Advice on errors in logs."""

import re


def advice_on(patterns: tuple[tuple[str, str], ...], text: str, **known: str) -> str:
    """Return the advice of the first matching pattern, or "".

    Args:
        patterns: regular expressions with their advice, which may contain their groups' names.
        text: a log, or an error message.
        known: other placeholders of the advice.
    """
    for pattern, advice in patterns:
        found = re.search(pattern, text)
        if found:
            names = {**known, **found.groupdict()}
            return advice.format(**names) if names else advice
    return ""
