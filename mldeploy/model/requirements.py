"""Exact requirements: what the model imported, and what that declares to need."""

import ast
import re
import warnings
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, version
from pathlib import Path
from typing import TYPE_CHECKING

from mldeploy.errors import MldeployError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_OWN = "mldeploy"
"""It isn't in the image, and what it needs isn't either."""


_LOADERS = {"sklearn": "joblib", "onnx": "onnxruntime"}
"""What loads the models of a framework in the image."""


def modules_needed(named: Iterable[str], framework: str, *, frame: bool) -> set[str]:
    """Return the modules that a model needs for sure: to load it, and to make a table of rows.

    Args:
        named: by its pickle.
        framework: of model.json.
        frame: whether it takes a DataFrame.
    """
    return {_LOADERS[framework], *named} | ({"pandas"} if frame else set())


def distributions_of(modules: Iterable[str], extra: Iterable[str] = ()) -> list[str]:
    """Return the installed distributions that modules come from, with what they require.

    Args:
        modules: names of modules, as the pickle and the user's files have them.
        extra: the user's own requirement lines, whose needs are wanted too.
    """
    from packaging.requirements import Requirement

    owners = packages_distributions()
    roots = {name for module in modules for name in owners.get(module.partition(".")[0], [])}
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
    return sorted(found)


def _applies(requirement: "Requirement", extras: Iterable[str] = ()) -> bool:
    """Tell whether a requirement's marker holds here, with those extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": one}) for one in ("", *extras))


def absent_modules(present: Iterable[str]) -> list[str]:
    """Return the top-level modules of installed distributions that aren't `present`."""
    kept = set(present)
    owners = packages_distributions()
    return sorted(
        module for module, names in owners.items() if not kept & set(map(canonical_name, names))
    )


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
    owners = packages_distributions()
    found = {
        module
        for module in loaded
        if (extras - kept) & set(map(canonical_name, owners.get(module, [])))
    }
    return sorted(found, key=lambda module: (module != "sklearn", module))


def imported_by(files: Iterable[Path]) -> set[str]:
    """Return the top-level modules that the user's files import, wherever in them."""
    found: set[str] = set()
    for path in files:
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            continue  # a template or a file for another Python; importing it would tell
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def canonical_name(name: str) -> str:
    """Return a distribution's normalised name (packaging's specification of names)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(distributions: Iterable[str], extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Return `name==version` lines, sorted, the user's own requirements among them.

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
    """Lock a requirement of the user's to what is installed here; an exact one stands."""
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        installed = ""
    if installed and requirement.specifier.contains(installed, prereleases=True):
        return f"{canonical_name(requirement.name)}=={installed}"
    exact = len(requirement.specifier) == 1 and next(iter(requirement.specifier)).operator == "=="
    if not installed and (exact or requirement.url):
        return line.partition(";")[0].strip()
    has = f"{requirement.name} {installed} is" if installed else f"{requirement.name} isn't"
    raise MldeployError(
        "MLD231",
        f"[image] requirements: {line!r} can't be locked to a version: {has} installed here",
        f"pip install {line!r} and train again",
    )
