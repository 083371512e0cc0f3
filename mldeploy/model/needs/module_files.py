"""Locates the project's modules and their imports without running code."""

import ast
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import all_suffixes
from importlib.util import find_spec
from pathlib import Path

_NOT_THEIRS = {"site-packages", "dist-packages", "node_modules", "venv", "__pycache__"}
_ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
"""A folder that holds one of them is an environment (PEP 405; conda's own records)."""


@dataclass(frozen=True)
class Module:
    """A module and its location.

    Attributes:
        name: the dotted name.
        file: None for a namespace package.
        folders: of a package's modules; empty if it isn't a package.
    """

    name: str
    file: Path | None = None
    folders: tuple[Path, ...] = ()

    @property
    def key(self) -> str:
        """Its file's path below /var/task, by its name: "mypkg/steps.py"."""
        if self.file is None:
            return ""
        *above, last = self.name.split(".")
        if self.folders:
            return "/".join((*above, last, self.file.name))
        # A compiled module's name holds what it was compiled for.
        name = f"{last}.py" if self.file.suffix == ".py" else self.file.name
        return "/".join((*above, name))


def resolve(name: str, roots: Sequence[Path]) -> Module | None:
    """Return a module: as this process imported it, or else as it would be found.

    Args:
        name: dotted.
        roots: the folders to look in before those of `sys.path`.
    """
    loaded = sys.modules.get(name)
    if loaded is not None:
        file = getattr(loaded, "__file__", None)
        folders = tuple(map(Path, getattr(loaded, "__path__", ())))
        return Module(name, Path(file) if file else None, folders)
    above, _, last = name.rpartition(".")
    if above:
        package = resolve(above, roots)
        return _in_folders(name, last, package.folders) if package else None
    if name in sys.builtin_module_names:
        return None
    return _in_folders(name, name, roots) or _by_any_finder(name)


def _in_folders(name: str, last: str, folders: Iterable[Path]) -> Module | None:
    """Look as Python's own finder does: a package, a module, then a namespace."""
    portions = []
    for folder in folders:
        package = folder / last / "__init__.py"
        if package.is_file():
            return Module(name, package, (package.parent,))
        for suffix in all_suffixes():
            if (folder / f"{last}{suffix}").is_file():
                return Module(name, folder / f"{last}{suffix}")
        if (folder / last).is_dir():
            portions.append(folder / last)
    return Module(name, None, tuple(portions)) if portions else None


def _by_any_finder(name: str) -> Module | None:
    """Find a top-level module by `sys.path` and by what editable installs bring."""
    try:
        spec = find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return None
    if spec is None:
        return None
    file = Path(spec.origin) if spec.origin and spec.has_location else None
    return Module(name, file, tuple(map(Path, spec.submodule_search_locations or ())))


def is_local(path: Path, root: Path) -> bool:
    """Return whether a file or folder is the project's own: no environment's and not hidden."""
    inside = below(path, root)
    if inside is None:
        return False
    if any(part in _NOT_THEIRS or part.startswith(".") for part in inside.parts):
        return False
    folders = [root / one for one in inside.parents if one.parts]
    return not any((folder / sign).exists() for folder in folders for sign in _ENVIRONMENT)


def below(path: Path, root: Path) -> Path | None:
    """Return a path relative to a folder that holds it, with links followed or not, or None."""
    for one, folder in ((path, root), (path.resolve(), root.resolve())):
        if one.is_relative_to(folder):
            return one.relative_to(folder)
    return None


def closure(
    named: Iterable[str], find: Callable[[str], Module | None], *, skip: Iterable[str] = ()
) -> dict[str, Module]:
    """Return the modules that these names reach by imports, their packages among them.

    Args:
        named: dotted names of modules.
        find: returns one of the project's own modules, or None.
        skip: names that aren't followed.
    """
    found: dict[str, Module] = {}
    waiting, seen = list(named), set(skip)
    while waiting:
        name = waiting.pop()
        if not name or name in seen:
            continue
        seen.add(name)
        waiting.append(name.rpartition(".")[0])
        module = find(name)
        if module is not None:
            found[name] = module
            waiting += _imports_of(module)
    return found


def _imports_of(module: Module) -> list[str]:
    if module.file is None or module.file.suffix != ".py":
        return []
    package = module.name if module.folders else module.name.rpartition(".")[0]
    return sorted(imports_in(module.file, package))


def imports_in(file: Path, package: str = "") -> set[str]:
    """Return the dotted names that a file imports anywhere.

    `from a import b` returns "a" and "a.b", which may be a module or a name in one.

    Args:
        file: if it isn't valid Python of this version, it has no imports.
        package: base of relative imports; without it they are ignored.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError):
        return set()  # a template or a file for another Python version
    return {name for node in ast.walk(tree) for name in _named_by(node, package) if name}


def _named_by(node: ast.AST, package: str) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            parts = package.split(".") if package else []
            if level > len(parts):
                return  # relative to an unknown package
            above = parts[: len(parts) - level + 1] if level else []
            source = ".".join([*above, *([module] if module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in names if alias.name != "*")
        case ast.Call(
            func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name))],
        ):
            yield name
        case _:
            return
