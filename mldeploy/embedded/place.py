"""Where the embedded AWS keeps its files, and whether it is running."""

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
"""Where neither file nor environment names one."""
OWN = "/_mldeploy/"
"""The paths that are no API's of AWS."""


class Mode(StrEnum):
    """How functions run."""

    CONTAINER = "container"
    PROCESS = "process"

    @property
    def plural(self) -> str:
        """Several of them."""
        return "containers" if self is Mode.CONTAINER else "processes"


@dataclass(frozen=True)
class Cloud:
    """A running embedded AWS.

    Attributes:
        pid: its process.
        port: of AWS's API, on loopback.
        runs: how functions of images that are built from now on run.
        version: the mldeploy that it runs.
        folder: its files; they go when it is stopped.
    """

    pid: int
    port: int
    runs: Mode
    version: str
    folder: Path

    @property
    def endpoint(self) -> str:
        """Where AWS's API is called."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def owner(self) -> str:
        """What its containers are labelled with."""
        return owner_of(self.folder)


def owner_of(folder: Path) -> str:
    """Return what containers of the embedded AWS of a folder are labelled with."""
    return str(folder)


def home() -> Path:
    """Return the folder, which may not exist: MLDEPLOY_LOCAL_DIR or one of the user's state."""
    chosen = os.environ.get("MLDEPLOY_LOCAL_DIR")
    if not chosen:
        return state_home() / "local"
    # Itself not resolved: `private` refuses a link, behind which another folder could be.
    path = Path(chosen).absolute()
    return path.parent.resolve() / path.name


def not_own(path: Path, error: BaseException) -> MldeployError:
    """Return the error of a file or folder that can't be trusted with a cloud."""
    return MldeployError(
        "MLD614",
        f"{path} can't be used for the embedded AWS: {error}",
        "remove it, because other users could read or change it, or set MLDEPLOY_LOCAL_DIR to "
        "another folder",
    )


def require_own_folder(folder: Path) -> None:
    """Refuse a folder that another user could have put there; one that isn't there is fine.

    Raises:
        MldeployError: MLD614.
    """
    try:
        with suppress(FileNotFoundError):
            require_own(folder)
    except OSError as error:
        raise not_own(folder, error) from error


def write(cloud: Cloud) -> None:
    """Say where a cloud is, all at once."""
    draft = cloud.folder / "cloud.json.new"
    facts = {name: value for name, value in asdict(cloud).items() if name != "folder"}
    draft.write_text(json.dumps(facts), encoding="utf-8")
    draft.replace(cloud.folder / "cloud.json")


def read(folder: Path) -> Cloud | None:
    """Return the cloud of a folder, whether it lives or not; None where none was started.

    Raises:
        MldeployError: MLD614 where another user could have written what is read.
    """
    require_own_folder(folder)
    with suppress(OSError, ValueError, TypeError, KeyError):
        facts = json.loads((folder / "cloud.json").read_text(encoding="utf-8"))
        return Cloud(**{**facts, "runs": Mode(facts["runs"]), "folder": folder})
    return None


def lives(folder: Path) -> bool:
    """Return whether the process of a folder runs: it holds a lock for as long."""
    try:
        with (folder / "alive").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def claim(folder: Path) -> IO[bytes]:
    """Hold the lock of a living cloud, until the process ends.

    Raises:
        BlockingIOError: another one lives.
    """
    file = (folder / "alive").open("wb")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def remember(folder: Path, mode: Mode) -> None:
    """Keep how a user wants functions to run; it outlives the cloud.

    Raises:
        MldeployError: MLD614 where the file isn't this user's own.
    """
    path = _neighbour(folder, "functions")
    try:
        with os.fdopen(opened_own(path, os.O_WRONLY | os.O_CREAT), "w") as file:
            file.truncate()
            file.write(mode)
    except OSError as error:
        raise not_own(path, error) from error


def remembered(folder: Path) -> Mode | None:
    """Return how the user wanted functions to run the last time that they said so."""
    path = _neighbour(folder, "functions")
    with suppress(OSError, ValueError), os.fdopen(opened_own(path, os.O_RDONLY)) as file:
        return Mode(file.read().strip())
    return None


def _neighbour(folder: Path, ending: str) -> Path:
    """Return a file beside the folder: what is in it goes with the cloud."""
    return folder.parent / f"{folder.name}.{ending}"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep two commands from starting or stopping it at the same time: the second waits.

    Raises:
        MldeployError: MLD614 where the folder, or the lock beside it, isn't this user's own.
    """
    try:
        private(folder)
        lock = opened_own(_neighbour(folder, "lock"), os.O_WRONLY | os.O_CREAT)
    except OSError as error:
        raise not_own(folder, error) from error
    with os.fdopen(lock, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
