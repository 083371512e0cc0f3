"""The text of `explain`."""

from __future__ import annotations

import re
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING

from mldeploy.render.words import Words, columns

if TYPE_CHECKING:
    from mldeploy.files.manual import ErrorPage, Explanation, Script

_WIDEST = 100
"""Columns; longer lines are hard to read."""
_COMMENT = re.compile(r"^<!--.*?-->\n", re.DOTALL | re.MULTILINE)
_ITEM = re.compile(r"\n(?=- )|\n\n")


def explanation_words(found: Explanation) -> Words:
    """Return a page, the page of one code, or a line for each of several."""
    if found.page:
        return Words(_COMMENT.sub("", found.page).rstrip())
    if len(found.errors) == 1:
        return Words(_page(found.errors[0]))
    return Words(columns([(one.code, one.meaning) for one in found.errors]))


def script_words(found: Script) -> Words:
    """Return a shell's script."""
    return Words(found.script.rstrip())


def _page(one: ErrorPage) -> str:
    meaning = re.sub(r" \(exit code \d+\)$", "", one.meaning)
    text = one.text or "The error itself says what to do, after `fix:`."
    parts = [f"{one.code}: {meaning} (exit code {int(one.exit_code)})", *_ITEM.split(text)]
    return "\n\n".join(map(_wrapped, parts))


def _wrapped(part: str) -> str:
    """Return a paragraph or an item of a list in the terminal's width, without emphasis."""
    if part.startswith("```"):
        return part
    width = min(get_terminal_size().columns, _WIDEST)
    plain = " ".join(part.replace("**", "").split())
    indent = "  " if plain.startswith("- ") else ""
    return fill(plain, width, subsequent_indent=indent, break_on_hyphens=False)
