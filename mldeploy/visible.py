r"""Texts that a terminal shows and doesn't obey: names and answers may come from anybody.

A control character moves the cursor, changes the window's title or hides what was said before;
a mark of the writing direction makes a name look like another one (Unicode Technical Report 36,
"Bidirectional Text Spoofing"). Both are shown as they are written in Python: `\x1b`, `\u202e`.
"""

import re

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Directions, the separators that end a line for some, and halves of pairs: so Python writes the
# bytes of file names that aren't UTF-8 (PEP 383).
_OTHERS = "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_UNSEEN = re.compile(f"[{_CONTROLS}{_OTHERS}]")
_IN_A_LINE = re.compile(f"[\t\n{_CONTROLS}{_OTHERS}]")
_BYTES = range(0xDC80, 0xDD00)


def visible(text: str) -> str:
    """Return a text that may have several lines with all else that acts on a terminal shown."""
    return _UNSEEN.sub(_written, text.replace("\r\n", "\n"))


def visible_name(name: str) -> str:
    """Return a name on one line: a line break in it would begin a line that nobody said."""
    return _IN_A_LINE.sub(_written, name)


def is_plain_name(name: str) -> bool:
    """Tell whether a file's name is UTF-8 without control characters."""
    return not re.search(f"[\t\n{_CONTROLS}\ud800-\udfff]", name)


def visible_json(text: str) -> str:
    r"""Return a JSON document that says the same in characters that are seen, as in \u009b.

    `json.dumps` itself escapes those below U+0020 only.
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in _BYTES:
        code -= 0xDC00
    if found[0] in "\t\n\r":
        return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[found[0]]
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - a byte
