"""`python prune.py FOLDER ASIDE`: move files that no model needs at run time out of site-packages.

These are tests, and files that only a compiler or a type checker reads. Byte-code stays (starts are
2.8 times slower without it), and so do sources (tracebacks show them), the symbols of libraries
(OpenBLAS breaks without them), data sets, licences and everything else in `*.dist-info`.
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

    A test module that another module imports stays, and so do the test modules that it imports.
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
    """Return the folders of tests: those with that name and code. Others may hold data."""
    return {path.parent for path in files if path.suffix == ".py" and path.parent.name in _TESTS}


def _is_test(path: Path, suites: set[Path]) -> bool:
    return path.name == "conftest.py" or not suites.isdisjoint(path.parents)


def _for_tools(path: Path) -> bool:
    """Return whether only a compiler or a type checker reads a file."""
    if path.suffix != ".pyi":
        return path.suffix in _FOR_COMPILERS
    # lazy_loader's `attach_stub` reads the stub at run time, for example in scikit-image.
    module = path.with_suffix(".py")
    return not (module.is_file() and b"attach_stub" in module.read_bytes())


def _imported(folder: Path, others: set[Path], tests: set[Path]) -> set[Path]:
    """Return the tests that other modules import, directly or through other tests.

    For example, numpy.testing of NumPy 2.2 imports numpy._core.tests._natype.
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
    """Yield the absolute names that a module may import: modules and their members."""
    source = (folder / path).read_bytes()
    if not _MENTIONS_TESTS.search(source) and not _TESTS.intersection(path.parts):
        return
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # a template, or code for another version of Python
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                # `from . import x` in a/b.py and in a/__init__.py imports a.x.
                above = path.parts[: len(path.parts) - node.level] if node.level else ()
                base = ".".join([*above, *([node.module] if node.module else [])])
                yield from (f"{base}.{alias.name}" for alias in node.names)


def move(paths: list[Path], source: Path, target: Path) -> None:
    """Move files, given relative to both folders, and remove folders that become empty."""
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source / path, target / path)
    above = {parent for path in paths for parent in path.parents} - {Path()}
    for parent in sorted(above, key=lambda path: len(path.parts), reverse=True):
        if not any((source / parent).iterdir()):
            (source / parent).rmdir()


def main(folder: Path, aside: Path) -> None:
    """Prune a folder, and print count and size of the pruned files."""
    paths = pruned(folder)
    size = sum((folder / path).lstat().st_size for path in paths)
    move(paths, folder, aside)
    print(f"pruned {len(paths)} files, {size / 1e6:.1f} MB")  # noqa: T201 - the build's log


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
