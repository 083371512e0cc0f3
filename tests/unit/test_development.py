"""The files that development stands on agree with one another."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def in_group(name: str) -> Iterator[str]:
    """Yield the requirements of a dependency group, those of the groups that it includes, too."""
    for item in PYPROJECT["dependency-groups"][name]:
        if isinstance(item, str):
            yield item
        else:
            yield from in_group(item["include-group"])


def unpinned(requirements: Iterable[str], pins: str) -> list[str]:
    """Return the requirements that no pin satisfies."""
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s;]+)", pins, re.MULTILINE):
        versions.setdefault(canonical(name), []).append(version)
    return [
        text
        for text in requirements
        for wanted in [Requirement(text)]
        if not any(wanted.specifier.contains(v) for v in versions.get(canonical(wanted.name), []))
    ]


def canonical(name: str) -> str:
    """Return a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_pins_satisfy_what_pyproject_asks_for() -> None:
    """requirements-dev.txt was made anew after the last change of a requirement."""
    pins = (ROOT / "requirements-dev.txt").read_text()
    wanted = [*PYPROJECT["project"]["dependencies"], *in_group("dev")]
    assert not unpinned(wanted, pins)
    assert unpinned(["pytest>=99", "nobody-has-this"], pins) == ["pytest>=99", "nobody-has-this"]


def test_the_pins_name_no_index() -> None:
    """Whoever installs them takes them from an index of their own choice."""
    assert not re.findall(r"https?:\S+", (ROOT / "requirements-dev.txt").read_text())
