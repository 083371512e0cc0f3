"""`python imports.py FOLDER ASIDE`: check that pruning broke no import.

ASIDE has the files that `prune.py` removed from FOLDER. The exit code is 1 if modules can't be
imported any more; the message names them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_TRY = """
import importlib, os, sys
results = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(name, type(error).__name__, error, file=sys.stderr)
        results.write("failed\\n")
    else:
        results.write("fine\\n")
"""


def modules(folder: Path) -> list[str]:
    """Return the names of a folder's packages and modules, sorted."""
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    single = {path.name.partition(".")[0] for path in folder.iterdir() if _is_module(path)}
    return sorted(name for name in packages | single if name.isidentifier())


def _is_module(path: Path) -> bool:
    return path.is_file() and path.suffix in {".py", ".so"}


def importable(folder: Path, names: list[str]) -> set[str]:
    """Return the names that can be imported from a folder."""
    fine: set[str] = set()
    left = names
    # Lambda sets this variable too; libgomp needs it (openmp.py).
    libraries = ":".join(filter(None, [os.environ.get("LD_LIBRARY_PATH"), f"{folder / 'lib'}"]))
    while left:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-B", "-s", "-c", _TRY, str(folder), *left],
            cwd=tempfile.gettempdir(),
            env={**os.environ, "HOME": tempfile.gettempdir(), "LD_LIBRARY_PATH": libraries},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        results = done.stdout.split()
        fine.update(name for name, how in zip(left, results, strict=False) if how == "fine")
        # An import that ends the process leaves no result; the names after it are tried next.
        left = left[len(results) + 1 :]
    return fine


def broken(folder: Path, aside: Path) -> list[str]:
    """Return the names that can be imported only with the pruned files.

    The imports run in a copy, so that files that modules write beside themselves don't get into
    the layer.
    """
    names = modules(folder)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy"
        shutil.copytree(folder, copy, symlinks=True)
        fine = importable(copy, names)
        failing = [name for name in names if name not in fine]
        if not failing or not aside.is_dir():
            return []
        shutil.copytree(aside, copy, symlinks=True, dirs_exist_ok=True)
        before = importable(copy, failing)
    return [name for name in failing if name in before]


if __name__ == "__main__":
    found = broken(Path(sys.argv[1]), Path(sys.argv[2]))
    if found:
        sys.exit(f"pruning broke the import of {', '.join(found)}")
