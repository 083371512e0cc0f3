"""Peers from PyPI, each in its own environment, in a cache folder."""

import os
import subprocess
import sys
import venv
from pathlib import Path

SAM = ("sam", "aws-sam-cli==1.170.0")
CHALICE = ("chalice", "chalice==1.34.0")


def cache_folder() -> Path:
    """Return the cache folder of environments and bundles, which may be deleted at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mldeploy-benchmarks"


def console_script(peer: tuple[str, str]) -> Path | None:
    """Return a peer's command, or print the reason and return None if PyPI is unreachable."""
    program, requirement = peer
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder = cache_folder() / f"{requirement.replace('==', '-')}-py{version}"
    stamp = folder / "installed"
    if not stamp.exists():
        print(f"  installing {requirement} into {folder} …", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "install", requirement], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"  {requirement} is left out: it couldn't be installed\n{done.stderr[-500:]}")
            return None
        stamp.touch()
    return folder / "bin" / program
