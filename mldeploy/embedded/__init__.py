"""The embedded AWS of this machine: moto's server with functions that really run.

It is a separate process that outlives the command that started it. Resources use its clients and
its builder instead of AWS's and Docker's.
"""

from collections.abc import Callable
from typing import Any

from mldeploy.aws.clients import Clients
from mldeploy.aws.emulated import Emulator
from mldeploy.embedded.builder import EmbeddedBuilder
from mldeploy.embedded.control import running, started
from mldeploy.embedded.keys import load
from mldeploy.embedded.place import REGION, Cloud, Mode
from mldeploy.events import Emit, Note
from mldeploy.images.builder import Builder

_HOW = {
    Mode.CONTAINER: "as containers of their image, under Lambda's rules",
    Mode.PROCESS: "as processes in a copy of their image's files",
}


def cloud_of(emit: Emit, connect: Callable[[], Any], *, starts: bool) -> Cloud:
    """Return the embedded AWS, and describe it if it may have been started.

    Args:
        emit: receives events.
        connect: connects to the Docker engine.
        starts: whether to start it if it isn't running.

    Raises:
        MldeployError: of `control.running` or `control.started`.
    """
    cloud = started(emit, connect=connect) if starts else running()
    if starts:
        emit(
            Note(
                "target local: moto provides AWS's API and mldeploy the gateway; functions run "
                f"{_HOW[cloud.runs]}"
            )
        )
    return cloud


def embedded(
    cloud: Cloud, engine: Builder, region: str, make: Callable[..., Clients]
) -> tuple[Clients, EmbeddedBuilder]:
    """Return the clients and the builder of the embedded AWS.

    Args:
        cloud: the running embedded AWS.
        engine: builds images if functions run as containers.
        region: "" for its default.
        make: returns the clients.

    Raises:
        MldeployError: MLD614.
    """
    clients = make(region or REGION, emulator=Emulator(cloud.endpoint, load(cloud.folder)))
    return clients, EmbeddedBuilder(cloud, engine, clients)
