"""An environment for each client, made once under `.clients` by `make clients`.

What can't be had on this machine leaves a file that says why, which the tests repeat.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".clients"
PACKAGE_JSON = HERE / "package.json"
_UV = "uv==0.13.9"
_OLDEST_NODE = 20


def requirements() -> list[Path]:
    """Return the pinned requirements of each Python environment."""
    return sorted((HERE / "requirements").glob("*.txt"))


def python_of(name: str) -> Path:
    """Return the Python of an environment."""
    return CACHE / name / "bin/python"


def missing(name: str) -> str | None:
    """Return why an environment can't be used, or None."""
    source = PACKAGE_JSON if name == "node" else HERE / f"requirements/{name}.txt"
    if _read(CACHE / name / "made-of") == _digest(source):
        return None
    return _read(CACHE / name / "why-not") or f"`make clients` hasn't made .clients/{name}"


def make_all() -> None:
    """Make what is missing or older than its requirements."""
    CACHE.mkdir(exist_ok=True)
    for file in requirements():
        _made(file.stem, _python, file)
    _made("node", _node, PACKAGE_JSON)


def _made(name: str, make: Callable[[Path, Path], None], source: Path) -> None:
    if missing(name) is None:
        return
    folder = CACHE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        make(folder, source)
    except (RuntimeError, OSError) as error:
        (folder / "why-not").write_text(f"{name}: {error}")
        print(f"clients: {name}: {error}", file=sys.stderr)  # noqa: T201 - a script
        return
    (folder / "made-of").write_text(_digest(source))


def _python(folder: Path, source: Path) -> None:
    """Make a venv with exactly these requirements."""
    uv = CACHE / "uv/bin/uv"
    if not uv.exists():
        _run(sys.executable, "-m", "venv", str(CACHE / "uv"))
        _run(str(CACHE / "uv/bin/python"), "-m", "pip", "install", "--quiet", _UV)
    _run(str(uv), "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder))
    python = str(folder / "bin/python")
    _run(
        *(str(uv), "pip", "install", "--quiet", "--python", python),
        *("--require-hashes", "--requirement", str(source)),
    )


def _node(folder: Path, source: Path) -> None:
    """Install the packages of package.json; it lists exact versions."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise RuntimeError("there is no node with npm (Debian: nodejs, npm)")
    version = _run("node", "--version").strip()
    if int(version.removeprefix("v").split(".")[0]) < _OLDEST_NODE:
        raise RuntimeError(f"the generators need node {_OLDEST_NODE} or newer; this is {version}")
    shutil.copy(source, folder)
    quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent")
    _run("npm", "install", *quiet, folder=folder)


def _run(*arguments: str, folder: Path | None = None) -> str:
    # An index in uv's variable would be another one than pip's, which the other targets use.
    environment = {name: value for name, value in os.environ.items() if name != "UV_INDEX_URL"}
    done = subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments[:3])} …: {(done.stderr or done.stdout)[-600:]}")
    return done.stdout


def _digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes() + sys.version.encode()).hexdigest()


def _read(file: Path) -> str | None:
    return file.read_text() if file.exists() else None


if __name__ == "__main__":
    make_all()
