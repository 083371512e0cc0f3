"""Reports all problems of a configuration together: file, line, what is allowed."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mldeploy.config.lines import KeyPath, nearest_line
from mldeploy.errors import MldeployError
from mldeploy.text.suggest import did_you_mean
from mldeploy.text.visible import visible_name

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

UNKNOWN_KEY = "MLD101"
WRONG_VALUE = "MLD102"
SYNTAX = "MLD103"
NO_FILE = "MLD104"
MISSING_KEY = "MLD105"
UNKNOWN_STAGE = "MLD120"

_SECRET_KEYS = {"environment", "index_url"}
# What pydantic adds to locations besides keys: see `tables.REFERENCE`, which imports it.
_MARKS = {"[key]", "[text]", "[reference]"}
_CREDENTIALS = re.compile(r"://[^\s\"']*@")

_SENTENCES = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number, without quotes",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, without quotes",
    "float_parsing": "must be a number",
    "list_type": 'must be a list, such as ["a", "b"]',
    "dict_type": "must be a table",
    "model_type": "must be a table",
}


@dataclass(frozen=True)
class Problem:
    """A problem of the configuration.

    Attributes:
        code: MLD101, MLD102, …
        where: "mldeploy.toml:7", or the name of a variable or flag.
        shown: the invalid text, without secrets; may be "".
        sentence: what is wrong.
        advice: the fix; may be "".
    """

    code: str
    where: str
    shown: str
    sentence: str
    advice: str = ""


def raise_all(problems: Iterable[Problem], file: str) -> None:
    """Raise one error with all problems, if there are any."""
    found = sorted(dict.fromkeys(problems), key=_order)
    if not found:
        return
    if len(found) == 1:
        raise MldeployError(found[0].code, _single(found[0]))
    width = max(len(problem.where) for problem in found)
    lines = [_row(problem, width) for problem in found]
    raise MldeployError(found[0].code, "\n".join([f"{len(found)} problems in {file}", *lines]))


def _order(problem: Problem) -> tuple[str, int]:
    """Return a sort key: by line, with the file's problems before those of variables."""
    name, _, line = problem.where.rpartition(":")
    return (name, int(line)) if line.isdigit() else ("\uffff" + problem.where, 0)


def _single(problem: Problem) -> str:
    """Return a problem as a sentence, with its place below."""
    parts = (problem.where, problem.shown, problem.advice)
    place = "   ".join(visible_name(part) for part in parts if part)
    return redacted(f"{visible_name(problem.sentence)}\n  {place}")


def _row(problem: Problem, width: int) -> str:
    """Return a problem as one line of a list."""
    text = "; ".join(part for part in (problem.sentence, problem.advice) if part)
    parts = (f"{problem.where:<{width}}", problem.shown, text)
    return redacted("  " + "   ".join(visible_name(part) for part in parts if part))


def redacted(text: str) -> str:
    """Return a text without the credentials of URLs in it."""
    return _CREDENTIALS.sub("://…@", text)


def table_name(path: KeyPath) -> str:
    """Return "[functions.predict]" for a table's path."""
    names = ".".join(str(part) for part in path if isinstance(part, str))
    return f"[{names}]" if names else "the file"


def value_at(raw: Any, path: KeyPath) -> Any:
    """Return the value at a path of nested tables and lists, or None."""
    for part in path:
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def shown(path: KeyPath, value: Any, *, known: bool = True) -> str:
    """Return `key = value` without secret values.

    Environment values and index URLs are never shown, nor are texts of unknown keys, which may be
    a misspelled `index_url`.
    """
    names = [part for part in path if isinstance(part, str)]
    key = names[-1] if names else ""
    match value:
        case None:
            return table_name(path[:-1]) if len(path) > 1 else ""
        case dict():
            return table_name(path)
        case _ if _SECRET_KEYS & set(names):
            return f"{key} = …"
        case bool() | int() | float():
            return f"{key} = {json.dumps(value)}"
        case str() if known:
            return f"{key} = {json.dumps(value, ensure_ascii=False)}"
        case _:
            return f"{key} = …"


@dataclass(frozen=True)
class Origins:
    """The source of each setting: the file's line, or the variable's name.

    Attributes:
        file: the file's name as shown.
        raw: the parsed file.
        lines: of each key path of the file.
        section: of [stages] whose overrides apply; "" if none.
        variables: names of variables by path.
    """

    file: str
    raw: Mapping[str, Any]
    lines: Mapping[KeyPath, int]
    section: str
    variables: Mapping[KeyPath, str]

    def in_file(self, path: KeyPath) -> str:
        """Return "mldeploy.toml:7" for a path of the file itself."""
        return f"{self.file}:{nearest_line(self.lines, path)}"

    def variable(self, path: KeyPath) -> str:
        """Return the variable that set a path or a part of it, or ""."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.variables:
                return self.variables[path[:length]]
        return ""

    def in_variables(self, path: KeyPath) -> str:
        """Return the variable that set a path, a table around it, or a key below it."""
        below = (name for known, name in self.variables.items() if known[: len(path)] == path)
        return self.variable(path) or next(below, "")

    def anywhere(self, path: KeyPath) -> str:
        """Return the variable or the line of a merged setting."""
        return self.variable(path) or self.in_file(self.file_path(path))

    def file_path(self, path: KeyPath) -> KeyPath:
        """Return the path in the file: in the stage's overrides, or in the main part."""
        override = ("stages", self.section, *path)
        return path if value_at(self.raw, override) is None else override

    def has(self, path: KeyPath) -> bool:
        """Return whether the file or a variable sets a path."""
        return path in self.variables or value_at(self.raw, self.file_path(path)) is not None

    def problem(self, code: str, path: KeyPath, sentence: str, advice: str = "") -> Problem:
        """Return a problem of the merged settings, located at the value's source."""
        variable = self.variable(path)
        if variable:
            return Problem(code, variable, "", sentence, advice)
        where = self.file_path(path)
        text = shown(where, value_at(self.raw, where))
        return Problem(code, self.in_file(where), text, sentence, advice)


def of_pydantic(
    errors: Iterable["ErrorDetails"],
    raw: Any,
    place: Callable[[KeyPath], str],
    keys: Callable[[KeyPath], tuple[str, ...]],
) -> list[Problem]:
    """Translate pydantic's errors.

    Args:
        errors: of one ValidationError.
        raw: what was validated.
        place: returns the line or the variable of a path.
        keys: returns the keys that a table may have.
    """
    return [_translated(error, raw, place, keys) for error in errors]


def _translated(
    error: "ErrorDetails",
    raw: Any,
    place: Callable[[KeyPath], str],
    keys: Callable[[KeyPath], tuple[str, ...]],
) -> Problem:
    """Translate a pydantic error."""
    path = tuple(part for part in error["loc"] if part not in _MARKS)
    value = value_at(raw, path)
    if error["type"] == "extra_forbidden":
        table, key = path[:-1], str(path[-1])
        sentence = (
            f"unknown table [{key}]"
            if not table and isinstance(value, dict)
            else f"unknown key `{key}` in {table_name(table)}"
        )
        return Problem(
            UNKNOWN_KEY,
            place(path),
            shown(path, value, known=False),
            sentence,
            _advice(key, table, keys),
        )
    names = [part for part in path if isinstance(part, str)]
    subject = f"`{names[-1]}` in {table_name(tuple(names[:-1]))}" if names else "the file"
    return Problem(WRONG_VALUE, place(path), shown(path, value), f"{subject} {_allowed(error)}")


def _advice(key: str, table: KeyPath, keys: Callable[[KeyPath], tuple[str, ...]]) -> str:
    """Return the key's right table, or the key probably meant, or the allowed keys."""
    home = next((one for one in _tables(keys) if key in keys(one)), None)
    return f"`{key}` belongs in {table_name(home)}" if home else did_you_mean(key, keys(table))


def _tables(keys: Callable[[KeyPath], tuple[str, ...]]) -> Iterator[KeyPath]:
    """Yield the tables of the file, outer ones first; the user's own are called NAME."""
    level: list[KeyPath] = [()]
    while level:
        below = [(*table, key) for table in level for key in keys(table)]
        level = [one for path in below for one in (path, (*path, "NAME")) if keys(one)]
        yield from level


def _allowed(error: "ErrorDetails") -> str:
    """Return what is allowed, never the value."""
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be {context['expected']}".replace("'", '"')
        case kind:
            return _SENTENCES.get(kind, "has an invalid value")
