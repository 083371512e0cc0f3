"""Checks that the files and folders in settings exist and are inside the project."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from mldeploy.config import Config, FunctionConfig
from mldeploy.config.certificates import certificates_of
from mldeploy.config.problems import WRONG_VALUE, Origins, Problem
from mldeploy.config.task import ENDPOINT, MODEL
from mldeploy.text.visible import is_plain_name, visible_name

TAKEN = (ENDPOINT, "golden", MODEL)
"""mldeploy's own files in the image's folder."""
_MODULES = ("golden.py", "model.py")
_MODULE = re.compile(r"([A-Za-z_]\w*/)*[A-Za-z_]\w*\.py", re.ASCII)
"""A file that can be imported from the project's folder."""


def files(config: Config, origins: Origins) -> Iterator[Problem]:
    """Check the files and folders that training and the image need."""
    for index, include in enumerate(config.image.include):
        sentence = _include_problem(config.root, include)
        if sentence:
            path = ("image", "include", index)
            yield origins.problem(WRONG_VALUE, path, f"`include` in [image]: {include} {sentence}")
    yield from _modules(config, origins)
    yield from _bundles(config, origins)
    if config.image.dockerfile is not None:
        sentence = outside(config.root, config.root / config.image.dockerfile)
        if not sentence and not (config.root / config.image.dockerfile).is_file():
            sentence = "isn't a file"
        if sentence:
            text = f"`dockerfile` in [image]: {config.image.dockerfile} {sentence}"
            yield origins.problem(WRONG_VALUE, ("image", "dockerfile"), text)
    if config.image.ca_bundle is not None:
        try:
            certificates_of(Path(config.image.ca_bundle))
        except (OSError, ValueError) as error:
            reason = "isn't a file" if isinstance(error, OSError) else "contains no PEM certificate"
            sentence = f"`ca_bundle` in [image]: {config.image.ca_bundle} {reason}"
            yield origins.problem(WRONG_VALUE, ("image", "ca_bundle"), sentence)


def golden_problem(root: Path, function: FunctionConfig, first: FunctionConfig) -> str:
    """Return the problem of a function's golden file, or "".

    Args:
        root: the project's folder.
        function: to check.
        first: the first function with the same handler.
    """
    if function.custom and function.golden != first.golden:
        return f"differs from that of [functions.{first.name}], which has the same handler"
    if function.golden is None:
        return ""
    if not function.custom:
        return "requires a `handler`; the model's golden examples are in its bundle"
    path = root / function.golden
    leads_out = outside(root, path)
    if leads_out or not path.is_file():
        return f"({function.golden}) {leads_out or 'is not a file'}"
    return ""


def outside(root: Path, path: Path) -> str:
    """Return the problem of a path that is outside the project, or ""."""
    # Unlike Path.resolve(), realpath accepts circular links.
    inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
    return "" if inside else "is outside the project: a link in it leads there"


def _modules(config: Config, origins: Origins) -> Iterator[Problem]:
    """Check the modules: hooks are copied into the image like included files, `train` isn't."""
    ours: tuple[str, ...] = ("project",)
    for table, train, hooks in (
        (ours, config.train, config.hooks),
        *((("models", one.name), one.train, one.hooks) for one in config.models),
    ):
        sentence = _include_problem(config.root, hooks) if hooks else ""
        if hooks and not sentence and not _MODULE.fullmatch(hooks):
            sentence = "isn't the path of a module, such as hooks.py"
        for key, module, found in (
            ("train", train, outside(config.root, config.root / train)),
            ("hooks", hooks, sentence),
        ):
            if found:
                text = f"`{key}` in [{'.'.join(table)}]: {module} {found}"
                yield origins.problem(WRONG_VALUE, (*table, key), text)


def _bundles(config: Config, origins: Origins) -> Iterator[Problem]:
    """Refuse a bundle that is a link elsewhere: the image would get other files."""
    for name in config.used_models:
        folder = config.of_model(name).bundle
        inside = (Path(at, one) for at, _, names in os.walk(folder) for one in sorted(names))
        for path in (folder, *inside):
            sentence = outside(config.root, path)
            if sentence:
                table = ("models", name) if name else ("project",)
                text = f"the model bundle: {path.relative_to(config.root)} {sentence}"
                yield origins.problem(WRONG_VALUE, table, text)
                break


def _include_problem(root: Path, include: str) -> str:
    """Return the problem of a file or folder to include, or ""."""
    path = root / include
    parts = Path(include).parts
    if not parts:
        return "is the whole project; list only the files and folders that the model needs"
    # A module may have the name of a folder without modules: Python prefers it.
    if parts[0].removesuffix(".py") in TAKEN and (len(parts) > 1 or parts[0] not in _MODULES):
        return f"collides with mldeploy's own {parts[0].removesuffix('.py')}/ in the image"
    if not path.exists():
        return "doesn't exist"
    leads_out = outside(root, path)
    if leads_out:
        return leads_out
    if not path.is_dir():
        return "" if path.is_file() else "is neither a file nor a folder"
    return next(_problems_below(root, path), "")


def _problems_below(root: Path, top: Path) -> Iterator[str]:
    """Yield files that can't be copied into the image; byte code is skipped."""
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        for entry in (*folders, *sorted(names)):
            path, shown = Path(folder, entry), visible_name(entry)
            if not is_plain_name(entry):
                yield f"contains a name with control characters or that isn't UTF-8: {shown}"
            elif path.is_symlink() and outside(root, path):
                yield f"contains a link to a place outside the project: {shown}"
            elif path.is_symlink():
                yield f"contains a link, which can't go into the image: {shown}"
            elif not path.is_dir() and not path.is_file():
                yield f"contains something that is neither a file nor a folder: {shown}"
