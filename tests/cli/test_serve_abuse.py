"""`mldeploy serve` under bad input: broken HTTP, slow clients, functions that misbehave."""

import base64
import os
import signal
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.served import Served, children, payload, runs, serving, tiny_project, until

TINY = """\
import os, subprocess, sys
import helper

def handle(event, context):
    match event["pathParameters"]["path"]:
        case "exit":
            sys.exit(3)
        case "kill":
            os._exit(4)
        case "binary":
            os.write(1, b"\\x00\\xff\\n")
        case "long":
            print("x" * 5_000_000)
        case "closed":
            os.close(1), os.close(2)
        case "fork":
            if (pid := os.fork()) == 0:
                os.execlp("sleep", "sleep", "600")
            return {"pid": pid}
        case "daemon":
            return {"pid": subprocess.Popen(["sleep", "600"], start_new_session=True).pid}
    return {"path": event["rawPath"], "query": event["rawQueryString"],
            "protocol": event["requestContext"]["http"]["protocol"], "body": event.get("body"),
            "base64": event["isBase64Encoded"]}

def other(event, context):
    return {}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One `serve` for all that is to survive it."""
    root = tiny_project(tmp_path_factory.mktemp("abuse"))
    (root / "tiny.py").write_text(TINY)
    with serving(root, "--port", "0") as found:
        yield found


def sent(served: Served, text: str, *, ends: bool = False) -> str:
    """Send bytes as they stand and return all that comes back until the end."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:
        client.sendall(to(served, text))
        if ends:
            client.shutdown(socket.SHUT_WR)
        found = b""
        while part := client.recv(65536):
            found += part
    return found.decode("latin-1")


def to(served: Served, text: str) -> bytes:
    """Return a request's bytes, addressed to the server."""
    return text.replace("Host: a\r\n", f"Host: 127.0.0.1:{served.port}\r\n").encode("latin-1")


def get(target: str, *lines: str, version: str = "HTTP/1.1") -> str:
    """Return a GET's bytes, with these lines after that of the host."""
    return "\r\n".join([f"GET {target} {version}", "Host: a", *lines, "", ""])


def post(*lines: str, body: str = "") -> str:
    """Return a POST's bytes, with these lines after that of the host."""
    return "\r\n".join(["POST /echo/x HTTP/1.1", "Host: a", *lines, "", body])


FORM = "Content-Type: multipart/form-data"
PARTS = (
    '--b\r\nContent-Disposition: form-data; name="f"; filename="x.png"\r\n\r\n\x89\xff\r\n--b--\r\n'
)
LENGTH = (f"Content-Length: {len(PARTS)}",)
BASE64 = base64.b64encode(PARTS.encode("latin-1")).decode()
CHUNKED, CLOSE = "Transfer-Encoding: chunked", "Connection: close"
REFUSED = {
    "no HTTP": ("\x16\x03\x01\x02\r\n\r\n", 400),
    "two spaces": (get("/echo/x y"), 400),
    "no such version": (get("/echo/x", version="HTTP/9.9"), 505),
    "no host": ("GET /echo/x HTTP/1.1\r\n\r\n", 400),
    "two hosts": (get("/echo/x", "Host: b"), 400),
    "no slash": (get("xecho/x"), 400),
    "no path": (get("*"), 400),
    "connect": ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a header without a colon": (get("/echo/x", "no colon"), 400),
    "a form's head without a colon": (post(f"{FORM}; boundary=b", "no colon", *LENGTH), 400),
    "a space before the colon": (get("/echo/x", "A : b"), 400),
    "a folded header": (get("/echo/x", "A: b", " c"), 400),
    "NUL": (get("/echo/x", "A: b\0c"), 400),
    "a long line": (get("/echo/" + "x" * 70_000), 414),
    "a long header": (get("/echo/x", "A: " + "x" * 70_000), 431),
    "many headers": (get("/echo/x", *["A: b"] * 200), 431),
    "two lengths": (post("Content-Length: 1", "Content-Length: 2", body="ab"), 400),
    "Python's number": (post("Content-Length: 1_0"), 400),
    "length and chunks": (post("Content-Length: 5", CHUNKED, body="0\r\n\r\n"), 400),
    "another coding": (post("Transfer-Encoding: gzip"), 400),
    "no size of a chunk": (post(CHUNKED, body="+2\r\nab\r\n0\r\n\r\n"), 400),
    "a longer chunk": (post(CHUNKED, body="2\r\nabcdef\r\n0\r\n\r\n"), 400),
}


@pytest.mark.parametrize("what", REFUSED)
def test_broken_http_is_refused_in_json(served: Served, what: str) -> None:
    """The status says which kind it is, the connection ends, and no function is asked."""
    text, status = REFUSED[what]
    head, _, body = sent(served, text).partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "connection: close" in head
    assert body.startswith('{"message":"')


def test_half_a_body_reaches_no_function(served: Served) -> None:
    """A client that goes away in the middle has asked for nothing."""
    text = post("Content-Length: 10", body="abc")
    assert sent(served, text, ends=True).startswith("HTTP/1.1 400 ")


CHUNKS = "3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nA: b\r\n\r\n"
TAKEN = {
    "HTTP/1.0": ("GET /echo/x HTTP/1.0\r\n\r\n", '"protocol": "HTTP/1.0"'),
    "absolute form": (get("http://a:1/echo/x?y=1", CLOSE), '"path": "/echo/x", "query": "y=1"'),
    "two slashes": (get("//echo/x", CLOSE), '"path": "//echo/x"'),
    "dots": (get("/echo/../x", CLOSE), '"path": "/echo/../x"'),
    "encoded": (get("/%65cho/a%2Fb", CLOSE), '"path": "/echo/a/b"'),
    "an empty line first": ("\r\n" + get("/echo/x", CLOSE), '"path": "/echo/x"'),
    "a form with a file": (
        post(CLOSE, f"{FORM}; boundary=b", *LENGTH, body=PARTS),
        f'"body": "{BASE64}", "base64": true',
    ),
    "a form without a boundary": (
        post(CLOSE, FORM, *LENGTH, body=PARTS),
        f'"body": "{BASE64}", "base64": true',
    ),
    "a form that names its coding": (
        post(
            CLOSE, f"{FORM}; boundary=b", "Content-Transfer-Encoding: base64", *LENGTH, body=PARTS
        ),
        f'"body": "{BASE64}", "base64": true',
    ),
    "chunks": (post(CLOSE, CHUNKED, "Content-Type: text/plain", body=CHUNKS), '"body": "abcde"'),
}


@pytest.mark.parametrize("what", TAKEN)
def test_rare_http_is_understood(served: Served, what: str) -> None:
    """Old versions, forms for proxies, odd paths: they reach the function as they are."""
    text, expected = TAKEN[what]
    found = sent(served, text)
    assert found.startswith("HTTP/1.1 200 ")
    assert expected in found


def test_an_old_client_can_keep_its_connection(served: Served) -> None:
    """HTTP/1.0 with keep-alive, as `ab -k` sends it: the server has to agree (RFC 9112, C.2.2)."""
    asks = "Connection: Keep-Alive"
    first = get("/echo/1", asks, version="HTTP/1.0")
    found = sent(served, first + get("/echo/2", version="HTTP/1.0"))
    one, two = found.split("HTTP/1.1 200 ")[1:]
    assert "connection: keep-alive" in one
    assert "connection: close" in two
    newer = sent(served, get("/echo/1") + get("/echo/2", CLOSE)).split("HTTP/1.1 200 ")[1]
    assert "connection:" not in newer


def test_pipelined_requests_are_answered_in_their_order(served: Served) -> None:
    """Four in one packet, four answers."""
    heads = "".join(get(f"/echo/{one}") for one in (1, 2, 3))
    found = sent(served, heads + get("/echo/4", CLOSE))
    places = [found.index(f'"path": "/echo/{one}"') for one in (1, 2, 3, 4)]
    assert places == sorted(places)


def test_a_client_that_asks_may_send_its_body(served: Served) -> None:
    """100 comes before the body, as curl waits for it; not where the body is too long."""
    asks = "Expect: 100-continue"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:
        client.sendall(to(served, post(asks, "Content-Length: 2")))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"{}")
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    assert sent(served, post(asks, "Content-Length: 20000000")).startswith("HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("path", "status"),
    [("exit", 500), ("kill", 500), ("binary", 200), ("long", 200), ("closed", 200)],
)
def test_a_function_that_misbehaves_harms_no_other_request(
    served: Served, path: str, status: int
) -> None:
    """What ends its process, prints no text or closes its output: the next request is answered."""
    assert served.ask(f"/echo/{path}").status == status
    assert served.ask("/echo/next").status == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_outlives_the_end(tmp_path: Path, number: signal.Signals) -> None:
    """Neither what a function forked nor its daemons, and no slow client holds the end up."""
    tiny_project(tmp_path)
    (tmp_path / "tiny.py").write_text(TINY)
    with serving(tmp_path, "--port", "0") as served:
        slow = socket.create_connection(("127.0.0.1", served.port))
        slow.sendall(to(served, post("Content-Length: 100", body="abc")))
        begun = [payload(served.ask(f"/echo/{path}"))["pid"] for path in ("fork", "daemon")]
        begun += children(served.process.pid)
        served.process.send_signal(number)
        assert served.process.wait(30) == 130
        until(lambda: not any(map(runs, begun)))
        slow.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("reload", [False, True])
def test_it_can_be_ended_while_it_starts(
    tmp_path: Path, number: signal.Signals, *, reload: bool
) -> None:
    """An import that takes an hour, at the start or at a reload, is ended, too."""
    tiny_project(tmp_path)
    helper = tmp_path / "helper.py"
    slow = "import time\ntime.sleep(3600)\n"
    if not reload:
        helper.write_text(slow)
    with serving(tmp_path, "--port", "0", ready=reload) as served:
        pid = served.process.pid
        if reload:
            helper.write_text(slow)
        until(lambda: len(children(pid)) == (4 if reload else 2))
        begun = children(pid)
        os.kill(pid, number)
        assert served.process.wait(30) == 130
        assert not any(map(runs, begun))
        assert served.said("stopped serving" if reload else "MLD130")
        assert not served.said("Traceback")
        assert list((tmp_path / "tmp").iterdir()) == []


def test_a_syntax_error_is_shown_and_watched(tmp_path: Path) -> None:
    """The line of the user's own file; what was served goes on until it is mended."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        (tmp_path / "helper.py").write_text("VALUE = (\n")
        until(partial(served.said, "not reloaded"))
        assert served.said("SyntaxError: '(' was never closed")
        assert served.said("  at helper.py:1  VALUE = (")
        assert payload(served.ask("/echo/x"))["value"] == 1
        (tmp_path / "helper.py").write_text("VALUE = 4\n")
        until(lambda: payload(served.ask("/echo/x"))["value"] == 4)
