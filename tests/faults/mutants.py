"""The bugs of `mutants.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Edit:
    """One place of a patch.

    Attributes:
        file: from the project's folder.
        text: what stands there, once.
        instead: what is put in its place.
    """

    file: str
    text: str
    instead: str


@dataclass(frozen=True)
class Mutant:
    """A bug.

    Attributes:
        name: what the program does wrong.
        edits: how it comes to that.
        operations: whose trials are made, in order, until one fails.
        tests: test files of the harness that are run then, in order, until one fails.
        escapes: why the harness can't see it, where it can't.
    """

    name: str
    edits: tuple[Edit, ...]
    operations: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    escapes: str = ""


def _read(path: Path) -> tuple[Mutant, ...]:
    tables: list[dict[str, Any]] = tomllib.loads(path.read_text())["mutant"]
    return tuple(
        Mutant(
            one["name"],
            tuple(Edit(**edit) for edit in one["edits"]),
            tuple(one.get("operations", ())),
            tuple(one.get("tests", ())),
            one.get("escapes", ""),
        )
        for one in tables
    )


MUTANTS = _read(Path(__file__).with_suffix(".toml"))
