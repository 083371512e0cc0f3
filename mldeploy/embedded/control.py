"""Starts, finds and stops the embedded AWS."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mldeploy import __version__
from mldeploy.aws.clients import Clients
from mldeploy.aws.emulated import Emulator
from mldeploy.embedded.keys import CREDENTIALS, load
from mldeploy.embedded.place import (
    OWN,
    REGION,
    Cloud,
    Mode,
    alone,
    home,
    lives,
    owner_of,
    read,
    remember,
    remembered,
)
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Finished, Note, Started
from mldeploy.http.call import call
from mldeploy.images.docker.connection import connect
from mldeploy.images.docker.running import remove_containers
from mldeploy.local.ways.runnable import require_runtime_client

_STARTS = 60.0
_ENDS = 15.0
_ANSWERS = 10.0
_OK = 200
_LOG = "log.txt"


def running(patience: float = _ANSWERS) -> Cloud:
    """Return the embedded AWS.

    Args:
        patience: timeout of its response in seconds.

    Raises:
            MldeployError: MLD610 if it isn't running, MLD611 if it doesn't respond, MLD614 or
                MLD615 if it isn't this user's.
    """
    folder = home()
    cloud = read(folder)
    if cloud is None or not lives(folder):
        ended = " any more: its process has ended, and its deployments are lost" if cloud else ""
        raise MldeployError(
            "MLD610",
            f"the embedded AWS isn't running{ended}",
            "run `mldeploy deploy --target local` to start it",
        )
    _require_answer(cloud, patience)
    return cloud


def _require_answer(cloud: Cloud, patience: float = _ANSWERS) -> None:
    clients = Clients(REGION, emulator=Emulator(cloud.endpoint, load(cloud.folder)))
    url = f"{cloud.endpoint}{OWN}health"
    headers = clients.signed_headers("mldeploy", "GET", url, b"", {})
    try:
        answer = call("GET", url, None, headers, timeout=patience)
    except MldeployError as error:
        raise MldeployError(
            "MLD611",
            f"the embedded AWS (process {cloud.pid}) doesn't answer on port {cloud.port}",
            f"run `mldeploy local stop`; its log is {cloud.folder / _LOG}",
        ) from error
    if answer.status != _OK:
        raise MldeployError(
            "MLD615",
            f"the embedded AWS on port {cloud.port} refuses the key pair of {cloud.folder}",
            "run `mldeploy local stop`; the next deploy starts a new one",
        )


def started(emit: Emit, wanted: Mode | None = None, connect: Callable[[], Any] = connect) -> Cloud:
    """Return the embedded AWS, starting it if necessary.

    Args:
        emit: receives events.
        wanted: how to run functions; if None as in the last start, by default as
            containers if Docker is running.
        connect: connects to the Docker engine.

    Raises:
        MldeployError: MLD301 if containers are requested and no engine is running, MLD602 if
            processes can't run here, MLD611, MLD612 if it doesn't start, MLD613 without moto,
            MLD614, MLD615.
    """
    folder = home()
    with alone(folder):
        if wanted is not None:
            remember(folder, wanted)
        cloud = read(folder)
        if cloud is not None and lives(folder):
            _require_answer(cloud)
            _tell_of_others(cloud, wanted, emit)
            return cloud
        if cloud is not None:
            emit(Note("the embedded AWS ended without being stopped; it starts empty"))
        _require_moto()
        mode = remembered(folder) or _possible(connect)
        _require_possible(mode, connect)
        _clear(folder)
        return _start(folder, mode, emit)


def _require_possible(mode: Mode, connect: Callable[[], Any]) -> None:
    match mode:
        case Mode.CONTAINER:
            try:
                connect()
            except MldeployError as error:
                error.hint += (
                    "; or run `mldeploy local start --functions process`, which doesn't need Docker"
                )
                raise
        case Mode.PROCESS:
            require_runtime_client()


def _tell_of_others(cloud: Cloud, wanted: Mode | None, emit: Emit) -> None:
    if wanted not in {None, cloud.runs}:
        emit(
            Note(
                f"it is already running, with functions as {cloud.runs.plural}; run `mldeploy "
                "local stop` first",
                "warning",
            )
        )
    if cloud.version != __version__:
        emit(Note(f"mldeploy {cloud.version} started the embedded AWS; this is {__version__}"))


def _require_moto() -> None:
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        raise MldeployError(
            "MLD613",
            "the embedded AWS requires moto's server, which isn't installed",
            "pip install 'mldeploy[local]'",
        )


def _possible(connect: Callable[[], Any]) -> Mode:
    """Return how functions can run on this machine."""
    try:
        connect()
    except MldeployError:
        return Mode.PROCESS
    return Mode.CONTAINER


def _start(folder: Path, mode: Mode, emit: Emit) -> Cloud:
    step, began = "start the embedded AWS", time.monotonic()
    emit(Started(step))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-P", "-m", "mldeploy.embedded", str(folder), mode],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # it outlives this command and its Ctrl-C
        )
    try:
        cloud = _awaited(folder, process)
    except BaseException:
        process.kill()
        raise
    emit(Finished(step, time.monotonic() - began, f"functions run as {mode.plural}"))
    return cloud


def _awaited(folder: Path, process: "subprocess.Popen[bytes]") -> Cloud:
    until = time.monotonic() + _STARTS
    while time.monotonic() < until and process.poll() is None:
        cloud = read(folder)
        if cloud is not None:
            _require_answer(cloud)
            return cloud
        time.sleep(0.05)
    lines = (folder / _LOG).read_text("utf-8", "replace").splitlines()[-15:]
    raise MldeployError(
        "MLD612",
        "the embedded AWS didn't start",
        f"see its log: {folder / _LOG}",
        details=tuple(("log", line) for line in lines),
    )


def stop(patience: float = _ENDS) -> Cloud | None:
    """End the embedded AWS with everything deployed to it; return None if there was none.

    Args:
        patience: seconds until it is killed.
    """
    folder = home()
    with alone(folder):
        cloud = read(folder)
        if cloud is not None and lives(folder):
            _end(cloud, patience)
        _clear(folder)
        # Other files in a folder chosen by the user aren't mldeploy's.
        (folder / _LOG).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()
        return cloud


def _end(cloud: Cloud, patience: float) -> None:
    with suppress(ProcessLookupError):
        os.kill(cloud.pid, signal.SIGTERM)
    until = time.monotonic() + patience
    while lives(cloud.folder) and time.monotonic() < until:
        time.sleep(0.05)
    if lives(cloud.folder):
        with suppress(ProcessLookupError):
            os.kill(cloud.pid, signal.SIGKILL)


def _clear(folder: Path) -> None:
    """Remove the leftovers of an ended cloud: its containers, images and files."""
    with suppress(MldeployError):  # without an engine no containers are running
        remove_containers(owner_of(folder))
    for name in ("cloud.json", "cloud.json.new", "alive", CREDENTIALS):
        (folder / name).unlink(missing_ok=True)
    for name in ("blobs", "images"):
        shutil.rmtree(folder / name, ignore_errors=True)
