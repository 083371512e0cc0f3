"""Local values of references: from the shell's variables, or from `.env`."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mldeploy.config.references import Reference
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.text.redact import hide

FILE = ".env"


@dataclass(frozen=True)
class ValuesHere:
    """The local values of a function's references.

    Attributes:
        known: (variable, value), sorted.
        missing: the variables without a value.
    """

    known: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    missing: tuple[str, ...] = ()


def values_here(
    root: Path, references: Iterable[Reference], environ: Mapping[str, str] = os.environ
) -> ValuesHere:
    """Return the values of the references' variables, without AWS.

    Args:
        root: the project's folder, which may contain `.env`.
        references: of a function.
        environ: the shell's variables, which take precedence over the file's.

    Raises:
        MldeployError: MLD124 if `.env` exists and can't be read.
    """
    wanted = [one.variable for one in references]
    if not wanted:
        return ValuesHere()
    found = {**_in_file(root / FILE), **environ}
    known = tuple((name, found[name]) for name in sorted(wanted) if name in found)
    hide(value for _, value in known)
    return ValuesHere(known, tuple(sorted(set(wanted) - found.keys())))


def _in_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        found = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it isn't UTF-8 text"
        raise MldeployError(
            "MLD124", f"{FILE} beside mldeploy.toml can't be read: {why}",
            "fix the file, or set the variables in the shell", exit_code=ExitCode.USAGE,
        ) from None  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def told_missing(names: Iterable[str]) -> str:
    """Return the note on variables without a local value."""
    return f"no value for {', '.join(names)} on this machine: set it in the shell or in {FILE}"
