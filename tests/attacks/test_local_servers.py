"""Servers of this machine and requests that aren't their user's: none reaches what is behind.

Every row changes a request that is answered (`test_its_own_requests_are_answered`), so what
refuses it is the change.
"""

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mldeploy.aws.signatures import KeyPair, Received, claim_of, require_signature
from mldeploy.local.servers import limits
from tests.support.attacked import KEYS, SERVERS, Attacked, Sent, answer_of, signed

Attack = Callable[[Sent, int], Sent]
"""Takes a request that is answered and the server's port."""
EVERY = tuple(SERVERS)


def header(name: str, value: str) -> Attack:
    """Set a header; {port} is the server's."""
    return lambda sent, port: sent.with_header(name, value.format(port=port))


def aws(method: str, target: str, service: str = "ssm", **headers: str) -> Attack:
    """Ask the embedded AWS for something else, with its own key pair."""

    def made(sent: Sent, port: int) -> Sent:
        del sent
        return signed(
            Sent(method, target, {"host": f"127.0.0.1:{port}", **headers}), service=service
        )

    return made


def plain(method: str, target: str, **headers: str) -> Attack:
    """Send what a form on any page can send."""
    return lambda _sent, port: Sent(
        method, target, {"host": f"127.0.0.1:{port}", **headers}, b"a=b"
    )


def stranger(access_key: str, secret: str) -> Attack:
    """Sign with another key pair."""
    return lambda sent, _port: signed(sent, KeyPair(access_key, secret))


def dated(ago: float) -> Attack:
    """Sign with another date."""
    return lambda sent, _port: signed(sent, ago=ago)


def changed(**fields: Any) -> Attack:
    """Change what was signed."""
    return lambda sent, _port: replace(sent, **fields)


def path(secret: str) -> Attack:
    """Ask for the next event below another path."""
    return lambda sent, _port: replace(sent, target=f"{secret}{sent.target[33:]}")


CROSS = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
LIST_TABLES = {"x-amz-target": "DynamoDB_20120810.ListTables"}
UNSIGNED_BODY = ("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
MOTO = "/moto-api"
Rows = dict[str, tuple[str, Attack]]
ON_ALL: Rows = {
    "another host, as after DNS rebinding": ("MLD616", header("host", "evil.example:{port}")),
    "another host without a port": ("MLD616", header("host", "evil.example")),
    "a host that begins with ours": ("MLD616", header("host", "127.0.0.1.evil.example:{port}")),
    "the port of another server": ("MLD616", header("host", "127.0.0.1:1")),
    "a page of another origin": ("MLD617", header("origin", "https://evil.example")),
    "a page of no origin": ("MLD617", header("origin", "null")),
    "a page of another server here": ("MLD617", header("origin", "http://127.0.0.1:1")),
    "an origin that begins with ours": ("MLD617", header("origin", "http://127.0.0.1:{port}.evil")),
    "another site, without an origin": ("MLD617", header("sec-fetch-site", "cross-site")),
    "the same site, another port": ("MLD617", header("sec-fetch-site", "same-site")),
}
ON_CONTROL: Rows = {
    "no signature": ("MLD615", header("authorization", "")),
    "another key": ("MLD615", stranger("OTHER", KEYS.secret)),
    "another secret": ("MLD615", stranger(KEYS.access_key, "guessed")),
    "a request of ten minutes ago": ("MLD615", dated(600.0)),
    "a request of tomorrow": ("MLD615", dated(-86400.0)),
    "an old request with a new date": ("MLD615", header("x-amz-date", "20990101T000000Z")),
    "another body": ("MLD615", changed(body=b"[]")),
    "another operation": ("MLD615", header("x-amz-target", "AmazonSSM.DeleteParameter")),
    "a query": ("MLD615", changed(target="/?Action=x")),
    "another method": ("MLD615", changed(method="PUT")),
    "one more header of AWS's": ("MLD615", header("x-amz-security-token", "x")),
    "a body that isn't signed": (
        "MLD615",
        lambda sent, _: replace(signed(sent.with_header(*UNSIGNED_BODY)), body=b"[]"),
    ),
    "a signature in the query": ("MLD615", plain("GET", "/?X-Amz-Signature=0")),
    "a body in chunks": ("MLD619", header("transfer-encoding", "chunked")),
    "a body without an end": ("MLD619", header("content-length", "10000001")),
    "a link without its token": ("MLD615", plain("GET", f"/_mldeploy/blobs/sha256:{'0' * 64}")),
    "moto's reset, from a page": ("MLD617", plain("POST", f"{MOTO}/reset", **CROSS)),
    "moto's reset": ("MLD615", plain("POST", f"{MOTO}/reset")),
    "moto's reset, signed": ("MLD618", aws("POST", f"{MOTO}/reset")),
    "moto's reset, written otherwise": ("MLD618", aws("POST", "/%6doto-api/reset")),
    "moto's reset, behind two slashes": ("MLD615", plain("POST", f"/{MOTO}/reset")),
    "moto's reset, as a proxy is asked": ("MLD616", plain("POST", f"http://x{MOTO}/reset")),
    "moto's recorder": ("MLD618", aws("POST", f"{MOTO}/recorder/start-recording")),
    "moto's replay": ("MLD618", aws("POST", f"{MOTO}/recorder/replay-recording")),
    "moto's seed": ("MLD618", aws("POST", f"{MOTO}/seed?a=1")),
    "moto's data": ("MLD618", aws("GET", f"{MOTO}/data.json")),
    "moto's metadata service": ("MLD618", aws("GET", "/latest/meta-data/iam/")),
    "a service that no deployment calls": ("MLD618", aws("GET", "/", "s3")),
    "another one, by its target": ("MLD618", aws("POST", "/", "dynamodb", **LIST_TABLES)),
    "a REST API": ("MLD618", aws("GET", "/restapis", "apigateway")),
    "a service on another's path": ("MLD618", aws("GET", "/v2/apis", "lambda")),
}
ON_RUNTIME: Rows = {
    "no secret": ("MLD615", path("")),
    "an empty secret": ("MLD615", path("/")),
    "another secret": ("MLD615", path(f"/{'0' * 32}")),
    "an answer in the function's name": (
        "MLD615",
        plain("POST", "/2018-06-01/runtime/invocation/x/response"),
    ),
}
ROWS = dict.fromkeys(SERVERS, ON_ALL)
ROWS["control"] = {**ON_ALL, **ON_CONTROL}
ROWS["runtime"] = {**ON_ALL, **ON_RUNTIME}
TABLE = [
    pytest.param(server, attack, code, id=f"{server}: {name}")
    for server, rows in ROWS.items()
    for name, (code, attack) in rows.items()
]


@pytest.fixture(scope="module")
def every() -> Iterator[dict[str, Attacked]]:
    """Each server, once for all rows."""
    opened = {name: make() for name, make in SERVERS.items()}
    yield {name: one.__enter__() for name, one in opened.items()}
    for one in opened.values():
        one.__exit__(None, None, None)


@pytest.fixture(params=EVERY)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attacked]:
    """A server that loses its patience soon and takes few connections."""
    monkeypatch.setattr(limits, "PATIENCE", 0.2)
    monkeypatch.setattr(limits.LimitedServer, "room", limits.Room(3))
    monkeypatch.setattr("mldeploy.local.environments.runtime._MOST", 3)
    with SERVERS[request.param]() as found:
        yield found
        found.going.set()


@pytest.mark.parametrize("name", EVERY)
def test_its_own_requests_are_answered(every: dict[str, Attacked], name: str) -> None:
    """Or no row below would show anything."""
    found = every[name]
    found.reached.clear()
    assert found.send(found.request)[0] == 200
    same = found.request.with_header("sec-fetch-site", "same-origin")
    if name != "control":  # where the header would have to be signed, and no page asks
        assert found.send(same.with_header("origin", f"http://localhost:{found.port}"))[0] == 200
    assert found.reached


@pytest.mark.parametrize(("name", "attack", "code"), TABLE)
def test_an_attack_is_refused(
    every: dict[str, Attacked], name: str, attack: Attack, code: str
) -> None:
    """With 403 and the code that docs/errors.md has; nothing behind it is reached."""
    found = every[name]
    found.reached.clear()
    status, body = found.send(attack(found.request, found.port))
    assert (status, code in body) == (403, True), body
    assert found.reached == []


def test_origins_that_the_user_lets_in_are_answered(every: dict[str, Attacked]) -> None:
    """By [api.cors], as on AWS; by the gateway alone."""
    friend = {"origin": "https://friend.example", "sec-fetch-site": "cross-site"}
    for name, found in every.items():
        sent = replace(found.request, headers={**found.request.headers, **friend})
        assert found.send(sent)[0] == (200 if name == "gateway" else 403), name


def test_the_signature_is_that_of_awss_own_example() -> None:
    """`get-vanilla` of AWS's Signature Version 4 test suite: key, request and signature."""
    keys = KeyPair("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    given = f"Credential={scope}, SignedHeaders=host;x-amz-date, Signature={signature}"
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
    headers["authorization"] = f"AWS4-HMAC-SHA256 {given}"
    request = Received("GET", "/", headers)
    require_signature(request, claim_of(request, keys, 1440938160.0), keys, b"")


def ends(client: socket.socket) -> bool:
    """Tell whether the server ends a connection without an answer."""
    try:
        return client.recv(65536) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("part", ["nothing", "half a head", "half a body"])
def test_half_a_request_holds_nothing_for_ever(server: Attacked, part: str) -> None:
    """The connection is closed, and what is behind never hears of it."""
    head = server.request.with_header("content-length", "100").head
    if part == "half a body" and server.request.method == "GET":
        head = head.replace(b"GET", b"POST").replace(b"next", b"x/response")
    sent = {"nothing": b"", "half a head": head[:20], "half a body": head + b"{"}[part]
    with server.connected() as client:
        client.sendall(sent)
        assert ends(client)
    assert server.reached == []


def test_a_request_by_drops_holds_nothing_for_ever(server: Attacked) -> None:
    """Each byte comes in time, the whole doesn't."""
    with server.connected() as client:
        client.settimeout(0.02)
        for _ in range(200):
            try:
                client.sendall(b"x")
                if not client.recv(1):
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it is still read")


def test_idle_connections_keep_nobody_out(
    server: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that has waited longest makes room; the request is answered."""
    monkeypatch.setattr(limits, "PATIENCE", 60.0)
    idle = [server.connected() for _ in range(12)]
    try:
        assert server.send(server.request)[0] == 200
        assert sum(_ended(one) for one in idle) >= 9
    finally:
        for one in idle:
            one.close()


def _ended(client: socket.socket) -> bool:
    client.settimeout(0.05)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False


def test_more_requests_than_connections_are_refused(
    server: Attacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are being answered stay; one more gets 503, and is answered afterwards."""
    monkeypatch.setattr(limits, "PATIENCE", 60.0)
    server.going.clear()
    busy = [server.connected() for _ in range(3)]
    for one in busy:
        one.sendall(server.request.head + server.request.body)
    server.wait_for(3)
    with server.connected() as client:
        status, body = answer_of(client)
    assert (status, "MLD619" in body) == (503, True)
    server.going.set()
    assert [answer_of(one)[0] for one in busy] == [200, 200, 200]
    for one in busy:
        one.shutdown(socket.SHUT_WR)
        assert ends(one)
        one.close()
    assert server.send(server.request)[0] == 200
