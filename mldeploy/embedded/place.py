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

from mldeploy.places import private, state_home

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
    return Path(chosen).resolve() if chosen else state_home() / "local"


def write(cloud: Cloud) -> None:
    """Say where a cloud is, all at once."""
    draft = cloud.folder / "cloud.json.new"
    facts = {name: value for name, value in asdict(cloud).items() if name != "folder"}
    draft.write_text(json.dumps(facts), encoding="utf-8")
    draft.replace(cloud.folder / "cloud.json")


def read(folder: Path) -> Cloud | None:
    """Return the cloud of a folder, whether it lives or not; None where none was started."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        facts = json.loads((folder / "cloud.json").read_text(encoding="utf-8"))
        return Cloud(**{**facts, "runs": Mode(facts["runs"]), "folder": folder})
    return None


def lives(folder: Path) -> bool:
    """Tell whether the process of a folder runs: it holds a lock for as long."""
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
    """Keep how a user wants functions to run; it outlives the cloud."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    (folder.parent / f"{folder.name}.functions").write_text(mode, encoding="utf-8")


def remembered(folder: Path) -> Mode | None:
    """Return how the user wanted functions to run the last time that they said so."""
    with suppress(OSError, ValueError):
        text = (folder.parent / f"{folder.name}.functions").read_text(encoding="utf-8")
        return Mode(text.strip())
    return None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep two commands from starting or stopping it at the same time: the second waits."""
    private(folder)
    # Beside the folder's other files, for those go with the cloud.
    with (folder.parent / f"{folder.name}.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
