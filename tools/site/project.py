"""What commands print in the tutorial's project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
_NOBODY = "http://127.0.0.1:9/simple"
"""An index where nobody listens: training goes on, with a warning, and needs no network."""


@contextmanager
def tutorial() -> Iterator[Path]:
    """Give a copy of the tutorial's project."""
    with tempfile.TemporaryDirectory(prefix="mldeploy-site-") as scratch:
        folder = Path(scratch) / "iris"
        ignored = shutil.ignore_patterns("model", "__pycache__")
        shutil.copytree(ROOT / "examples" / "iris", folder, ignore=ignored)
        yield folder


def environment(**more: str) -> dict[str, str]:
    """Return variables for a command that uses neither this shell's settings nor a network."""
    ours = ("MLDEPLOY", "AWS")
    kept = {name: one for name, one in os.environ.items() if not name.startswith(ours)}
    return {**kept, "AWS_REGION": "eu-central-1", "MLDEPLOY_IMAGE__INDEX_URL": _NOBODY, **more}


@cache
def output(*arguments: str) -> str:
    """Return what a command prints to stdout in the tutorial's project.

    Raises:
        CalledProcessError: it failed.
    """
    with tutorial() as folder:
        return run(folder, *arguments)


def run(folder: Path, *arguments: str, **variables: str) -> str:
    """Run a command in a folder and return its stdout.

    Raises:
        CalledProcessError: it failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", *arguments],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    return done.stdout
