"""The HTTP APIs of the account, each on its own port."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from mldeploy.aws.clients import Clients
from mldeploy.aws.signatures import KeyPair, Received, is_signed
from mldeploy.config import CorsConfig
from mldeploy.embedded.deployed import Api, Target, read_api
from mldeploy.embedded.functions import Functions
from mldeploy.embedded.place import LOOPBACK
from mldeploy.local.api.cors import marked
from mldeploy.local.api.gateway import Gateway
from mldeploy.local.api.payload import Request, Response, message
from mldeploy.local.api.routes import select
from mldeploy.local.api.server import listening
from mldeploy.local.environments.runs import Outcome

_FIRST_PORT = 8100


class Gateways:
    """The gateways, by the APIs' ids.

    Args:
        clients: returns a region's clients.
        functions: targets of routes.
        keys: for signed requests to routes with AWS_IAM.
    """

    def __init__(
        self, clients: Callable[[str], Clients], functions: Functions, keys: KeyPair
    ) -> None:
        self._clients, self._functions, self._keys = clients, functions, keys
        self._lock = threading.Lock()
        self._open: dict[str, ExitStack] = {}

    def open(self, region: str, api: str) -> str:
        """Listen for a new API; return its URL.

        Raises:
            MldeployError: MLD601 without a free port.
        """
        served = _Served(api, region, self._clients(region), self._functions, self._keys)
        stack = ExitStack()
        port = stack.enter_context(listening(served.answer, _FIRST_PORT, served.rules))
        with self._lock:
            self._open[api] = stack
        return f"http://{LOOPBACK}:{port}"

    def close(self, api: str) -> None:
        """Stop listening."""
        with self._lock:
            stack = self._open.pop(api, None)
        if stack is not None:
            stack.close()

    def end(self) -> None:
        """Close all."""
        for api in list(self._open):
            self.close(api)


@dataclass
class _Served:
    api: str
    region: str
    clients: Clients
    functions: Functions
    keys: KeyPair
    _last: tuple[Api, Gateway] | None = None

    def rules(self) -> CorsConfig | None:
        """Return the currently allowed origins."""
        return read_api(self.api, self.clients).settings.cors

    def answer(self, request: Request) -> Response:
        """Respond according to what is currently deployed."""
        api = read_api(self.api, self.clients)
        targets = dict(api.routes)
        match = select(targets, request.method, request.path)
        if match is not None:
            # A route with OPTIONS takes precedence over the API's own response to preflights:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
            refused = _refused(targets[match.route], request, self.keys)
            if refused is not None:
                return marked(api.settings.cors, request, refused)
        return self._gateway(api).answer(request)

    def _gateway(self, api: Api) -> Gateway:
        last = self._last
        if last is None or last[0] != api:
            # A change resets the throttle, as a deployment of the stage does.
            last = self._last = (api, self._made(api))
        return last[1]

    def _made(self, api: Api) -> Gateway:
        targets = dict(api.routes)

        def invoke(key: str, event: bytes, seconds: float) -> Outcome:
            return self._invoke(targets[key], event, seconds)

        return Gateway(api.settings, {key: key for key in targets}, invoke)

    def _invoke(self, target: Target, event: bytes, seconds: float) -> Outcome:
        if not target.permitted:
            return Outcome(problem="forbidden")
        ran = self.functions.invoke(self.region, target.function, target.qualifier, event, seconds)
        if ran.refusal and not ran.outcome.problem:
            return Outcome(problem="missing")
        return ran.outcome


def _refused(target: Target, request: Request, keys: KeyPair) -> Response | None:
    """Reject requests without the owner's signature or a token; tokens aren't validated here.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
    """
    match target.auth:
        case "JWT" if not request.header("authorization"):
            return message(401, "Unauthorized")
        case "AWS_IAM" if not _is_signed(request, keys):
            return message(403, "Forbidden")
        case _:
            return None


def _is_signed(request: Request, keys: KeyPair) -> bool:
    headers = {name.lower(): request.header(name.lower()) for name, _ in request.headers}
    received = Received(request.method, request.target, headers)
    return is_signed(received, keys, time.time(), "execute-api", request.body)
