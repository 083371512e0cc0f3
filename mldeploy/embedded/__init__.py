"""An AWS on this machine: moto's server answers its API, and the functions really run.

It is a process of its own that outlives the command which started it. The resources don't know it:
they get its clients and its builder instead of AWS's and Docker's.
"""

from mldeploy.aws.clients import Clients
from mldeploy.aws.emulated import Emulator
from mldeploy.embedded.builder import EmbeddedBuilder
from mldeploy.embedded.control import running, started
from mldeploy.embedded.keys import load
from mldeploy.embedded.place import REGION, Mode
from mldeploy.events import Emit, Note
from mldeploy.images.builder import Builder

_HOW = {
    Mode.CONTAINER: "as containers of their image, under Lambda's rules",
    Mode.PROCESS: "as processes in a copy of what their image would hold",
}


def embedded(
    region: str, emit: Emit, engine: Builder, *, starts: bool
) -> tuple[Clients, EmbeddedBuilder]:
    """Return the clients and the builder of the embedded AWS.

    Args:
        region: "" for its own.
        emit: takes events.
        engine: makes images where functions run as containers.
        starts: whether it is started where it isn't running.

    Raises:
        MldeployError: of `control.running` or `control.started`, and MLD614.
    """
    cloud = started(emit) if starts else running()
    if starts:
        emit(
            Note(
                "target local: AWS's API is moto's, the gateway mldeploy's own; "
                f"functions run {_HOW[cloud.runs]}"
            )
        )
    clients = Clients(
        region or REGION, emit=emit, emulator=Emulator(cloud.endpoint, load(cloud.folder))
    )
    return clients, EmbeddedBuilder(cloud, engine, clients)
