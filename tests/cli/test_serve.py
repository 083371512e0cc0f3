"""`mldeploy serve`, the real command in a process: requests, reload, crashes, its end."""

import json
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3

from mldeploy.cli.app import run
from tests.support.models import IRIS, bundle_of
from tests.support.projects import write_bundle
from tests.support.served import CONFIG, children, payload, runs, serving, tiny_project, until


def test_functions_are_served_with_their_routes_and_variables(tmp_path: Path) -> None:
    """Stdout has the first URL alone, stderr every route; events, cookies, errors are real."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        assert served.url.endswith("/echo/{path+}")
        assert served.said("POST http://127.0.0.1:")
        found = payload(served.ask("/echo/a/b", method="GET"))
        assert (found["value"], found["release"], found["path"]) == (1, "local", "a/b")
        other = served.ask("/other")
        assert (other.status, other.data) == (201, b"of the file")
        assert other.headers.getlist("set-cookie") == ["a=1", "b=2"]
        assert served.ask("/nope").data == b'{"message":"Not Found"}'
        assert served.ask("/other", method="GET").status == 404
        late = served.ask("/other", {"sleep": 1})
        assert (late.status, late.data) == (500, b'{"message":"Internal Server Error"}')
        assert served.said("other: REPORT RequestId: ")
        assert served.said("Task timed out after 1.00 seconds")


def test_a_trained_model_answers_and_has_its_pages(tmp_path: Path) -> None:
    """The handler of the image itself runs, with scikit-learn, in what the image would hold."""
    config = '[project]\nname = "iris"\n[api]\nauth = "iam"\n[functions.predict]\npaths = ["/"]\n'
    tiny_project(tmp_path, config)
    (tmp_path / "train.py").write_text(IRIS)
    bundle = bundle_of(IRIS)
    for file in bundle.path.iterdir():
        (tmp_path / "model" / file.name).write_bytes(file.read_bytes())
    with serving(tmp_path, "--port", "0") as served:
        assert served.said('auth = "iam" isn\'t checked here')
        answer = payload(served.ask("/predict", bundle.example))
        assert answer["prediction"]["class_name"] == "versicolor"
        assert answer["model"]["release"] == "local"
        assert served.ask("/predict", {"features": []}).status == 422
        page = served.ask("/", method="GET")
        assert page.headers["content-type"].startswith("text/html")
        head = served.ask("/", method="HEAD")
        assert (head.status, head.data) == (200, b"")
        for name in ("content-type", "content-length", "content-security-policy"):
            assert head.headers[name] == page.headers[name]


def test_changed_code_is_served_and_no_request_is_lost(tmp_path: Path) -> None:
    """Requests go on all the time; each is answered by the old code or by the new one."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        seen: list[tuple[int, Any]] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                answer = served.ask("/echo/x")
                seen.append((answer.status, payload(answer).get("value")))

        asking = threading.Thread(target=ask)
        asking.start()
        for value in (2, 3):
            (tmp_path / "helper.py").write_text(f"VALUE = {value}\n")
            until(partial(seen.__contains__, (200, value)))
        stop.set()
        asking.join()
        assert {status for status, _ in seen} == {200}
        values = [value for _, value in seen]
        assert values == sorted(values)
        assert served.said("reloaded echo, other")


def test_a_changed_bundle_is_served(tmp_path: Path) -> None:
    """A new model is another image, so every function of it gets new environments."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        before = payload(served.ask("/echo/x"))["pid"]
        write_bundle(tmp_path / "model", "a better model")
        until(lambda: payload(served.ask("/echo/x"))["pid"] != before)


def test_a_crash_at_import_leaves_what_was_served(tmp_path: Path) -> None:
    """The user's own lines are told, the old code goes on, and the next change is tried."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        (tmp_path / "helper.py").write_text("VALUE = 1 / 0\n")
        until(lambda: served.said("not reloaded"))
        log = served.log.read_text()
        assert "tiny:handle can't be imported: ZeroDivisionError: division by zero" in log
        assert "  at helper.py:1  VALUE = 1 / 0" in log
        assert "awslambdaric" not in log
        assert payload(served.ask("/echo/x"))["value"] == 1
        (tmp_path / "helper.py").write_text("VALUE = 5\n")
        until(lambda: payload(served.ask("/echo/x"))["value"] == 5)


def test_code_that_is_broken_from_the_beginning_is_watched(tmp_path: Path) -> None:
    """It is served with 500 until it is mended."""
    tiny_project(tmp_path)
    (tmp_path / "helper.py").write_text("import nonesuch\n")
    with serving(tmp_path, "--port", "0") as served:
        assert served.said("No module named 'nonesuch'")
        assert served.ask("/echo/x").status == 500
        (tmp_path / "helper.py").write_text("VALUE = 2\n")
        until(lambda: served.ask("/echo/x").status == 200)


def test_a_changed_configuration_is_told_of(tmp_path: Path) -> None:
    """It isn't read again, and nobody has to wonder why nothing happens."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        file = tmp_path / "mldeploy.toml"
        file.write_text(file.read_text().replace("timeout = 1", "timeout = 2"))
        until(lambda: served.said("mldeploy.toml changed; restart `mldeploy serve` to apply it"))
        assert payload(served.ask("/echo/x"))["value"] == 1


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    """Exit code 130, no process left, nothing listens, no copy stays, and no fix is asked for."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        served.ask("/echo/x")
        below = children(served.process.pid)
        assert len(below) == 2
        assert served.interrupt() == 130
        assert not any(map(runs, below))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", served.port))
        assert "Traceback" not in served.log.read_text()
        assert served.log.read_text().endswith("\nstopped serving\n")
        assert list((tmp_path / "tmp").iterdir()) == []


def test_ctrl_c_waits_for_no_start(tmp_path: Path) -> None:
    """Neither for an import that takes its time nor for a request on its way."""
    config = CONFIG.replace("timeout = 1", "timeout = 30")
    with serving(tiny_project(tmp_path, config), "--port", "0") as served:
        before = children(served.process.pid)
        asking = threading.Thread(target=lambda: served.answers("/other", {"sleep": 1}))
        asking.start()
        until(lambda: served.said("other: START"))
        (tmp_path / "helper.py").write_text("import time\ntime.sleep(3600)\n")
        until(lambda: len(children(served.process.pid)) == len(before) + 2)
        below = children(served.process.pid)
        assert served.interrupt() == 130
        assert not any(map(runs, below))
        asking.join()


HEADS = (
    ("GET /echo/%C3%BC HTTP/1.1\r\nHost: localhost:{}\r\n", "200"),
    ("GET /echo/x HTTP/1.1\r\nHost: evil.example:{}\r\n", "403"),
    ("BREW /echo/x HTTP/1.1\r\nHost: localhost:{}\r\n", "200"),
    ("POST /echo/x HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: -5\r\n", "400"),
    ("POST /echo/x HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: many\r\n", "400"),
    ("POST /echo/x HTTP/1.1\r\nHost: localhost:{}\r\nTransfer-Encoding: chunked\r\n", "400"),
    ("POST /echo/x HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 10000001\r\n", "413"),
)


def test_whatever_is_sent_is_answered(tmp_path: Path) -> None:
    """By the function, or by what is wrong with the request."""
    statuses = []
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        for head, _ in HEADS:
            with socket.create_connection(("127.0.0.1", served.port)) as client:
                client.sendall(f"{head.format(served.port)}\r\n".encode())
                client.shutdown(socket.SHUT_WR)
                statuses.append(client.recv(4096).decode().split()[1])
    assert statuses == [status for _, status in HEADS]


def test_a_chunked_body_arrives_whole(tmp_path: Path) -> None:
    """A body without a length is put together, whatever its parts."""
    with serving(tiny_project(tmp_path), "--port", "0") as served:
        parts = iter([b'{"sl', b'eep": 1}'])
        found = urllib3.request(
            "POST",
            f"http://127.0.0.1:{served.port}/other",
            body=parts,
            headers={"content-type": "application/json"},
            retries=False,
        )
        assert found.status == 500
        assert served.said("Task timed out after 1.00 seconds")


def test_a_port_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    """The next free one is used, and that is said."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(tiny_project(tmp_path), "--port", str(port)) as served:
            assert served.port > port
            assert served.said(f"port {port} is in use; using {served.port}")
            assert served.ask("/echo/x").status == 200


def test_it_listens_on_loopback_alone(tmp_path: Path) -> None:
    """No other machine can reach it: not even this one's other addresses."""
    with (
        serving(tiny_project(tmp_path), "--port", "0") as served,
        pytest.raises(ConnectionRefusedError),
    ):
        socket.create_connection(("127.0.0.2", served.port))


def test_without_a_bundle_nothing_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The usual error, before anything listens."""
    (tmp_path / "mldeploy.toml").write_text(CONFIG)
    for name in ("tiny.py", "helper.py"):
        (tmp_path / name).touch()
    assert run(["serve", "-c", str(tmp_path), "-o", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "MLD201"


def test_fifty_clients_at_once_lose_no_request(tmp_path: Path) -> None:
    """Each request is answered: by the function, or with 429 where no environment is free."""
    with serving(tiny_project(tmp_path), "--port", "0", "--environments", "4") as served:
        pool = urllib3.HTTPConnectionPool("127.0.0.1", served.port, maxsize=50, block=True)

        def ask(number: int) -> tuple[Counter[int], bool]:
            statuses: Counter[int] = Counter()
            while not statuses[200]:
                answer = pool.request(
                    "POST", f"/echo/{number}", json={}, retries=False, timeout=60.0
                )
                statuses[answer.status] += 1
            return statuses, payload(answer)["path"] == str(number)

        with ThreadPoolExecutor(50) as clients:
            found = list(clients.map(ask, range(1000)))
        assert all(own for _, own in found)
        statuses = sum((one for one, _ in found), Counter())
        assert statuses[200] == 1000
        assert set(statuses) <= {200, 429}
        assert len(children(served.process.pid)) <= 5


def test_fifty_environments_answer_fifty_clients_during_a_reload(tmp_path: Path) -> None:
    """Within the limit no request is lost or refused, before, during and after a reload."""
    with serving(tiny_project(tmp_path), "--port", "0", "--environments", "50") as served:
        pool = urllib3.HTTPConnectionPool("127.0.0.1", served.port, maxsize=50, block=True)

        def ask(number: int) -> tuple[int, Any]:
            if number == 500:
                (tmp_path / "helper.py").write_text("VALUE = 2\n")
            answer = pool.request("POST", "/echo/x", json={}, retries=False, timeout=60.0)
            return answer.status, payload(answer).get("value")

        with ThreadPoolExecutor(50) as clients:
            found = list(clients.map(ask, range(1000)))
            until(lambda: served.said("reloaded echo, other"))
            found += clients.map(ask, range(1000, 1100))
        assert {status for status, _ in found} == {200}
        assert {value for _, value in found[1000:]} == {2}
