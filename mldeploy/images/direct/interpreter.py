"""Finds a Python on this machine with the version of the image's."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

_ASK = "import platform, sys; print('%d.%d' % sys.version_info[:2], platform.machine())"
_SECONDS = 20
_MACHINES = {"amd64": ("x86_64", "AMD64"), "arm64": ("aarch64", "arm64")}
"""Operating systems' names of architectures, by Docker's."""


@dataclass(frozen=True)
class Interpreter:
    """A Python of this machine.

    Attributes:
        program: its path.
        machine: the operating system's name of the architecture.
    """

    program: str
    machine: str

    def runs(self, architecture: str) -> bool:
        """Return whether it can load an image's libraries."""
        return sys.platform == "linux" and self.machine in _MACHINES.get(architecture, ())


@cache
def interpreter_of(version: str) -> Interpreter | None:
    """Return a Python of this minor version: the current one, or one on the PATH.

    Byte-code of another minor version isn't used, because file names contain the version.

    Args:
        version: such as "3.12".
    """
    for program in (sys.executable, shutil.which(f"python{version}")):
        found = _facts(program) if program else []
        if program and found[:1] == [version]:
            return Interpreter(program, "".join(found[1:]))
    return None


def _facts(program: str) -> list[str]:
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter of the user's
            [program, "-I", "-c", _ASK],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.split()
