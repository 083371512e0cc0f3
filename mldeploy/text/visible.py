r"""Escapes text for terminals: names and responses may be untrusted.

A control character can move the cursor, change the window's title or hide earlier output; a
directional mark makes a name look like another one (Unicode Technical Report 36, "Bidirectional
Text Spoofing"). Both are shown as in Python: `\x1b`, `\u202e`.
"""

import json
import re

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
# Directional marks, line separators, and surrogates, which Python uses for bytes of file names that
# aren't UTF-8 (PEP 383). Also invisible characters: zero-width spaces, the byte order mark,
# fillers, and tag characters, which can hide ASCII text (Unicode Character Database,
# "Default_Ignorable_Code_Point"). U+200C and U+200D are kept: scripts and emoji need them.
_OTHERS = (
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\xad\u115f\u1160\u17b4\u17b5\u180e\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_CONTROLS}{_OTHERS}]")
_IN_A_LINE = re.compile(f"[\t\n{_CONTROLS}{_OTHERS}]")
_BYTES = range(0xDC80, 0xDD00)


def visible(text: str) -> str:
    """Return a text with everything escaped that acts on a terminal, except newlines."""
    return _UNSEEN.sub(_written, text.replace("\r\n", "\n"))


def visible_name(name: str) -> str:
    """Return a name on one line, with line breaks escaped."""
    return _IN_A_LINE.sub(_written, name)


def is_plain_name(name: str) -> bool:
    """Return whether a file's name is UTF-8 without control characters."""
    return not re.search(f"[\t\n{_CONTROLS}\ud800-\udfff]", name)


def visible_json(text: str) -> str:
    r"""Return an equal JSON document with invisible characters escaped, such as \u009b.

    `json.dumps` itself escapes only those below U+0020.
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
