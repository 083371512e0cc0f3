"""Advice on what a log says."""

import re


def advice_on(patterns: tuple[tuple[str, str], ...], text: str, **known: str) -> str:
    """Return the advice of the first pattern that a text has, or "".

    Args:
        patterns: regular expressions with their advice, in which their groups may be named.
        text: a log, or an error's words.
        known: other names for the advice.
    """
    for pattern, advice in patterns:
        found = re.search(pattern, text)
        if found:
            names = {**known, **found.groupdict()}
            return advice.format(**names) if names else advice
    return ""
