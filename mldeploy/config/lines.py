"""Finds the lines of keys in TOML, because tomllib returns no positions.

The text is valid TOML at this point, so the scanner only needs to find where keys begin and
values end.
"""

import re
from collections.abc import Callable, Iterable, Mapping

KeyPath = tuple[str | int, ...]

_KEY = re.compile(r"""[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''[\s\S]*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\s,\]}#]+(?: [0-9:.Zz+-]+)?")
_ESCAPE = re.compile(r"\\(.)")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line (from 1) of every key path of a valid TOML text.

    Array items have their index in the path: ("image", "include", 0).
    """
    return _Scanner(text).document()


def nearest_line(lines: Mapping[KeyPath, int], path: Iterable[str | int]) -> int:
    """Return the line of a path, else of the closest enclosing table, else 1."""
    known = tuple(path)
    while known:
        if known in lines:
            return lines[known]
        known = known[:-1]
    return 1


class _Scanner:
    """A cursor over the text that records the line of each key."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip(_BLANK) < len(self.text):
            if self._peek("[["):
                self.at += 2
                table = self._array_item(self._note((), self._dotted_key()))
                self.at += 2
            elif self._peek("["):
                self.at += 1
                table = self._note((), self._dotted_key())
                self.at += 1
            else:
                self._pair(table)
        return self.lines

    def _pair(self, table: KeyPath) -> None:
        path = self._note(table, self._dotted_key())
        self.at += 1  # the equals sign
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        if self._peek("{"):
            self._inside("}", lambda _: self._pair(path))
        elif self._peek("["):
            self._inside("]", lambda index: self._item((*path, index)))
        elif self.text[self.at] in "\"'":
            self._skip(_STRING)
        else:
            self._skip(_PLAIN)

    def _inside(self, end: str, read: Callable[[int], None]) -> None:
        self.at += 1
        index = 0
        while self._skip(_BLANK) < len(self.text) and not self._peek(end):
            read(index)
            index += 1
            self._skip(_BLANK)
            if self._peek(","):
                self.at += 1
        self.at += 1

    def _item(self, path: KeyPath) -> None:
        self.lines.setdefault(path, self._line())
        self._value(path)

    def _dotted_key(self) -> list[tuple[str, int]]:
        parts = [self._key()]
        while self._peek("."):
            self.at += 1
            parts.append(self._key())
        return parts

    def _key(self) -> tuple[str, int]:
        line = self._line()
        match = _KEY.match(self.text, self.at)
        if match is None:  # invalid text: stop at its end instead of looping
            self.at = len(self.text)
            return "", line
        self.at = match.end()
        word = match[1]
        if word[0] in "\"'":
            bare = word[1:-1]
            return (_ESCAPE.sub(r"\1", bare) if word[0] == '"' else bare), line
        return word, line

    def _note(self, table: KeyPath, parts: list[tuple[str, int]]) -> KeyPath:
        path = table
        for word, line in parts:
            path = (*path, word)
            self.lines.setdefault(path, line)
        return path

    def _array_item(self, path: KeyPath) -> KeyPath:
        index = 0
        while (*path, index) in self.lines:
            index += 1
        self.lines[*path, index] = self._line()
        return (*path, index)

    def _peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return self.at

    def _line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
