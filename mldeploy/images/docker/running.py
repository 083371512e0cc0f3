"""A long-running container with the emulator, whose log is followed."""

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from mldeploy.errors import MldeployError
from mldeploy.images.docker.connection import connect, translated
from mldeploy.images.docker.emulator import Wanted, address_of, create
from mldeploy.images.docker.trial import remove

LABEL = "mldeploy.local"
"""The label of a container's owner."""
SECONDS = 30.0
"""Timeout of an engine's call; an HTTP API wouldn't wait longer either."""
_PAUSE = 0.005
_LISTENS = 15.0
_MARK = re.compile(r"(?P<mark>START|END|REPORT) RequestId: (?P<id>[0-9a-f-]{36})\b")
_RAPID = re.compile(r"\d\d \w{3} \d{4} [\d:,]+ \[\w+\] \(rapid\) ")
"""Prefixes of the emulator's own lines."""

OnLine = Callable[[str], None]


@dataclass(frozen=True)
class Line:
    """A parsed line of a container's log.

    Attributes:
        own: the function's output, or None.
        mark: "START", "END" or "REPORT" of the emulator, or "".
        request_id: of that request.
    """

    own: str | None
    mark: str = ""
    request_id: str = ""


def read_line(text: str) -> Line:
    """Parse a line, which may begin with the function's output without a newline."""
    found = _MARK.search(text) or _RAPID.search(text)
    if found is None:
        return Line(text)
    told = found.groupdict()
    return Line(text[: found.start()] or None, told.get("mark", ""), told.get("id", ""))


@dataclass(frozen=True)
class Reply:
    """The emulator's response to an event.

    Attributes:
        body: unparsed; empty without a response.
        status: of HTTP; 0 without a response.
        why: "" with a response, else "timeout", "exit" (of the container) or "engine".
    """

    body: bytes = b""
    status: int = 0
    why: Literal["", "timeout", "exit", "engine"] = ""


class Running:
    """A container with the emulator in it.

    Args:
        wanted: the container to create.
        api: docker-py's low-level client; the environment's engine if None.
    """

    def __init__(self, wanted: Wanted, api: Any = None) -> None:
        self._wanted, self._api = wanted, api
        self.name = f"mldeploy-local-{secrets.token_hex(6)}"
        self._gone = threading.Event()
        self._address = ""
        self._used = 0

    @property
    def used(self) -> int:
        """Maximum memory used in MB, which the engine reports about once per second."""
        return self._used

    def start(self, on_line: OnLine, on_end: Callable[[], None]) -> None:
        """Create and start it, and follow its log until it ends.

        Raises:
            MldeployError: MLD301 if the engine doesn't respond or refuses.
        """
        if self._api is None:
            self._api = connect(SECONDS)
        with translated():
            create(self._api, self.name, self._wanted)
            # Before the start, so that no line is missed.
            log = self._api.attach(self.name, stream=True, demux=True)
            _in_thread(self._follow, log, on_line, on_end)
            self._api.start(self.name)
            with suppress(KeyError, IndexError, TypeError):  # it has ended and has no port
                self._address = address_of(self._api, self.name)

    def measure(self) -> None:
        """Measure its memory from now on; the first value includes what the start has loaded."""
        with suppress(Exception):  # an older engine can't return a single value
            self._count(self._api.stats(self.name, stream=False, one_shot=True))
        _in_thread(self._measure)

    def _count(self, sample: dict[str, Any]) -> None:
        self._used = max(self._used, megabytes(sample.get("memory_stats") or {}))

    def first(self, payload: bytes, seconds: float) -> Reply:
        """Send an event, retrying until the container listens."""
        if not self._address:
            return Reply(why="exit")
        until = time.monotonic() + seconds
        listens = min(until, time.monotonic() + _LISTENS)
        while True:
            reply = self._sent(payload, max(until - time.monotonic(), _PAUSE))
            if reply.status or reply.why:
                return reply
            if self._gone.is_set() or time.monotonic() > listens:
                return Reply(why=self._end())
            time.sleep(_PAUSE)  # the port isn't listened on yet

    def send(self, payload: bytes, seconds: float) -> Reply:
        """Send an event."""
        reply = self._sent(payload, seconds)
        return Reply(why=self._end()) if not reply.status and not reply.why else reply

    def remove(self) -> None:
        """Remove it, running or not; it may not exist.

        Raises:
            MldeployError: MLD301 if the engine doesn't answer.
        """
        if self._api is not None:
            with translated():
                remove(self._api, self.name)

    def _sent(self, payload: bytes, seconds: float) -> Reply:
        import urllib3

        try:
            found = urllib3.request(
                "POST", self._address, body=payload, timeout=seconds, retries=False
            )
        except urllib3.exceptions.NewConnectionError:  # a TimeoutError, too
            return Reply()
        except urllib3.exceptions.TimeoutError:
            return Reply(why="timeout")
        except urllib3.exceptions.HTTPError:
            return Reply()
        return Reply(found.data, found.status)

    def _end(self) -> Literal["exit", "engine"]:
        """Return what ended a connection: the container or the engine."""
        from docker.errors import NotFound

        try:
            with translated():
                try:
                    runs = self._api.inspect_container(self.name)["State"]["Running"]
                except NotFound:
                    return "exit"
        except MldeployError:
            return "engine"
        return "engine" if runs else "exit"

    def _follow(
        self,
        log: Iterator[tuple[bytes | None, bytes | None]],
        on_line: OnLine,
        on_end: Callable[[], None],
    ) -> None:
        """Pass on the lines of both streams until the container or the engine ends."""
        rest = [b"", b""]
        try:
            for parts in log:
                for number, part in enumerate(parts):
                    *lines, rest[number] = (rest[number] + (part or b"")).split(b"\n")
                    for line in lines:
                        on_line(line.decode("utf-8", "replace"))
        except Exception:  # noqa: BLE001, S110 - however the connection breaks: it ended
            pass
        for line in rest:
            if line:
                on_line(line.decode("utf-8", "replace"))
        self._gone.set()
        on_end()

    def _measure(self) -> None:
        try:
            for sample in self._api.stats(self.name, stream=True, decode=True):
                self._count(sample)
        except Exception:  # noqa: BLE001 - however the connection breaks: there is no more
            return


def megabytes(stats: dict[str, Any]) -> int:
    """Return a container's memory in MB as in `docker stats`: without the inactive file cache."""
    detail = stats.get("stats") or {}
    idle = detail.get("total_inactive_file", detail.get("inactive_file", 0))
    return int(max(stats.get("usage", 0) - idle, 0)) // 2**20


def owners(api: Any = None) -> frozenset[str]:
    """Return the owners of existing containers.

    Raises:
        MldeployError: MLD301 without an engine.
    """
    return frozenset(one["Labels"][LABEL] for one in _labelled(api or connect(SECONDS), LABEL))


def remove_containers(owner: str, api: Any = None) -> int:
    """Remove an owner's containers, including those left by a crash; return their number.

    Raises:
        MldeployError: MLD301 without an engine.
    """
    engine = api or connect(SECONDS)
    found = _labelled(engine, f"{LABEL}={owner}")
    with translated():
        for one in found:
            remove(engine, one["Id"])
    return len(found)


def _labelled(api: Any, label: str) -> list[dict[str, Any]]:
    with translated():
        return list(api.containers(all=True, filters={"label": label}))


def _in_thread(target: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()
