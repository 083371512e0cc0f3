"""Reads settings from `MLDEPLOY_*` variables."""

from collections.abc import Iterator, Mapping
from typing import Any

from mldeploy.config.document import Settings
from mldeploy.config.lines import KeyPath
from mldeploy.config.problems import UNKNOWN_KEY, WRONG_VALUE, Problem
from mldeploy.config.shape import keys_at
from mldeploy.text.suggest import closest, did_you_mean

PREFIX = "MLDEPLOY_"
FLAGS = ("STAGE", "REGION", "PROFILE", "TARGET", "CONFIG", "OUTPUT", "TOKEN")
"""Variables that replace a flag: a misspelled one is an error, because `MLDEPLOY_STAGGE=prod` must
not deploy dev."""
INTERNAL = ("LOG_DIR", "REQUIRE_ENGINE", "CLOUD_DIR", "RELEASE")
_TABLES = tuple(Settings.model_fields)


def read(environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[KeyPath, str], list[Problem]]:
    """Return nested settings, the variable of each, and problems of the names.

    `MLDEPLOY_FUNCTIONS__PREDICT__MEMORY=2048` is {"functions": {"predict": {"memory": "2048"}}}.
    An empty variable counts as unset, except for a function's environment.
    """
    settings: dict[str, Any] = {}
    names: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        rest = variable.removeprefix(PREFIX)
        if "__" not in rest:
            problems += _typos(variable, rest)
            continue
        path = _path(rest)
        if not environ[variable] and "environment" not in path:
            continue
        if path[0] not in _TABLES:
            advice = did_you_mean(path[0], _TABLES)
            problems.append(
                Problem(UNKNOWN_KEY, variable, "", f"unknown table [{path[0]}]", advice)
            )
        elif not _insert(settings, path, environ[variable]):
            problems.append(
                Problem(
                    WRONG_VALUE,
                    variable,
                    "",
                    "sets a table, and another variable sets a key of the same table",
                )
            )
        names[path] = variable
    return settings, names, problems


def _path(rest: str) -> tuple[str, ...]:
    """Return the key path of a variable's name. The case of environment variables is kept."""
    match rest.split("__"):
        case [table, function, *more] if table.lower() == "functions":
            return (table.lower(), function.lower().replace("_", "-"), *_named(more, "environment"))
        case [table, *more]:
            return (table.lower(), *_named(more, "tags"))
    return (rest.lower(),)


def _named(parts: list[str], free: str) -> tuple[str, ...]:
    """Return the keys of a path, where the table `free` has the user's own keys."""
    match parts:
        case [table, *more] if table.lower() == free and more:
            return (free, "__".join(more))
        case _:
            return tuple(part.lower() for part in parts)


def _insert(settings: dict[str, Any], path: tuple[str, ...], value: str) -> bool:
    """Set the value at a path; return False if a table of the path is already a value."""
    *tables, key = path
    here: Any = settings
    for table in tables:
        here = here.setdefault(table, {})
        if not isinstance(here, dict):
            return False
    here[key] = value
    return True


def _typos(variable: str, rest: str) -> Iterator[Problem]:
    """Yield a problem for an unknown variable that is probably meant for mldeploy."""
    if rest in FLAGS or rest in INTERNAL:
        return
    nested = _nested(rest)
    if nested:
        sentence = f"unknown variable {variable}"
        yield Problem(UNKNOWN_KEY, variable, "", sentence, f"did you mean `{PREFIX}{nested}`?")
        return
    best = closest(rest, FLAGS, cutoff=0.75)
    if best is not None:
        sentence = f"unknown variable {variable}"
        yield Problem(UNKNOWN_KEY, variable, "", sentence, f"did you mean `{PREFIX}{best}`?")


def _nested(rest: str) -> str:
    """Return the setting that was probably meant by one with single underscores, or ""."""
    table, _, key = rest.partition("_")
    if table.lower() == "functions":
        for known in keys_at(Settings, ("functions", "any")):
            function, separator, _ = key.lower().rpartition(f"_{known}")
            if separator and function and key.lower().endswith(known):
                return f"FUNCTIONS__{function.upper()}__{known.upper()}"
    if table.lower() in _TABLES and key.lower() in keys_at(Settings, (table.lower(),)):
        return f"{table}__{key}"
    return ""
