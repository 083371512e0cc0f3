"""The process of the embedded AWS: `python -m mldeploy.embedded FOLDER MODE`."""

import os
import signal
import sys
import threading
import traceback
from functools import partial
from pathlib import Path
from typing import Any

from mldeploy import __version__
from mldeploy.aws.clients import Clients
from mldeploy.aws.emulated import Emulator
from mldeploy.aws.signatures import KeyPair
from mldeploy.embedded.application import Application
from mldeploy.embedded.functions import Functions
from mldeploy.embedded.gaps import Gaps
from mldeploy.embedded.gateways import Gateways
from mldeploy.embedded.guarded import Guarded
from mldeploy.embedded.keys import make, token
from mldeploy.embedded.place import LOOPBACK, Cloud, Mode, claim, write
from mldeploy.local.servers.limits import LimitedHandler, LimitedServer

_TIDIES = 5.0
"""Seconds between looks for environments that nobody needs."""


class Regions:
    """The clients by region; they remember what they read until something changes."""

    def __init__(self, keys: KeyPair) -> None:
        self.endpoint = ""
        self._keys = keys
        self._lock = threading.Lock()
        self._known: dict[str, Clients] = {}

    def clients(self, region: str) -> Clients:
        """Return a region's."""
        with self._lock:
            if region not in self._known:
                emulator = Emulator(self.endpoint, self._keys)
                self._known[region] = Clients(region, emulator=emulator)
            return self._known[region]

    def forget(self) -> None:
        """Forget what was read."""
        for one in list(self._known.values()):
            one.observation.again()


def serve(folder: Path, mode: Mode) -> None:
    """Run until SIGTERM."""
    lock = claim(folder)
    keys = make(folder)
    regions = Regions(keys)
    functions = Functions(regions.clients, folder)
    gateways = Gateways(regions.clients, functions, keys)
    gaps = Gaps(partial(token, keys))
    inner = Application(_moto(gateways, functions), functions, gaps, folder, regions.forget)
    server = _server(Guarded(inner, keys))
    cloud = Cloud(os.getpid(), server.port, mode, __version__, folder)
    regions.endpoint = cloud.endpoint
    threading.Thread(target=server.serve_forever, daemon=True).start()
    write(cloud)
    ends = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ends.set())
    # In a thread of its own: it may wait for a function, and SIGTERM doesn't.
    threading.Thread(target=tidy_up, args=(functions, ends), daemon=True).start()
    ends.wait()
    server.shutdown()
    gateways.end()
    functions.end()
    lock.close()


def tidy_up(functions: Functions, ends: threading.Event, every: float = _TIDIES) -> None:
    """End what nobody needs; what goes wrong with it is logged, and ends nothing else."""
    while not ends.wait(every):
        try:
            functions.tidy()
        except Exception:  # noqa: BLE001 - the cloud and what is deployed to it live on
            traceback.print_exc()


def _moto(gateways: Gateways, functions: Functions) -> Any:
    """Return moto's application, mended."""
    # It answers no page's questions about other origins.
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    from moto.core.config import default_user_config
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from mldeploy.embedded.moto_mends import mend

    default_user_config["lambda"] = {"use_docker": False}
    mend(gateways.open, gateways.close, functions.metrics)
    return DomainDispatcherApplication(create_backend_app)


def _server(application: Guarded) -> Any:
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import ThreadedWSGIServer

    class Limited(LimitedServer, ThreadedWSGIServer):
        """Lets nobody wait for ever."""

    class Quiet(LimitedHandler, MotoRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None:
            """Say nothing of requests; errors are logged."""

    return Limited(LOOPBACK, 0, application, Quiet)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Mode(sys.argv[2]))
