"""Where keys stand in a TOML text."""

import tomllib
from collections.abc import Iterator
from typing import Any

from mldeploy.config.lines import key_lines, nearest_line

TRICKY = '''\
# [not.a.table]
title = "a = 1 # no comment"
dotted.key."with.dot" = 1979-05-27 07:32:00

[ a . b ]   # spaces
multi = """
[fake]
fake = 1
"""" # four quotes
literal = \'\'\'
x = 1\'\'\'
list = [ # comment ]
  "one", { inner = [1, 2,], other = "}" },
  [
    3,
  ],
]
inline = { x = { y = "]" }, z.w = true }
empty = {}
none = []
path = \'C:\\\'

[["array"]]
k = 1
[[array]]
k = 2
'''


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything in a parsed file."""
    items: Any = ()
    match value:
        case dict():
            items = value.items()
        case list():
            items = enumerate(value)
    for key, below in items:
        yield (*path, key)
        yield from paths(below, (*path, key))


def test_every_key_that_tomllib_reads_has_a_line_that_names_it() -> None:
    """The scanner finds exactly the keys that the real parser finds, and where they are."""
    lines = key_lines(TRICKY)
    assert set(lines) == set(paths(tomllib.loads(TRICKY)))
    text = TRICKY.splitlines()
    assert all(key in text[line - 1] for (*_, key), line in lines.items() if isinstance(key, str))


def test_lines_are_those_of_the_text() -> None:
    """Tables, items of lists and keys of inline tables have their own lines."""
    lines = key_lines(TRICKY)
    assert lines["dotted", "key", "with.dot"] == 3
    assert lines["a", "b"] == 5
    assert lines["a", "b", "list", 1, "inner"] == 13
    assert lines["a", "b", "list", 2, 0] == 15
    assert lines["a", "b", "inline", "z", "w"] == 18
    assert lines["array", 1, "k"] == 26


def test_a_path_that_is_not_there_gets_the_closest_table_around_it() -> None:
    """A missing key is reported where it should be written."""
    lines = key_lines(TRICKY)
    assert nearest_line(lines, ("a", "b", "missing", "deeper")) == 5
    assert nearest_line(lines, ("nowhere",)) == 1
