r"""Texts that a terminal shows and doesn't obey: names and answers may come from anybody.

A control character moves the cursor, changes the window's title or hides what was said before;
a mark of the writing direction makes a name look like another one (Unicode Technical Report 36,
"Bidirectional Text Spoofing"). Both are shown as they are written in Python: `\x1b`, `\u202e`.
"""

import json
import re

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Directions, the separators that end a line for some, and halves of pairs: so Python writes the
# bytes of file names that aren't UTF-8 (PEP 383). And what shows nothing at all: zero-width
# spaces, the byte order mark, fillers, and the tag characters, which spell a hidden text in ASCII
# (Unicode Character Database, "Default_Ignorable_Code_Point"). U+200C and U+200D stay: scripts and
# emoji need them.
_OTHERS = (
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\xad\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
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
    """Return whether a file's name is UTF-8 without control characters."""
    return not re.search(f"[\t\n{_CONTROLS}\ud800-\udfff]", name)


def visible_json(text: str) -> str:
    r"""Return a JSON document that says the same in characters that are seen, as in \u009b.

    `json.dumps` itself escapes those below U+0020 only.
    """
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in _BYTES:
        code -= 0xDC00
    if found[0] in "\t\n\r":
        return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[found[0]]
    if code > 0xFFFF:  # noqa: PLR2004 - what fits four digits
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - a byte
