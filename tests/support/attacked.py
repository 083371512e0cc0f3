"""The servers of this machine, each with something behind it that notes whether it was reached."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mldeploy.aws.clients import Clients
from mldeploy.aws.signatures import KeyPair
from mldeploy.config import ApiConfig
from mldeploy.embedded.__main__ import _server
from mldeploy.embedded.functions import Functions, Ran
from mldeploy.embedded.gateways import Gateways
from mldeploy.embedded.guarded import Guarded
from mldeploy.local.api.gateway import Gateway
from mldeploy.local.api.server import listening
from mldeploy.local.environments.runs import Outcome
from mldeploy.local.environments.runtime import Invocation, RuntimeApi

KEYS = KeyPair("LOCAL0123456789", "the secret of this cloud")
PATIENCE = 10.0


@dataclass(frozen=True)
class Sent:
    """A request as it is sent. `headers`: their names in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    def with_header(self, name: str, value: str) -> "Sent":
        """Return the same with a header set."""
        return replace(self, headers={**self.headers, name: value})

    @property
    def head(self) -> bytes:
        """What comes before the body."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if not {"content-length", "transfer-encoding"} & set(self.headers):
            lines.append(f"content-length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Attacked:
    """A running server.

    Attributes:
        port: that it listens on.
        request: one that it answers.
        reached: filled by what stands behind it.
        going: cleared to let that wait.
    """

    port: int
    request: Sent
    reached: list[str] = field(default_factory=list)
    going: threading.Event = field(default_factory=threading.Event)
    _arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        self.going.set()

    def note(self, what: str) -> None:
        """Note that something was reached, and wait if that is wanted."""
        self.reached.append(what)
        self._arrived.release()
        self.going.wait(PATIENCE)

    def wait_for(self, count: int) -> None:
        """Wait until so many requests have reached it since it runs."""
        assert all(self._arrived.acquire(timeout=PATIENCE) for _ in range(count))

    def connected(self) -> socket.socket:
        """Connect."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def send(self, sent: Sent) -> tuple[int, str]:
        """Send a request and return status and body."""
        with self.connected() as client:
            client.sendall(sent.head + sent.body)
            return answer_of(client)


def answer_of(client: socket.socket) -> tuple[int, str]:
    """Read an answer: its status, 0 where none came, and its body."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = client.recv(65536)
        if not part:
            return 0, ""
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    lengths = [one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")]
    while len(body) < int(lengths[0].partition(b":")[2]):
        body += client.recv(65536)
    return int(head.split()[1]), body.decode()


def signed(sent: Sent, keys: KeyPair = KEYS, service: str = "ssm", ago: float = 0.0) -> Sent:
    """Return a request signed by hand (IAM user guide, "Create a signed AWS API request").

    `ago`: seconds by which its date is too early.
    """
    date = (datetime.now(UTC) - timedelta(seconds=ago)).strftime("%Y%m%dT%H%M%SZ")
    headers = {name: text for name, text in sent.headers.items() if name != "authorization"}
    headers["x-amz-date"] = date
    path, _, query = sent.target.partition("?")
    names = ";".join(sorted(headers))
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    payload = headers.get("x-amz-content-sha256", hashlib.sha256(sent.body).hexdigest())
    canonical = "\n".join([sent.method, path, query, *lines, "", names, payload])
    scope = f"{date[:8]}/eu-central-1/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = b"AWS4" + keys.secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}"
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    claim = f"Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return replace(sent, headers={**headers, "authorization": f"AWS4-HMAC-SHA256 {claim}"})


@contextmanager
def control() -> Iterator[Attacked]:
    """The door of the embedded AWS, with an application behind it that takes everything."""

    def inner(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.note(f"{environ['PATH_INFO']} {environ['wsgi.input'].read()!r}")
        start_response("200 OK", [("Content-Length", "2")])
        return [b"{}"]

    server = _server(Guarded(inner, KEYS))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    headers = {"host": f"127.0.0.1:{server.port}", "x-amz-target": "AmazonSSM.GetParameter"}
    found = Attacked(server.port, signed(Sent("POST", "/", headers, b"{}")))
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()


def outcome() -> Outcome:
    """Return what a function answers."""
    return Outcome(b'{"statusCode": 200, "body": "ok"}')


@contextmanager
def serve() -> Iterator[Attacked]:
    """The server of `mldeploy serve`."""

    def invoke(name: str, event: bytes, seconds: float) -> Outcome:
        del event, seconds
        found.note(name)
        return outcome()

    gateway = Gateway(ApiConfig("none"), {"POST /x": "f"}, invoke)
    with listening(gateway.answer, 0) as port:
        found = Attacked(port, Sent("POST", "/x", {"host": f"localhost:{port}"}, b"{}"))
        yield found


class OneApi(Clients):
    """Clients of an account with one API that has one route."""

    def _ask(self, service: str, operation: str, parameters: object) -> dict[str, Any] | None:
        """Return what is deployed."""
        del service, parameters
        statement = {"Principal": "*", "Condition": {}}
        answers: dict[str, dict[str, Any]] = {
            "get_api": {"CorsConfiguration": {"AllowOrigins": ["https://friend.example"]}},
            "get_stages": {"Items": [{"StageName": "$default"}]},
            "get_integrations": {
                "Items": [{"IntegrationId": "i", "IntegrationUri": "a:function:f:live/invocations"}]
            },
            "get_routes": {"Items": [{"RouteKey": "POST /x", "Target": "integrations/i"}]},
            "get_policy": {"Policy": json.dumps({"Statement": [statement]})},
        }
        return answers.get(operation)


@contextmanager
def gateway() -> Iterator[Attacked]:
    """The gateway of an API that is deployed to the embedded AWS; it lets one origin in."""

    class OneFunction(Functions):
        def invoke(self, *_: Any) -> Ran:
            found.note("f")
            return Ran(outcome(), "1")

    gateways = Gateways(OneApi, OneFunction(OneApi, Path()), KEYS)
    port = int(gateways.open("eu-central-1", "a").rpartition(":")[2])
    found = Attacked(port, Sent("POST", "/x", {"host": f"127.0.0.1:{port}"}, b"{}"))
    try:
        yield found
    finally:
        gateways.end()


@contextmanager
def runtime() -> Iterator[Attacked]:
    """The Runtime API of one environment; an event waits for its client."""

    class Noting(RuntimeApi):
        def next(self) -> Invocation | None:
            found.note("next")
            return Invocation(b"{}", 3.0, 3.0)

    api = Noting("arn")
    host, _, secret = api.address.partition("/")
    target = f"/{secret}/2018-06-01/runtime/invocation/next"
    found = Attacked(int(host.rpartition(":")[2]), Sent("GET", target, {"host": host}))
    try:
        yield found
    finally:
        api.close()


SERVERS = {"control": control, "gateway": gateway, "serve": serve, "runtime": runtime}
