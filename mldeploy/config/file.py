"""Read `mldeploy.toml`, variables and flags into a `Config`.

Precedence of settings: flag, `MLDEPLOY_*` variable, `[stages.<stage>]`, the rest of the file,
default.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mldeploy.config import Config, Target
from mldeploy.config.freeze import freeze
from mldeploy.config.lines import KeyPath, key_lines
from mldeploy.config.problems import (
    NO_FILE,
    SYNTAX,
    UNKNOWN_STAGE,
    WRONG_VALUE,
    Origins,
    Problem,
    of_pydantic,
    raise_all,
)
from mldeploy.errors import MldeployError
from mldeploy.text.redact import hide_variables
from mldeploy.text.suggest import did_you_mean

if TYPE_CHECKING:
    from mldeploy.config import Architecture
    from mldeploy.config.tables import Table

Model = TypeVar("Model", bound="Table")

FILE_NAME = "mldeploy.toml"
DEFAULT_STAGE = "dev"
DEFAULT_FUNCTION = "predict"


def load_config(  # noqa: PLR0913 - each is an option of the commands
    path: Path | None = None,
    *,
    stage: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    target: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return a stage of the project, validated without AWS calls.

    Args:
        path: of mldeploy.toml or its folder; else MLDEPLOY_CONFIG, else the nearest one in
            this folder or its parents.
        stage: the flag; else MLDEPLOY_STAGE, else "dev".
        region: the flag; else MLDEPLOY_REGION, the file, AWS_REGION, AWS_DEFAULT_REGION, "".
        profile: the flag; else MLDEPLOY_PROFILE, else None (boto3 then reads AWS_PROFILE).
        target: the flag; else MLDEPLOY_TARGET, else "aws".
        environ: the variables.

    Raises:
        MldeployError: MLD101 unknown key, MLD102 invalid value, MLD103 not TOML, MLD104 no
            file, MLD105 missing key, MLD120 unknown stage. One error contains all problems.
    """
    given = path or (Path(environ["MLDEPLOY_CONFIG"]) if environ.get("MLDEPLOY_CONFIG") else None)
    file = find_file(given)
    text, raw = _parse(file)
    stage = stage or environ.get("MLDEPLOY_STAGE") or DEFAULT_STAGE
    settings, origins = _merged(file, text, raw, stage, environ)
    region, region_from = _region(region, settings.project.region, environ)
    _check_flags(stage, region, origins.file)
    profile = profile or environ.get("MLDEPLOY_PROFILE") or None
    config = freeze(settings, file=file, stage=stage, region=region, profile=profile)
    chosen = _target(target or environ.get("MLDEPLOY_TARGET") or "aws")
    if chosen == "local" and not region:
        region_from = "the emulated AWS"  # its own region is used; no profile is read
    ttl = raw.get("stages", {}).get(origins.section, {}).get("ttl", "")
    pattern = origins.section if origins.section.endswith("*") else ""
    config = replace(
        config,
        target=chosen,
        region_from=region_from,
        ttl=ttl,
        pattern=pattern,
        architectures=_architectures(raw),
    )

    hide_variables(value for one in config.functions for _, value in one.environment)
    from mldeploy.config.batch_checks import problems_of

    raise_all(problems_of(config, origins), origins.file)
    return config


def _architectures(raw: dict[str, Any]) -> "tuple[Architecture, ...]":
    """Return the architectures of the validated file's stages."""
    default = raw.get("project", {}).get("architecture", "x86_64")
    stages = raw.get("stages", {}).values()
    return tuple({one.get("project", {}).get("architecture", default): None for one in stages})


def _region(flag: str | None, in_file: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the region, "" for the profile's, and its source."""
    named = (
        (flag, "--region"),
        (environ.get("MLDEPLOY_REGION"), "MLDEPLOY_REGION"),
        (in_file, FILE_NAME),
        (environ.get("AWS_REGION"), "AWS_REGION"),
        (environ.get("AWS_DEFAULT_REGION"), "AWS_DEFAULT_REGION"),
    )
    return next(((region, source) for region, source in named if region), ("", "the profile"))


def find_file(path: Path | None = None) -> Path:
    """Return the absolute path of mldeploy.toml: the given one, or the nearest upwards."""
    if path is not None:
        file = path / FILE_NAME if path.is_dir() else path
        if not file.is_file():
            raise MldeployError(
                NO_FILE, f"there is no {file}", "run `mldeploy init` to create a project"
            )
        return Path(os.path.abspath(file))  # noqa: PTH100 - links stay: the folder is the user's word
    found = nearest_file()
    if found is None:
        raise MldeployError(
            NO_FILE,
            f"there is no {FILE_NAME} in {Path.cwd()} or its parents",
            "run `mldeploy init` to create a project, or pass --config with the file's path",
        )
    return found


def nearest_file() -> Path | None:
    """Return the mldeploy.toml in this folder or the nearest one above, or None."""
    here = Path.cwd()
    files = (folder / FILE_NAME for folder in (here, *here.parents))
    return next((one for one in files if one.is_file()), None)


def _parse(file: Path) -> tuple[str, dict[str, Any]]:
    """Parse TOML; the error contains the line but not its text, which may be secret."""
    shown = _shown_file(file)
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        message = f"{shown} isn't TOML: it isn't UTF-8 text"
        raise MldeployError(SYNTAX, message) from error
    except OSError as error:
        raise MldeployError(NO_FILE, f"{shown} can't be read: {error.strerror}") from error
    except RecursionError as error:
        message = f"{shown} isn't valid: its values are nested too deeply"
        raise MldeployError(SYNTAX, message) from error
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        at = re.search(r"\s*\(at line (\d+), column (\d+)\)$", reason)
        if at is not None:
            reason = f"{reason[: at.start()]}\n  {shown}:{at[1]}   column {at[2]}"
        raise MldeployError(SYNTAX, f"{shown} isn't valid TOML: {reason}") from error


def _shown_file(file: Path) -> str:
    """Return a file's shortest path from the current folder."""
    here = Path.cwd()
    if file.parent == here or file.parent in here.parents or here in file.parents:
        return os.path.relpath(file, here)
    return str(file)


def _merged(
    file: Path, text: str, raw: dict[str, Any], stage: str, environ: Mapping[str, str]
) -> tuple[Any, Origins]:
    """Check file and variables separately, then merge them."""
    from mldeploy.config.checks import missing_keys
    from mldeploy.config.document import Document, Settings
    from mldeploy.config.environ import read
    from mldeploy.config.stages import section_of
    from mldeploy.config.tables import FROM_ENVIRON

    variables, names, problems = read(environ)
    sections = raw.get("stages")
    section = section_of(stage, sections if isinstance(sections, dict) else ())
    origins = Origins(_shown_file(file), raw, key_lines(text), section, names)
    _, in_file = _checked(Document, raw, origins.in_file)
    overlay, in_variables = _checked(Settings, variables, origins.in_variables, FROM_ENVIRON)
    problems = [*in_file, *problems, *in_variables]
    if not problems:
        _check_stage(stage, origins)
    problems += missing_keys(origins, " ".join(problem.advice for problem in problems))
    raise_all(problems, origins.file)

    merged = {"functions": {}, **{key: value for key, value in raw.items() if key != "stages"}}
    merged["functions"] = merged["functions"] or {DEFAULT_FUNCTION: {}}
    overrides = raw.get("stages", {}).get(section, {})
    merged = _over(merged, {key: value for key, value in overrides.items() if key != "ttl"})
    if overlay is not None:
        merged = _over(merged, overlay.model_dump(exclude_unset=True))
    settings, problems = _checked(Settings, merged, origins.anywhere)
    raise_all(problems, origins.file)
    if settings is None:  # unreachable: without settings there are problems
        settings = Settings()
    return settings, origins


def _checked(
    model: "type[Model]",
    raw: dict[str, Any],
    place: Callable[[KeyPath], str],
    context: str | None = None,
) -> "tuple[Model | None, list[Problem]]":
    """Validate, and translate the errors. Only variables (with a context) are converted."""
    from pydantic import ValidationError

    from mldeploy.config.shape import keys_at

    try:
        return model.model_validate(raw, strict=context is None, context=context), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
        return None, of_pydantic(errors, raw, place, partial(keys_at, model))


def _over(
    below: dict[str, Any], above: dict[str, Any], path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a tree of tables merged over another; lists and references are replaced as a whole."""
    merged = dict(below)
    for key, value in above.items():
        match merged.get(key), value, (*path, key):
            case _, _, ("functions", _, "environment", _):
                merged[key] = value
            case dict(under), dict(), here:
                merged[key] = _over(under, value, here)
            case _:
                merged[key] = value
    return merged


def _check_stage(stage: str, origins: Origins) -> None:
    """Refuse a stage that is probably misspelled."""
    known = tuple(origins.raw.get("stages", ()))
    if known and not origins.section and stage != DEFAULT_STAGE:
        hint = did_you_mean(stage, {*known, DEFAULT_STAGE})
        raise MldeployError(UNKNOWN_STAGE, f"no stage `{stage}` in {origins.file}", hint)


def _check_flags(stage: str, region: str, file: str) -> None:
    """Check settings that may come from outside the file."""
    from mldeploy.config import limits

    problems = []
    for what, value, check in (("stage", stage, limits.name), ("region", region, limits.region)):
        try:
            check(value)
        except ValueError as error:
            if value:  # without a region, the profile's is used
                problems.append(Problem(WRONG_VALUE, what, value, f"the {what} {error}"))
    raise_all(problems, file)


def _target(name: str) -> Target:
    """Check the target.

    Raises:
        MldeployError: MLD102.
    """
    match name:
        case "aws" | "local":
            return name
        case _:
            raise MldeployError(
                WRONG_VALUE, f"the target {name!r} is neither aws nor local", "pass --target local"
            )
