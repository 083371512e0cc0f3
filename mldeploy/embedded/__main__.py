"""The process of the embedded AWS: `python -m mldeploy.embedded FOLDER MODE`."""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from mldeploy import __version__
from mldeploy.aws import Clients
from mldeploy.embedded.application import Application
from mldeploy.embedded.functions import Functions
from mldeploy.embedded.gateways import Gateways
from mldeploy.embedded.place import LOOPBACK, Cloud, Mode, claim, write

_TIDIES = 5.0
"""Seconds between looks for environments that nobody needs."""


class Regions:
    """The clients by region; they remember what they read until something changes."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._lock = threading.Lock()
        self._known: dict[str, Clients] = {}

    def clients(self, region: str) -> Clients:
        """Return a region's."""
        with self._lock:
            if region not in self._known:
                self._known[region] = Clients(region, endpoint=self.endpoint)
            return self._known[region]

    def forget(self) -> None:
        """Forget what was read."""
        for one in list(self._known.values()):
            one.forget()


def serve(folder: Path, mode: Mode) -> None:
    """Run until SIGTERM."""
    lock = claim(folder)
    regions = Regions()
    functions = Functions(regions.clients, folder)
    gateways = Gateways(regions.clients, functions)
    server = _server(Application(_moto(gateways, functions), functions, folder, regions.forget))
    cloud = Cloud(os.getpid(), server.port, mode, __version__, folder)
    regions.endpoint = cloud.endpoint
    threading.Thread(target=server.serve_forever, daemon=True).start()
    write(cloud)
    ends = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ends.set())
    while not ends.wait(_TIDIES):
        functions.tidy()
    server.shutdown()
    gateways.end()
    functions.end()
    lock.close()


def _moto(gateways: Gateways, functions: Functions) -> Any:
    """Return moto's application, mended."""
    # No page in a browser is to reach an API that believes everybody.
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    from moto.core.config import default_user_config
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from mldeploy.embedded.moto_mends import mend

    default_user_config["lambda"] = {"use_docker": False}
    mend(gateways.open, gateways.close, functions.metrics)
    return DomainDispatcherApplication(create_backend_app)


def _server(application: Application) -> Any:
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None:
            """Say nothing of requests; errors are logged."""

    return make_server(LOOPBACK, 0, application, threaded=True, request_handler=Quiet)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Mode(sys.argv[2]))
