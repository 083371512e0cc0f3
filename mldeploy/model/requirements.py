"""Exact requirements: what the model imported, and what that declares to need."""

import ast
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, version
from pathlib import Path


def distributions_of(modules: Iterable[str]) -> list[str]:
    """Return the installed distributions that modules come from, with what they require.

    mldeploy itself isn't in the image and so never among them.
    """
    owners = packages_distributions()
    roots = {name for module in modules for name in owners.get(module.partition(".")[0], [])}
    found: dict[str, str] = {}
    waiting = sorted(roots)
    while waiting:
        name = waiting.pop()
        key = canonical_name(name)
        if key in found or key == "mldeploy":
            continue
        try:
            needed = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        found[key] = distribution(name).metadata["Name"]
        waiting += [one for line in needed if (one := _required_name(line))]
    return [canonical_name(name) for name in sorted(found)]


def absent_modules(present: Iterable[str]) -> list[str]:
    """Return the top-level modules of installed distributions that aren't `present`."""
    kept = set(present)
    owners = packages_distributions()
    return sorted(
        module for module, names in owners.items() if not kept & set(map(canonical_name, names))
    )


def imported_by(files: Iterable[Path]) -> set[str]:
    """Return the top-level modules that the user's files import, wherever in them."""
    found: set[str] = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def canonical_name(name: str) -> str:
    """Return a distribution's normalised name (packaging's specification of names)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _required_name(line: str) -> str:
    """Return the name of a requirement that applies here and belongs to no extra, or ""."""
    from packaging.requirements import Requirement

    requirement = Requirement(line)
    marker = requirement.marker
    return requirement.name if marker is None or marker.evaluate({"extra": ""}) else ""


def pinned(distributions: Iterable[str], extra: Iterable[str]) -> tuple[str, ...]:
    """Return `name==version` lines, sorted; an own requirement of the user's takes precedence."""
    from packaging.requirements import Requirement

    theirs = {canonical_name(Requirement(line).name): _exact(line) for line in extra}
    ours = {name: f"{name}=={version(name)}" for name in distributions}
    return tuple(line for _, line in sorted({**ours, **theirs}.items()))


def _exact(line: str) -> str:
    """Pin a requirement of the user's to what is installed here, where that satisfies it."""
    from packaging.requirements import Requirement

    requirement = Requirement(line)
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return line
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    fits = requirement.specifier.contains(installed, prereleases=True)
    return f"{canonical_name(requirement.name)}{extras}=={installed}" if fits else line
