"""Installs an image's requirements into a folder, for the image's platform."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path

from mldeploy.config.requirement import bare
from mldeploy.errors import MldeployError, disk_full
from mldeploy.events import Emit, Progress
from mldeploy.images.context import require_hashes
from mldeploy.images.docker.errors import build_error
from mldeploy.images.layout import BUILD, DOCKERFILE, REQUIREMENTS
from mldeploy.images.spec import PLATFORMS, Content, ImageSpec
from mldeploy.model.needs.installable import Index, Target

_LAST_LINES = 25
_SCRIPTS = "bin"
"""Where pip puts scripts, which contain the path of pip's Python."""
_NO_ROOM = 1_000_000
"""Bytes. pip writes downloads in smaller parts."""


def install(spec: ImageSpec, task: Path, emit: Emit) -> None:
    """Install the requirements as the Dockerfile does, without running any of their code.

    Args:
        spec: the image's recipe.
        task: a new folder that represents /var/task.
        emit: receives pip's output.

    Raises:
        MldeployError: MLD302 where pip fails, MLD327 without the wheels' hashes, MLD328 where the
            index gives other wheels, MLD620 without room.
    """
    require_hashes(spec)
    text = content_of(spec, REQUIREMENTS)
    if not any(map(bare, text.decode().splitlines())):
        task.mkdir(parents=True, exist_ok=True)
        return
    architecture = next(name for name, one in PLATFORMS.items() if one == spec.platform)
    target = Target(spec.python, architecture)
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / REQUIREMENTS
        listed.write_bytes(text)
        command = [
            *(sys.executable, "-P", "-m", "pip", "install", "--no-deps", "--no-compile"),
            "--no-input",
            *("--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"),
            *("--ignore-installed", "--no-color", "--progress-bar", "off"),
            *("--implementation", "cp", "--python-version", target.python),
            *(part for tag in target.tags() for part in ("--platform", tag)),
            *("--target", str(task), "--requirement", str(listed)),
        ]
        _run(command, spec, emit)
    _drop_scripts(task)


def _drop_scripts(task: Path) -> None:
    """Remove pip's scripts and their lines in RECORD (PyPA's specification, "RECORD file")."""
    shutil.rmtree(task / _SCRIPTS, ignore_errors=True)
    for record in task.glob("*.dist-info/RECORD"):
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = (line for line in lines if not line.startswith(f"../../{_SCRIPTS}/"))
        record.write_text("".join(kept), encoding="utf-8", newline="")


def _run(command: list[str], spec: ImageSpec, emit: Emit) -> None:
    index = Index(spec.index_url, ca_bundle=spec.ca_bundle)
    lines: deque[str] = deque(maxlen=_LAST_LINES)
    full = False
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=index.environ(),
    ) as pip:
        for line in pip.stdout or ():
            lines.append(line.rstrip())
            # With its cache, pip calls a download incomplete that found no room.
            full = full or shutil.disk_usage(tempfile.gettempdir()).free < _NO_ROOM
            emit(Progress("build", line.strip()[:120]))
    if pip.returncode:
        if full:
            lines.append(os.strerror(errno.ENOSPC))
        raise _ended(spec, f"pip failed with exit code {pip.returncode}", lines)


def _ended(spec: ImageSpec, why: str, lines: deque[str]) -> MldeployError:
    """Return the error of a process that failed: a full disk is this machine's, not an engine's."""
    return disk_full(OSError("\n".join(lines))) or build_error(spec, why, lines)


def content_of(spec: ImageSpec, name: str) -> bytes:
    """Return the content of a file in the build context, or b"" if there is none."""
    content: Content = dict(spec.files).get(name, b"")
    return content if isinstance(content, bytes) else content.read_bytes()


def run_program(python: str, name: str, spec: ImageSpec, *arguments: Path) -> None:
    """Run one of the image's build programs, as the Dockerfile does.

    Args:
        python: the interpreter.
        name: such as "settle.py".
        spec: the recipe, whose build context contains the program.
        arguments: of the program.

    Raises:
        MldeployError: MLD302 where it fails, MLD620 without room.
    """
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / name
        program.write_bytes(content_of(spec, f"{BUILD}/{name}"))
        done = subprocess.run(  # noqa: S603 - our own program
            [python, "-s", "-E", "-P", str(program), *map(str, arguments)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:]
        raise _ended(spec, f"{name} failed with exit code {done.returncode}", deque(lines))


def has(spec: ImageSpec, name: str) -> bool:
    """Return whether the recipe contains a build program."""
    return f"{BUILD}/{name}" in dict(spec.files)


def require_supported(spec: ImageSpec, ours: Path) -> None:
    """Refuse recipes that need an engine.

    Args:
        spec: the image's recipe.
        ours: the package's Dockerfile.

    Raises:
        MldeployError: MLD361 for a Dockerfile of the user's own.
    """
    given = dict(spec.files).get(DOCKERFILE)
    if isinstance(given, Path) and given.resolve() != ours.resolve():
        raise MldeployError(
            "MLD361",
            f"building your own {given.name} requires a Docker engine",
            "build with Docker (--builder docker), or remove [image] dockerfile",
        )
