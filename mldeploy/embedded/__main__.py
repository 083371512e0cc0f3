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
"""Seconds between removals of unused environments."""


class Regions:
    """The clients by region, which cache reads until something changes."""

    def __init__(self, keys: KeyPair) -> None:
        self.endpoint = ""
        self._keys = keys
        self._lock = threading.Lock()
        self._known: dict[str, Clients] = {}

    def clients(self, region: str) -> Clients:
        """Return a region's clients."""
        with self._lock:
            if region not in self._known:
                emulator = Emulator(self.endpoint, self._keys)
                self._known[region] = Clients(region, emulator=emulator)
            return self._known[region]

    def forget(self) -> None:
        """Clear the cached reads."""
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
    # In its own thread: it may wait for a function, which SIGTERM must not.
    threading.Thread(target=tidy_up, args=(functions, ends), daemon=True).start()
    ends.wait()
    server.shutdown()
    gateways.end()
    functions.end()
    lock.close()


def tidy_up(functions: Functions, ends: threading.Event, every: float = _TIDIES) -> None:
    """End unused environments periodically; errors are logged and don't end the process."""
    while not ends.wait(every):
        try:
            functions.tidy()
        except Exception:  # noqa: BLE001 - the cloud and what is deployed to it live on
            traceback.print_exc()


def _moto(gateways: Gateways, functions: Functions) -> Any:
    """Return moto's application with our fixes."""
    # It allows no web page of other origins.
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
        """A request handler with timeouts."""

    class Quiet(LimitedHandler, MotoRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None:
            """Don't log requests; errors are logged."""

    return Limited(LOOPBACK, 0, application, Quiet)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Mode(sys.argv[2]))
