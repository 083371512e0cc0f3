"""A pinned uv in the user's cache: `python3 -m tools.uv` makes it and prints its path.

CI's environments are made with it, in a tenth of pip's time; it needs no package of this project.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

UV = "uv==0.13.9"


def cached(*parts: str) -> Path:
    """Return a path below the user's cache; its parent exists."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: relative paths must be ignored.
    cache = Path(home) if home.startswith("/") else Path.home() / ".cache"
    path = cache.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes out that would make the same; the file lies beside it."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def program() -> Path:
    """Return uv's path; it is installed at the first call.

    Raises:
        subprocess.CalledProcessError: pip can't install it.
    """
    folder = cached("mldeploy-tools", UV.replace("==", "-"))
    found = folder / "bin/uv"
    with locked(folder):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
            subprocess.run([*pip, "install", "--quiet", UV], check=True, stdout=sys.stderr)
            (folder / "made").touch()
    return found


def own_index() -> dict[str, str]:
    """Return the environment without the index of uv's own: pip's is that of all targets."""
    return {name: value for name, value in os.environ.items() if name != "UV_INDEX_URL"}


def installer(python: Path) -> list[str]:
    """Return the command that installs packages for a Python: by the uv that UV names, or pip."""
    if os.environ.get("UV"):
        return [os.environ["UV"], "pip", "install", "--quiet", "--python", str(python)]
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    return [*pip, "--no-compile"]


if __name__ == "__main__":
    print(program())
