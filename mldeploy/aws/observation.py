"""A cache of AWS's responses, invalidated by changes."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

Seen = dict[str, Any] | None
"""A response, or None if the resource doesn't exist."""
Ask = Callable[[str, str, dict[str, Any]], Seen]
Workers = Callable[[int], AbstractContextManager[Executor]]

_READS = ("BatchCheck", "BatchGet", "Describe", "Filter", "Get", "List", "Lookup", "Verify")
_HARMLESS = ("Invoke", *_READS)
# Each identifies a resource in all operations of its service (botocore's lambda and iam models).
_NAMES = ("FunctionName", "RoleName")
# The reads of a function that a write invalidates; any other write invalidates all.
_CHANGED = {
    "AddPermission": ("get_policy",),
    "CreateAlias": ("get_alias", "list_aliases"),
    "PublishVersion": ("list_versions_by_function",),
    "RemovePermission": ("get_policy",),
    "UpdateAlias": ("get_alias", "list_aliases"),
    "UpdateFunctionCode": ("get_function",),
    "UpdateFunctionConfiguration": ("get_function",),
}
_CONTEXT = "mldeploy_parameters"


@dataclass(frozen=True)
class _Read:
    service: str
    operation: str
    parameters: dict[str, Any] = field(compare=False)
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", repr(sorted(self.parameters.items())))


class Observation:
    """Cached responses by service, operation and parameters, shared by threads.

    Writes of boto3 clients invalidate responses automatically, changes made without boto3 do so
    with `outdates`, and waits and optimistic locks read again with `again`.

    Args:
        ask: makes a read.
        workers: returns a pool of threads.
    """

    def __init__(self, ask: Ask, workers: Workers) -> None:
        self._ask = ask
        self.workers = workers
        self._lock = threading.Lock()
        self._answers: dict[_Read, Future[Seen]] = {}

    def read(self, service: str, operation: str, **parameters: Any) -> Seen:
        """Return the cached response of a read; None if the resource doesn't exist.

        Paged operations are read to the end and their lists joined. Concurrent identical reads
        wait for one call; an error is raised for all of them and isn't cached.

        Raises:
            TypeError: the operation isn't a read; no call is made.
        """
        if not operation.title().replace("_", "").startswith(_READS):
            raise TypeError(f"{service}'s {operation} writes, but an observation only reads")
        read = _Read(service, operation, parameters)
        with self._lock:
            mine = read not in self._answers
            future = self._answers.setdefault(read, Future())
        if mine:
            try:
                future.set_result(self._ask(service, operation, parameters))
            except BaseException as error:
                self._drop(lambda one: one == read)
                future.set_exception(error)
                raise
        return future.result()

    def read_together(self, *calls: tuple[str, str, dict[str, Any]]) -> None:
        """Make independent reads concurrently and cache them for `read`."""
        with self.workers(len(calls)) as pool:
            done = [pool.submit(self.read, *call[:2], **call[2]) for call in calls]
            for one in done:
                one.result()

    def again(self, service: str = "", operation: str = "", **which: Any) -> "Observation":
        """Invalidate reads, so that they are made again and cached.

        Args:
            service: only its reads; "" for all.
            operation: only its reads; "" for all.
            **which: only reads with these parameters, and those without such parameters.
        """

        def concerned(read: _Read) -> bool:
            return (
                service in ("", read.service)
                and operation in ("", read.operation)
                and all(read.parameters.get(name, value) == value for name, value in which.items())
            )

        self._drop(concerned)
        return self

    @contextmanager
    def outdates(self, service: str = "", operation: str = "", **which: Any) -> Iterator[None]:
        """Invalidate reads around a block that changes them; the arguments are those of `again`.

        This is for changes not made by a boto3 client: a push, or time that passes.
        """
        try:
            yield
        finally:
            self.again(service, operation, **which)

    def remember(self, service: str, operation: str, answer: Seen, **parameters: Any) -> None:
        """Cache a write's response that equals that of a read."""
        future: Future[Seen] = Future()
        future.set_result(answer)
        with self._lock:
            self._answers[_Read(service, operation, parameters)] = future

    def watch(self, client: Any, service: str) -> None:
        """Invalidate responses on each write of a boto3 client, whether or not it succeeds."""
        events = client.meta.events
        # botocore emits them in botocore/client.py; the last one if there is no response.
        events.register("provide-client-params", _note)
        events.register("after-call", partial(self._after, service))
        events.register("after-call-error", partial(self._after, service))

    def _after(self, service: str, *, event_name: str, context: dict[str, Any], **_: Any) -> None:
        operation = event_name.rpartition(".")[2]
        if operation.startswith(_HARMLESS):
            return
        parameters = context.get(_CONTEXT, {})
        which = {name: parameters[name] for name in _NAMES if name in parameters}
        changed = _CHANGED.get(operation, ("",)) if service == "lambda" else ("",)
        for read in changed:
            self.again(service, read, **which)

    def _drop(self, concerned: Callable[[_Read], bool]) -> None:
        with self._lock:
            for read in [one for one in self._answers if concerned(one)]:
                del self._answers[read]


def _note(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[_CONTEXT] = params
