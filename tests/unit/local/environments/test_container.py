"""Environments that are containers: an engine and an emulator written by hand."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from mldeploy.images.docker.running import (
    LABEL,
    Line,
    megabytes,
    owners,
    read_line,
    remove_containers,
)
from mldeploy.local.environments.container import ContainerEnvironment, ContainerLaunch
from mldeploy.local.environments.pool import Pool
from mldeploy.local.servers.wire import LOOPBACK, Handler, Server
from tests.support.engine_api import api_error
from tests.support.served import until

ID = "0f9d4b5c-0000-4000-8000-00000000000"
RAPID = "25 Nov 2026 14:40:21,947 [INFO] (rapid) INVOKE RTDONE(status: success)"
WARM = b'{"mldeploy": "warm"}'
Say = tuple[int, bytes, list[str]]
"""Status and body of an answer, and the lines before it; `{}` in them is the request's id."""


def clean(body: bytes, *lines: str) -> Say:
    """Return an answer with the log that the emulator prints around it."""
    report = "REPORT RequestId: {}\tInit Duration: 0.04 ms\tMemory Size: 256 MB"
    return 200, body, ["START RequestId: {} Version: 7", *lines, RAPID, "END RequestId: {}", report]


def broken(kind: str, *lines: str) -> Say:
    """Return what it says of a process that ended: no END."""
    told = {"errorType": kind, "errorMessage": "Runtime exited with error: exit status 3"}
    return 502, json.dumps(told).encode(), ["START RequestId: {} Version: 7", *lines]


class Engine:
    """The calls of docker-py's client that a container takes; `gone` breaks all of them."""

    def __init__(self, *, listening: bool = True) -> None:
        self.gone, self.listens = False, True
        self.warm: Callable[[dict[str, str]], Say] = lambda _: clean(WARM, "imported")
        self.says: Callable[[dict[str, Any]], Say] = lambda event: clean(json.dumps(event).encode())
        self.made: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, SimpleQueue[Any]] = {}
        self.requests = 0
        engine = self

        class Emulator(Handler):
            def answer(self) -> None:
                self.close_connection = True
                status, body = engine.asked(self.read_body(10_000_000))
                if status:
                    self.write(status, [], body)

        self.server = Server((LOOPBACK, 0), Emulator, bind_and_activate=False)
        self.server.server_bind()
        if listening:
            self.listen()

    def listen(self) -> None:
        """Listen on the port, which refuses connections before."""
        self.server.server_activate()
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def asked(self, event: bytes) -> tuple[int, bytes]:
        name = list(self.made)[-1]
        warm = b"warmup" in event
        variables = self.made[name]["environment"]
        status, body, lines = self.warm(variables) if warm else self.says(json.loads(event))
        for line in lines:
            self.logs[name].put((f"{line.format(f'{ID}{self.requests}')}\n".encode(), None))
        self.requests += 1
        return status, body

    def _check(self) -> None:
        if self.gone:
            raise ConnectionRefusedError

    def info(self) -> dict[str, Any]:
        self._check()
        return {"NCPU": 2}

    def create_host_config(self, **given: Any) -> dict[str, Any]:
        return given

    def create_container(self, image: str, *_: Any, name: str, **given: Any) -> None:
        self._check()
        self.made[name] = {"image": image, **given}
        self.logs[name] = SimpleQueue()

    def attach(self, name: str, **_: Any) -> Iterator[Any]:
        return iter(self.logs[name].get, None)

    def start(self, _name: str) -> None:
        self._check()

    def stats(self, _name: str, **given: Any) -> Any:
        sample = {"memory_stats": {"usage": 64 * 2**20, "stats": {"inactive_file": 2**22}}}
        return iter([sample]) if given["stream"] else sample

    def inspect_container(self, name: str) -> dict[str, Any]:
        self._check()
        ports = {"8080/tcp": [{"HostPort": self.server.port}] if self.listens else None}
        return {"State": {"Running": name in self.made}, "NetworkSettings": {"Ports": ports}}

    def containers(self, **given: Any) -> list[dict[str, Any]]:
        self._check()
        name, _, wanted = given["filters"]["label"].partition("=")
        found = ((one, made["labels"]) for one, made in self.made.items())
        return [
            {"Id": one, "Labels": labels}
            for one, labels in found
            if name in labels and wanted in {"", labels[name]}
        ]

    def remove_container(self, name: str, *, force: bool, v: bool) -> None:
        assert force
        assert v
        self._check()
        if self.made.pop(name, None):
            self.logs[name].put((b"Traceback of the runtime client's\n", None))
            self.logs[name].put(None)


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine whose emulator listens."""
    made = Engine()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def lines() -> list[str]:
    """What was logged."""
    return []


def pool_of(engine: Engine, lines: list[str], **changes: Any) -> Pool:
    """Return a pool of a function's containers."""
    facts: dict[str, Any] = {"memory": 256, "timeout": 3, "labels": ((LABEL, "me"),), **changes}
    launch = ContainerLaunch("image", "f", "arn:x", **facts)
    return Pool(lambda: ContainerEnvironment(launch, lines.append, engine), 2, lines.append)


def test_the_log_is_lambdas(engine: Engine, lines: list[str]) -> None:
    """Once START, the function's lines, END and a REPORT of our own; nothing of the emulator's."""
    engine.says = lambda _: clean(b'"fine"', "one", "", "twoEND of nothing", f"three{RAPID}")
    pool = pool_of(engine, lines)
    assert pool.invoke(b"{}", 30.0).answer == b'"fine"'
    number = f"{ID}1"
    assert lines[:-1] == [
        "imported", f"START RequestId: {number} Version: $LATEST", "one", "", "twoEND of nothing",
        "three", f"END RequestId: {number}",
    ]  # fmt: skip
    assert lines[-1].startswith(f"REPORT RequestId: {number}\tDuration: ")
    assert "Memory Size: 256 MB\tMax Memory Used: 60 MB\tInit Duration: " in lines[-1]


def test_a_port_that_refuses_at_first_is_asked_again(lines: list[str]) -> None:
    """Podman, and Docker without its proxy, refuse connections until the emulator listens."""
    engine = Engine(listening=False)
    threading.Timer(0.05, engine.listen).start()
    assert pool_of(engine, lines).invoke(b"{}", 30.0).answer == b"{}"
    assert len(engine.made) == 1
    engine.server.shutdown()
    engine.server.server_close()


def test_a_line_that_comes_before_start_stands_behind_it(engine: Engine, lines: list[str]) -> None:
    """The streams of a container aren't in step."""
    status, body, said = clean(b"1")
    engine.says = lambda _: (status, body, ["of stderr", *said])
    pool_of(engine, lines).invoke(b"{}", 30.0)
    assert lines[1].startswith("START")
    assert lines[2] == "of stderr"


def test_a_removed_container_has_no_last_words(engine: Engine, lines: list[str]) -> None:
    """Its runtime client loses the emulator, and would tell of that."""
    pool = pool_of(engine, lines)
    pool.invoke(b"{}", 30.0)
    count = len(lines)
    pool.end()
    until(lambda: all(log.empty() for log in engine.logs.values()))
    assert lines[count:] == []


def test_lines_are_shown_while_the_function_works(engine: Engine, lines: list[str]) -> None:
    """They don't wait for the answer."""

    def says(_: dict[str, Any]) -> Say:
        for line in (f"START RequestId: {ID}1 Version: 7", "working"):
            engine.logs[list(engine.made)[-1]].put((f"{line}\n".encode(), None))
        last = time.monotonic() + 5
        while "working" not in lines and time.monotonic() < last:
            time.sleep(0.01)
        return 200, json.dumps("working" in lines).encode(), ["END RequestId: {}"]

    engine.says = says
    assert pool_of(engine, lines).invoke(b"{}", 30.0).answer == b"true"


def test_it_is_made_as_lambda_would(engine: Engine, lines: list[str]) -> None:
    """Rules, variables, label; and `end` removes it."""
    pool = pool_of(engine, lines, variables=(("MINE", "1"),), ephemeral_storage=600)
    pool.warm(30.0)
    (made,) = engine.made.values()
    assert made["host_config"]["read_only"]
    assert "size=600m" in made["host_config"]["tmpfs"]["/tmp"]  # noqa: S108 - Lambda's
    assert made["user"] == "993:990"
    assert made["labels"] == {LABEL: "me"}
    told = made["environment"]
    assert (told["MINE"], told["AWS_LAMBDA_FUNCTION_TIMEOUT"]) == ("1", "3")
    assert (told["AWS_LAMBDA_FUNCTION_NAME"], told["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) == (
        "f",
        "256",
    )
    pool.end()
    assert engine.made == {}


def test_an_error_is_told_and_the_container_lives_on(engine: Engine, lines: list[str]) -> None:
    """The document is what Lambda's Invoke gives; an answer that looks like half of it is one."""
    told = {"errorMessage": "x", "errorType": "ValueError", "requestId": "", "stackTrace": []}
    engine.says = lambda _: clean(json.dumps(told).encode(), "[ERROR] x\rTraceback")
    pool = pool_of(engine, lines)
    found = pool.invoke(b"{}", 30.0)
    assert (found.problem, json.loads(found.error)) == ("error", told)
    assert "[ERROR] x\nTraceback" in lines
    looks = b'{"errorMessage": 1, "errorType": 2}'
    engine.says = lambda _: clean(looks)
    assert pool.invoke(b"{}", 30.0).answer == looks
    assert len(engine.made) == 1


def test_a_process_that_ends_is_replaced(engine: Engine, lines: list[str]) -> None:
    """An exit, and an answer that is too long, after which the client ends, too."""
    pool = pool_of(engine, lines)
    for kind, problem in [
        ("Runtime.ExitError", "exit"),
        ("Function.ResponseSizeTooLarge", "error"),
    ]:
        engine.says = lambda _, kind=kind: broken(kind, "last words")  # type: ignore[misc]
        found = pool.invoke(b"{}", 30.0)
        assert (found.problem, json.loads(found.error)["errorType"]) == (problem, kind)
        assert engine.made == {}
    assert "Runtime exited with error: exit status 3" in lines
    assert lines.count("last words") == 2
    assert any("exceeds 6 MB" in line for line in lines)


@pytest.mark.parametrize("emulator_first", [True, False])
def test_a_timeout_ends_the_container(
    engine: Engine, lines: list[str], *, emulator_first: bool
) -> None:
    """Whoever notices it first, the emulator or we."""

    def says(_: dict[str, Any]) -> Say:
        time.sleep(0 if emulator_first else 0.6)
        return clean(b"Task timed out after 3.00 seconds")

    engine.says = says
    pool = pool_of(engine, lines, timeout=3 if emulator_first else 0.3)
    found = pool.invoke(b"{}", 30.0)
    assert found.problem == "timeout"
    assert json.loads(found.error)["errorType"] == "Sandbox.Timedout"
    assert any("Task timed out after " in line for line in lines)
    assert engine.made == {}


def test_the_start_has_a_time_of_its_own(engine: Engine, lines: list[str]) -> None:
    """The emulator counts it into the first request's; Lambda doesn't."""

    def warm(variables: dict[str, str]) -> Say:
        enough = int(variables["AWS_LAMBDA_FUNCTION_TIMEOUT"]) > 3
        return clean(WARM if enough else b"Task timed out after 3.00 seconds")

    engine.warm = warm
    assert pool_of(engine, lines).invoke(b"{}", 30.0).answer == b"{}"
    assert len(engine.made) == 1


def test_a_start_that_fails_is_told_in_the_users_lines(engine: Engine, lines: list[str]) -> None:
    """What it printed, error and frames; not the runtime client's own lines."""
    frame = '  File "/var/task/mine.py", line 7, in <module>\n    1 / 0\n'
    told = {"errorType": "ZeroDivisionError", "errorMessage": "by zero", "stackTrace": [frame]}
    said = ["START RequestId: {} Version: 7", "own", "[ERROR] long"]
    engine.warm = lambda _: (502, json.dumps(told).encode(), said)
    found = pool_of(engine, lines, variables=(("MLDEPLOY_HANDLER", "mine:f"),)).invoke(b"{}", 30.0)
    assert (found.problem, json.loads(found.error)) == ("init", told)
    assert lines == ["own", "mine:f can't be started: by zero", "  at mine.py:7  1 / 0"]


def test_an_engine_that_goes_away_is_said(engine: Engine, lines: list[str]) -> None:
    """The request on its way fails, so does the next; nothing hangs, nothing is raised."""
    pool = pool_of(engine, lines)
    pool.warm(30.0)

    def dies(_: dict[str, Any]) -> Say:
        engine.gone = True
        for log in engine.logs.values():
            log.put(None)
        return 0, b"", []

    engine.says = dies
    assert pool.invoke(b"{}", 30.0).problem == "engine"
    assert any("the Docker engine doesn't answer" in line for line in lines)
    assert pool.invoke(b"{}", 30.0).problem == "init"
    assert any("no Docker engine answers" in line for line in lines)
    pool.end()


def test_what_the_engine_refuses_is_said(engine: Engine, lines: list[str]) -> None:
    """In its own words: an image that was removed, for one."""

    def refuses(*_: Any, **__: Any) -> None:
        raise api_error("No such image: image")

    engine.create_container = refuses  # type: ignore[method-assign]
    assert not pool_of(engine, lines).warm(30.0)
    assert "No such image" in lines[0]


def test_a_container_that_ends_at_once_is_said(engine: Engine, lines: list[str]) -> None:
    """One that is no Lambda image has no port to ask."""
    engine.listens = False
    assert pool_of(engine, lines).invoke(b"{}", 30.0).problem == "init"
    assert lines == ["f can't be started: the container ended, or no process listens in it"]


def test_an_owners_containers_are_found_and_removed(engine: Engine, lines: list[str]) -> None:
    """Another's stay."""
    pool_of(engine, lines).warm(30.0)
    pool_of(engine, lines, labels=((LABEL, "other"),)).warm(30.0)
    assert owners(engine) == {"me", "other"}
    assert remove_containers("me", engine) == 1
    assert owners(engine) == {"other"}


def test_lines_are_taken_apart() -> None:
    """Also where the function ended its line late; a line that mentions a mark is its own."""
    number = f"{ID}1"
    assert read_line(f"abcEND RequestId: {number}") == Line("abc", "END", number)
    assert read_line(RAPID) == Line(None)
    assert read_line("END RequestId: mine") == Line("END RequestId: mine")


def test_memory_is_counted_as_docker_stats_does() -> None:
    """Without the idle file cache, in both versions of control groups."""
    assert megabytes({"usage": 9 * 2**20, "stats": {"inactive_file": 2**20}}) == 8
    assert megabytes({"usage": 9 * 2**20, "stats": {"total_inactive_file": 2**21}}) == 7
    assert megabytes({}) == 0
