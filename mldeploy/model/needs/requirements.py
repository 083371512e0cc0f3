"""Exact requirements: what the model imported, and what that declares to need."""

import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import TYPE_CHECKING

from mldeploy.config.requirement import canonical_name
from mldeploy.errors import MldeployError
from mldeploy.model.forms import COMPILED, Framework
from mldeploy.model.needs.installed import names_by_module
from mldeploy.model.needs.module_files import imports_in, resolve
from mldeploy.model.needs.sources import editable_below

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_NAME = re.compile(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", re.ASCII)
_OWN = "mldeploy"
"""It isn't in the image, and what it needs isn't either."""


def modules_needed(named: Iterable[str], framework: Framework, dtypes: Iterable[str]) -> set[str]:
    """Return the modules that a model always needs: to load it, and to create tables.

    Args:
        named: in its pickle.
        framework: of the served form.
        dtypes: of its DataFrame's columns; empty for an array.
    """
    if framework is COMPILED:  # without the estimator, whatever its pickle names
        return {framework.loader}
    needed = {framework.loader, *named}
    for dtype in dtypes:
        needed.add("pandas")
        if dtype.startswith("datetime64[") and ", " in dtype:
            needed.add("tzdata")  # the image's system may have no time zone database
        if dtype.endswith("[pyarrow]"):
            needed.add("pyarrow")
    return needed


def distributions_of(
    modules: Iterable[str], extra: Iterable[str] = (), root: Path | None = None
) -> list[str]:
    """Return the installed distributions of modules, with their requirements.

    Args:
        modules: names of modules in the pickle and the user's files.
        extra: the user's requirement lines, whose requirements are included.
        root: the project's folder. Editable installs below it are local modules: their
            requirements are included, but they themselves aren't.
    """
    from packaging.requirements import Requirement

    modules = list(modules)
    projects = editable_below(root) if root else {}
    roots = {name for module in modules for name in _owners_of(module)}
    roots |= {name for module in modules for name in _editables_of(module, projects)}
    waiting = [Requirement(name) for name in sorted(roots)]
    waiting += [one for line in extra if _applies(one := Requirement(line))]
    found: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        key = canonical_name(wanted.name)
        extras = frozenset(wanted.extras)
        if (key, extras) in seen or key == _OWN:
            continue
        seen.add((key, extras))
        try:
            needed = distribution(wanted.name).requires or []
        except PackageNotFoundError:
            continue
        found.add(key)
        waiting += [one for line in needed if _applies(one := Requirement(line), extras)]
    return sorted(found - projects.keys())


def owners_of_modules() -> dict[str, list[str]]:
    """Return the installed distributions of each top-level module, by normalised names."""
    return _owners_on(tuple((entry, _written(entry)) for entry in sys.path))


@cache
def _owners_on(path: tuple[tuple[str, int], ...]) -> dict[str, list[str]]:
    """Read every distribution's list of files: 0.03 s, several times a training.

    Args:
        path: `sys.path` with the times when the folders were last written to.
    """
    del path
    # A damaged distribution has no name, or one that pip has renamed to "~umpy".
    return {
        module: sorted({canonical_name(one) for one in names if one and _NAME.fullmatch(one)})
        for module, names in names_by_module().items()
    }


def _written(entry: str) -> int:
    try:
        return Path(entry or ".").stat().st_mtime_ns
    except OSError:
        return 0


def _owners_of(module: str) -> list[str]:
    """Return the distributions of a module: of a namespace package, those that hold it."""
    owners = owners_of_modules().get(module.partition(".")[0], [])
    path = module.replace(".", "/")
    while len(owners) > 1 and "/" in path:
        holding = [name for name in owners if _holds(name, path)]
        if holding:
            return holding
        path = path.rpartition("/")[0]
    return owners


def _holds(name: str, path: str) -> bool:
    """Return whether a distribution has the file of a module; `path` has no ending."""
    files = map(str, distribution(name).files or ())
    return any(one.startswith((f"{path}.", f"{path}/__init__.")) for one in files)


def _editables_of(module: str, projects: Mapping[str, Path]) -> list[str]:
    """Return the editable installs that a module comes from, the innermost folder's."""
    found = resolve(module.partition(".")[0], ()) if projects else None
    places = [one for one in (found.file, *found.folders) if one] if found else []
    holding = {
        name: len(folder.parts)
        for name, folder in projects.items()
        if any(one.resolve().is_relative_to(folder) for one in places)
    }
    return [name for name, depth in holding.items() if depth == max(holding.values())]


def _applies(requirement: "Requirement", extras: Iterable[str] = ()) -> bool:
    """Return whether a requirement's marker holds here, with those extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": one}) for one in ("", *extras))


def absent_modules(present: Iterable[str]) -> list[str]:
    """Return the top-level modules of installed distributions that aren't `present`."""
    kept = set(present)
    owners = owners_of_modules()
    return sorted(module for module, names in owners.items() if not kept & set(names))


def optional_modules(present: Iterable[str], loaded: Iterable[str]) -> list[str]:
    """Return the `loaded` modules that what is `present` declares to need optionally, sorted.

    scikit-learn comes first: the models of other libraries that speak its API are built on it.
    """
    from packaging.requirements import Requirement

    kept = set(present)
    declared = (line for name in kept for line in distribution(name).requires or [])
    extras = {
        canonical_name(one.name)
        for line in declared
        if (one := Requirement(line)).marker is not None and not _applies(one)
    }
    owners = owners_of_modules()
    found = {module for module in loaded if (extras - kept) & set(owners.get(module, []))}
    return sorted(found, key=lambda module: (module != "sklearn", module))


def imported_by(files: Iterable[Path]) -> set[str]:
    """Return the modules that the user's files import, wherever in them, by dotted names."""
    return {name for path in files for name in imports_in(path)}


def pinned(distributions: Iterable[str], extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Return `name==version` lines, sorted, including the user's requirements.

    Raises:
        MldeployError: MLD231 for a requirement of the user's that can't be locked.
    """
    from packaging.requirements import Requirement

    ours = {name: f"{name}=={version(name)}" for name in distributions}
    theirs = {
        canonical_name(one.name): _exact(line, one)
        for line in extra
        if _applies(one := Requirement(line))
    }
    return tuple(line for _, line in sorted({**ours, **theirs}.items()))


def _exact(line: str, requirement: "Requirement") -> str:
    """Pin a user's requirement to the installed version; exact ones and URLs aren't changed."""
    if requirement.url:
        return line.partition(" ;")[0].strip()
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        installed = ""
    if installed and requirement.specifier.contains(installed, prereleases=True):
        return f"{canonical_name(requirement.name)}=={installed}"
    exact = len(requirement.specifier) == 1 and next(iter(requirement.specifier)).operator == "=="
    if not installed and exact:
        return line.partition(";")[0].strip()
    has = f"{requirement.name} {installed} is" if installed else f"{requirement.name} isn't"
    raise MldeployError(
        "MLD231",
        f"[image] requirements: {line!r} can't be locked to a version: {has} installed here",
        f"pip install {line!r} and train again",
    )
