"""The embedded AWS's files, and whether it is running."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from mldeploy.errors import MldeployError
from mldeploy.files.places import opened_own, private, require_own, state_home

LOOPBACK = "127.0.0.1"
REGION = "us-east-1"
"""The region if neither file nor environment specifies one."""
OWN = "/_mldeploy/"
"""The paths that don't belong to an AWS API."""


class Mode(StrEnum):
    """How to run functions."""

    CONTAINER = "container"
    PROCESS = "process"

    @property
    def plural(self) -> str:
        """The mode's plural."""
        return "containers" if self is Mode.CONTAINER else "processes"


@dataclass(frozen=True)
class Cloud:
    """A running embedded AWS.

    Attributes:
        pid: its process id.
        port: of AWS's API, on loopback.
        runs: how functions of new images run.
        version: its version of mldeploy.
        folder: of its files, which are removed when it is stopped.
    """

    pid: int
    port: int
    runs: Mode
    version: str
    folder: Path

    @property
    def endpoint(self) -> str:
        """The URL of AWS's API."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def owner(self) -> str:
        """The owner label of its containers."""
        return owner_of(self.folder)


def owner_of(folder: Path) -> str:
    """Return the owner label of the containers of a folder's embedded AWS."""
    return str(folder)


def home() -> Path:
    """Return the folder, which may not exist: MLDEPLOY_LOCAL_DIR or one in the user's state."""
    chosen = os.environ.get("MLDEPLOY_LOCAL_DIR")
    if not chosen:
        return state_home() / "local"
    # The folder itself isn't resolved, because `private` refuses links.
    path = Path(chosen).absolute()
    return path.parent.resolve() / path.name


def not_own(path: Path, error: BaseException) -> MldeployError:
    """Return the error for a file or folder that can't be trusted."""
    return MldeployError(
        "MLD614",
        f"{path} can't be used for the embedded AWS: {error}",
        "remove it, because other users could read or change it, or set MLDEPLOY_LOCAL_DIR to "
        "another folder",
    )


def require_own_folder(folder: Path) -> None:
    """Refuse a folder that another user could have created; a missing one is accepted.

    Raises:
        MldeployError: MLD614.
    """
    try:
        with suppress(FileNotFoundError):
            require_own(folder)
    except OSError as error:
        raise not_own(folder, error) from error


def write(cloud: Cloud) -> None:
    """Write a cloud's data atomically."""
    draft = cloud.folder / "cloud.json.new"
    facts = {name: value for name, value in asdict(cloud).items() if name != "folder"}
    draft.write_text(json.dumps(facts), encoding="utf-8")
    draft.replace(cloud.folder / "cloud.json")


def read(folder: Path) -> Cloud | None:
    """Return a folder's cloud, running or not; None if none was started.

    Raises:
        MldeployError: MLD614 if another user could have written the file.
    """
    require_own_folder(folder)
    with suppress(OSError, ValueError, TypeError, KeyError):
        facts = json.loads((folder / "cloud.json").read_text(encoding="utf-8"))
        return Cloud(**{**facts, "runs": Mode(facts["runs"]), "folder": folder})
    return None


def lives(folder: Path) -> bool:
    """Return whether a folder's process is running, by the lock that it holds."""
    try:
        with (folder / "alive").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def claim(folder: Path) -> IO[bytes]:
    """Hold the lock of a running cloud until the process ends.

    Raises:
        BlockingIOError: another one is running.
    """
    file = (folder / "alive").open("wb")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def remember(folder: Path, mode: Mode) -> None:
    """Store how the user wants to run functions, also for later clouds.

    Raises:
        MldeployError: MLD614 if the file isn't this user's.
    """
    path = _neighbour(folder, "functions")
    try:
        with os.fdopen(opened_own(path, os.O_WRONLY | os.O_CREAT), "w") as file:
            file.truncate()
            file.write(mode)
    except OSError as error:
        raise not_own(path, error) from error


def remembered(folder: Path) -> Mode | None:
    """Return how the user last chose to run functions."""
    path = _neighbour(folder, "functions")
    with suppress(OSError, ValueError), os.fdopen(opened_own(path, os.O_RDONLY)) as file:
        return Mode(file.read().strip())
    return None


def _neighbour(folder: Path, ending: str) -> Path:
    """Return a file next to the folder, whose own files are removed with the cloud."""
    return folder.parent / f"{folder.name}.{ending}"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let only one command at a time start or stop it; others wait.

    Raises:
        MldeployError: MLD614 if the folder or its lock file isn't this user's.
    """
    try:
        private(folder)
        lock = opened_own(_neighbour(folder, "lock"), os.O_WRONLY | os.O_CREAT)
    except OSError as error:
        raise not_own(folder, error) from error
    with os.fdopen(lock, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
