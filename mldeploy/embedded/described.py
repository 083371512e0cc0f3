"""What `mldeploy local` says of the embedded AWS."""

from dataclasses import dataclass

from mldeploy.embedded.keys import CREDENTIALS
from mldeploy.embedded.place import Cloud, Mode


@dataclass(frozen=True)
class RunningCloud:
    """A running embedded AWS.

    Attributes:
        endpoint: where AWS's API is called.
        functions: how functions run from now on.
        pid: the process.
        folder: its files.
        credentials: the file with its key pair.
    """

    endpoint: str
    functions: Mode
    pid: int
    folder: str
    credentials: str


@dataclass(frozen=True)
class StoppedCloud:
    """The end of an embedded AWS.

    Attributes:
        stopped: whether one was running.
    """

    stopped: bool


def described(cloud: Cloud) -> RunningCloud:
    """Return what people and programs want to know of it."""
    return RunningCloud(
        cloud.endpoint,
        cloud.runs,
        cloud.pid,
        str(cloud.folder),
        str(cloud.folder / CREDENTIALS),
    )
