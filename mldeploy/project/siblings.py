"""Files beside a script that it needs: modules that it imports, and data files that it names."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST = 20_000_000
"""Bytes of a data file that is copied."""
_LONGEST = 200
"""Characters of a path."""


@dataclass(frozen=True)
class Siblings:
    """Files below a script's folder, relative to it.

    Attributes:
        files: to copy with the script.
        too_large: data files that are left where they are.
    """

    files: tuple[str, ...] = ()
    too_large: tuple[str, ...] = ()


def siblings_of(tree: ast.Module, folder: Path) -> Siblings:
    """Return the files below a folder that a script needs, and those that its modules need."""
    found: dict[str, Path] = {}
    left = [tree]
    while left:
        script = left.pop()
        for path in (*_modules(script, folder), *_data(script, folder)):
            name = path.relative_to(folder).as_posix()
            if name not in found:
                found[name] = path
                left += [_parsed(path)] if path.suffix == ".py" else []
    small = {name for name, path in found.items() if path.stat().st_size <= LARGEST}
    return Siblings(tuple(sorted(small)), tuple(sorted(found.keys() - small)))


def _modules(tree: ast.Module, folder: Path) -> Iterator[Path]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                names = [one.name for one in aliases]
            case ast.ImportFrom(module=str(module)):
                names = [module]
            case _:
                continue
        for name in names:
            top = folder / name.partition(".")[0]
            if top.with_suffix(".py").is_file():
                yield top.with_suffix(".py")
            elif (top / "__init__.py").is_file():
                yield from sorted(top.rglob("*.py"))


def _data(tree: ast.Module, folder: Path) -> Iterator[Path]:
    """Yield the files whose relative paths are texts in a script."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = Path(node.value if node.value.isprintable() else "")
            inside = named.suffix and not named.is_absolute() and ".." not in named.parts
            if inside and len(node.value) < _LONGEST and (folder / named).is_file():
                yield folder / named


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])
