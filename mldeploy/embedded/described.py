"""Results of `mldeploy local`."""

from dataclasses import dataclass

from mldeploy.embedded.keys import CREDENTIALS
from mldeploy.embedded.place import Cloud, Mode


@dataclass(frozen=True)
class RunningCloud:
    """A running embedded AWS.

    Attributes:
        endpoint: URL of AWS's API.
        functions: how new functions run.
        pid: the process id.
        folder: of its files.
        credentials: the file with its key pair.
    """

    endpoint: str
    functions: Mode
    pid: int
    folder: str
    credentials: str


@dataclass(frozen=True)
class StoppedCloud:
    """The result of `mldeploy local stop`.

    Attributes:
        stopped: whether one was running.
    """

    stopped: bool


def described(cloud: Cloud) -> RunningCloud:
    """Return the description of a running embedded AWS."""
    return RunningCloud(
        cloud.endpoint,
        cloud.runs,
        cloud.pid,
        str(cloud.folder),
        str(cloud.folder / CREDENTIALS),
    )
