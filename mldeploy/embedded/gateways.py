"""The HTTP APIs of the account: each listens on a port of its own, and reads what is deployed."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from mldeploy.aws import Clients
from mldeploy.embedded.deployed import Api, Target, read_api
from mldeploy.embedded.functions import Functions
from mldeploy.embedded.place import LOOPBACK
from mldeploy.local.cors import marked
from mldeploy.local.gateway import Gateway
from mldeploy.local.payload import Request, Response, message
from mldeploy.local.routes import select
from mldeploy.local.runs import Outcome
from mldeploy.local.server import listening

_FIRST_PORT = 8100


class Gateways:
    """The gateways, by the APIs' ids."""

    def __init__(self, clients: Callable[[str], Clients], functions: Functions) -> None:
        self._clients, self._functions = clients, functions
        self._lock = threading.Lock()
        self._open: dict[str, ExitStack] = {}

    def open(self, region: str, api: str) -> str:
        """Listen for a new API; return its address.

        Raises:
            MldeployError: MLD601 without a free port.
        """
        served = _Served(api, region, self._clients(region), self._functions)
        stack = ExitStack()
        port = stack.enter_context(listening(served.answer, _FIRST_PORT))
        with self._lock:
            self._open[api] = stack
        return f"http://{LOOPBACK}:{port}"

    def close(self, api: str) -> None:
        """Listen no longer."""
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
    _last: tuple[Api, Gateway] | None = None

    def answer(self, request: Request) -> Response:
        """Answer by what is deployed at this moment."""
        api = read_api(self.api, self.clients)
        targets = dict(api.routes)
        match = select(targets, request.method, request.path)
        if match is not None:
            # A route that takes OPTIONS is asked before the API's own answer to preflights:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
            refused = _refused(targets[match.route], request)
            if refused is not None:
                return marked(api.settings.cors, request, refused)
        return self._gateway(api).answer(request)

    def _gateway(self, api: Api) -> Gateway:
        last = self._last
        if last is None or last[0] != api:
            # The throttle starts anew with a change, as with a deployment of the stage.
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


def _refused(target: Target, request: Request) -> Response | None:
    """Refuse who doesn't say who they are; whether they say the truth isn't checked here.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
    """
    given = request.header("authorization")
    match target.auth:
        case "JWT" if not given:
            return message(401, "Unauthorized")
        case "AWS_IAM" if not given.startswith("AWS4-HMAC-SHA256"):
            return message(403, "Forbidden")
        case _:
            return None
