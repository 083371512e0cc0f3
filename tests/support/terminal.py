"""A terminal in this process, with somebody who types."""

import io
import sys

import pytest


def typing(patch: pytest.MonkeyPatch, answers: str) -> io.StringIO:
    """Let stdin and stderr be a terminal, on which somebody types `answers`; return that stdin."""
    stdin = io.StringIO(answers)
    patch.setattr(stdin, "isatty", lambda: True)
    patch.setattr(sys, "stdin", stdin)
    patch.setattr(sys.stderr, "isatty", lambda: True)
    return stdin
