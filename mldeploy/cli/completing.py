"""Answers a shell's TAB: `mldeploy --complete WORD...`.

It reads a table of all options, mldeploy.toml and files of this user, imports neither Typer nor
boto3, calls nothing and runs nothing. Names from files are only offered if no shell reads more
than a name in them.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mldeploy.cli.commands import COMMANDS
from mldeploy.files.remembered import Place, seen, seen_stages

TABLE = Path(__file__).with_name("completions.json")
"""Written by `python -m tools.completions` from the commands."""
FILES = "files"
Offers = dict[str, str]
"""Words with descriptions."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")


def answer(words: Sequence[str]) -> str:
    """Return what a shell offers, a word and a description in each line.

    The first line is "words", or "files" if the shell shall offer files.

    Args:
        words: those after `mldeploy` up to the cursor; the last one is incomplete and may be "".
    """
    try:
        found = offers(words)
    except Exception:  # noqa: BLE001 - a TAB never shows an error
        found = {}
    if found is None:
        return f"{FILES}\n"
    lines = [f"{word}\t{text}" if text else word for word, text in found.items()]
    return "\n".join(["words", *lines]) + "\n"


def offers(words: Sequence[str]) -> Offers | None:
    """Return the words that may stand at the cursor; None for files."""
    *before, current = _joined(words) or [""]
    if not before:
        return _beginning(current, {**COMMANDS, "help": "Show a command's options and examples."})
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    if before[0] == "help":
        return _beginning(current, _below(table, before[1:]))
    command = table.get(before[0], {})
    rest = before[1:]
    if "commands" in command:
        if not rest:
            return _beginning(current, _below(table, before))
        command, rest = command["commands"].get(rest[0], {}), rest[1:]
    return _in_command(command, rest, current) if command else {}


def _joined(words: Sequence[str]) -> list[str]:
    """Return the words with `--option = value` as one: bash splits there."""
    found: list[str] = []
    for word in words:
        if found and (word == "=" or found[-1].endswith("=")) and found[-1].startswith("--"):
            found[-1] += word
        else:
            found.append(word)
    return found


def _below(table: dict[str, Any], path: Sequence[str]) -> Offers:
    """Return the commands below a command; those of the program for an empty path."""
    if not path:
        return dict(COMMANDS)
    commands = table.get(path[0], {}).get("commands", {}) if len(path) == 1 else {}
    return {name: one["help"] for name, one in commands.items()}


@dataclass
class _Line:
    """What a command line has so far.

    Attributes:
        given: options and their values.
        arguments: how many there are.
        open: the option whose value comes next, or "".
    """

    given: dict[str, str] = field(default_factory=dict)
    arguments: int = 0
    open: str = ""


def _in_command(command: dict[str, Any], rest: Sequence[str], current: str) -> Offers | None:
    options, line = command["options"], _read(command["options"], rest)
    if line.open:
        return _values(options[line.open]["value"], current, line)
    name, equals, value = current.partition("=")
    if equals and name in options:
        found = _values(options[name]["value"], value, line)
        # bash replaces only what is behind "=".
        start = "" if os.environ.get("MLDEPLOY_SHELL") == "bash" else f"{name}="
        return {f"{start}{one}": text for one, text in found.items()} if found else found
    if current.startswith("-") or line.arguments >= len(command["arguments"]):
        left = {
            one: facts["help"]
            for one, facts in options.items()
            if one.startswith("--") and (one not in line.given or facts.get("many"))
        }
        return _beginning(current, left)
    return _values(command["arguments"][line.arguments], current, line)


def _read(options: dict[str, Any], rest: Sequence[str]) -> _Line:
    line = _Line()
    for word in rest:
        name, equals, value = word.partition("=")
        if line.open:
            line.given[line.open], line.open = word, ""
        elif name in options:
            name = options[name].get("long", name)
            line.given[name] = value
            line.open = "" if equals or not options[name]["value"] else name
        elif not word.startswith("-"):
            line.arguments += 1
    return line


def _values(kind: str, current: str, line: _Line) -> Offers | None:
    """Return the values of an option or argument; None if it is a file."""
    if kind == FILES:
        return None
    if "|" in kind:
        return _beginning(current, dict.fromkeys(kind.split("|"), ""))
    found = _KINDS[kind](line) if kind in _KINDS else {}
    return _beginning(current, {one: text for one, text in found.items() if _SAFE.fullmatch(one)})


def _beginning(current: str, known: Offers) -> Offers:
    return {one: text for one, text in known.items() if one.startswith(current)}


def _settings(line: _Line) -> dict[str, Any]:
    """Return mldeploy.toml as it is: the given file, or the nearest one upwards."""
    given = line.given.get("--config") or os.environ.get("MLDEPLOY_CONFIG") or ""
    here = Path(given) if given else Path.cwd()
    folders = [here] if given else [here, *here.parents]
    for one in folders:
        file = one if one.is_file() else one / "mldeploy.toml"
        if file.is_file():
            return tomllib.loads(file.read_text(encoding="utf-8"))
    return {}


def _table(settings: dict[str, Any], name: str) -> dict[str, Any]:
    found = settings.get(name)
    return found if isinstance(found, dict) else {}


def _target(line: _Line) -> str:
    return line.given.get("--target") or os.environ.get("MLDEPLOY_TARGET") or "aws"


def _stages(line: _Line) -> Offers:
    settings = _settings(line)
    named = [one for one in _table(settings, "stages") if not one.endswith("*")]
    known = seen_stages(str(_table(settings, "project").get("name", "")), _target(line))
    return dict.fromkeys(["dev", *named, *known], "")


def _functions(line: _Line) -> Offers:
    settings = _settings(line)
    stages = _table(settings, "stages").values()
    tables = [settings, *(one for one in stages if isinstance(one, dict))]
    names = [name for one in tables for name in _table(one, "functions")]
    return dict.fromkeys(names or ["predict"], "")


def _models(line: _Line) -> Offers:
    return dict.fromkeys(["main", *_table(_settings(line), "models")], "")


def _releases(line: _Line) -> Offers:
    project = str(_table(_settings(line), "project").get("name", ""))
    stage = line.given.get("--stage") or os.environ.get("MLDEPLOY_STAGE") or "dev"
    if not all(map(_SAFE.fullmatch, (project, stage, _target(line)))):
        return {}
    return {
        one: " ".join(text.split())
        for one, text in seen(Place(project, stage, _target(line))).items()
    }


def _profiles(_line: _Line) -> Offers:
    return dict.fromkeys(_sections(), "")


def _sections() -> Iterator[str]:
    """Yield the profiles in AWS's files, which may name programs: nothing of them is run."""
    from configparser import RawConfigParser

    home = Path.home() / ".aws"
    for variable, name in (
        ("AWS_CONFIG_FILE", "config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    ):
        parser = RawConfigParser(strict=False)
        with suppress(Exception):
            parser.read(os.environ.get(variable) or home / name, encoding="utf-8")
        for section in parser.sections():
            kind, _, profile = section.partition(" ")
            if kind == "profile" or not profile:
                yield profile.strip() or kind


def _codes(_line: _Line) -> Offers:
    from mldeploy.files.manual import PAGES, error_pages

    return {**{one.code: one.meaning for one in error_pages().values()}, **dict.fromkeys(PAGES, "")}


_KINDS: dict[str, Callable[[_Line], Offers]] = {
    "stage": _stages,
    "function": _functions,
    "model": _models,
    "release": _releases,
    "profile": _profiles,
    "code": _codes,
}
