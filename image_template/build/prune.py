"""`python prune.py FOLDER ASIDE`: move what no model needs at run time out of site-packages.

Tests, and what only a compiler or a type checker reads: Lambda has neither. What stays is as
carefully chosen: byte-code (starts are 2.8 times slower without), sources (a traceback shows
them), the symbols of libraries (without them OpenBLAS breaks), data sets, licences and all else
in `*.dist-info`.
"""

import ast
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

_TESTS = {"test", "tests"}
_MENTIONS_TESTS = re.compile(rb"\btests?\b")
_FOR_COMPILERS = {
    *(".a", ".c", ".cc", ".cpp", ".cu", ".cuh", ".cxx", ".h", ".hh", ".hpp", ".hxx"),
    *(".pxd", ".pxi", ".pyx", ".tp"),
}


def pruned(folder: Path) -> list[Path]:
    """Return the files that no model needs, relative to the folder and sorted.

    A test's module that another one imports stays, and so does what that one imports in turn.
    """
    files = [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if (path.is_file() or path.is_symlink()) and not _is_metadata(path.relative_to(folder))
    ]
    suites = _suites(files)
    tests = {path for path in files if _is_test(path, suites)}
    kept = _imported(folder, set(files) - tests, tests)
    return [
        path for path in files if (path in tests and path not in kept) or _for_tools(folder / path)
    ]


def _is_metadata(path: Path) -> bool:
    return path.parts[0].endswith(".dist-info")


def _suites(files: list[Path]) -> set[Path]:
    """Return the folders of tests: of that name and with code, for `test` may hold data too."""
    return {path.parent for path in files if path.suffix == ".py" and path.parent.name in _TESTS}


def _is_test(path: Path, suites: set[Path]) -> bool:
    return path.name == "conftest.py" or not suites.isdisjoint(path.parents)


def _for_tools(path: Path) -> bool:
    """Tell whether only a compiler or a type checker reads a file."""
    if path.suffix != ".pyi":
        return path.suffix in _FOR_COMPILERS
    # lazy_loader's `attach_stub` reads the stub at run time, scikit-image's for one.
    module = path.with_suffix(".py")
    return not (module.is_file() and b"attach_stub" in module.read_bytes())


def _imported(folder: Path, others: set[Path], tests: set[Path]) -> set[Path]:
    """Return those tests that the other modules import, directly or through one another.

    Such there are: numpy.testing of NumPy 2.2 imports numpy._core.tests._natype.
    """
    by_name = {_name(path): path for path in tests if path.suffix == ".py"}
    found: set[Path] = set()
    left = [path for path in others if path.suffix == ".py"]
    while left:
        path = left.pop()
        for name in _imports(folder, path):
            for part in _with_parents(name):
                if part in by_name and by_name[part] not in found:
                    found.add(by_name[part])
                    left.append(by_name[part])
    return found


def _name(path: Path) -> str:
    """Return a module's dotted name."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _imports(folder: Path, path: Path) -> Iterator[str]:
    """Yield the names that a module may import, absolute: modules, and what is taken from them."""
    source = (folder / path).read_bytes()
    if not _MENTIONS_TESTS.search(source) and not _TESTS.intersection(path.parts):
        return
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # a template, or for another Python
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                # `from . import x` in a/b.py and in a/__init__.py is about a.x.
                above = path.parts[: len(path.parts) - node.level] if node.level else ()
                base = ".".join([*above, *([node.module] if node.module else [])])
                yield from (f"{base}.{alias.name}" for alias in node.names)


def move(paths: list[Path], source: Path, target: Path) -> None:
    """Move files, given relative to both folders, and drop the folders that are empty then."""
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source / path, target / path)
    above = {parent for path in paths for parent in path.parents} - {Path()}
    for one in sorted(above, key=lambda parent: len(parent.parts), reverse=True):
        if not any((source / one).iterdir()):
            (source / one).rmdir()


def main(folder: Path, aside: Path) -> None:
    """Prune a folder and say what that came to."""
    paths = pruned(folder)
    size = sum((folder / path).lstat().st_size for path in paths)
    move(paths, folder, aside)
    print(f"pruned {len(paths)} files, {size / 1e6:.1f} MB")  # noqa: T201 - the build's log


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
