"""What AWS answered to reads: shared by all that ask the same, until a write makes it untrue."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

Answer = dict[str, Any] | None
"""None where AWS says that there is no such thing."""

_LOOKS = ("Describe", "Filter", "Get", "Invoke", "List", "Lookup", "Verify")
_READS = ("BatchCheck", "BatchGet", *_LOOKS)
# Each names one thing in all operations of its service (botocore's models of lambda and iam).
_NAMES = ("FunctionName", "RoleName")
# Which reads of a function a write makes untrue; any other write: all of them.
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


class Reads:
    """Answers by service, operation and parameters; threads share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[_Read, Future[Answer]] = {}

    def once(
        self, service: str, operation: str, parameters: dict[str, Any], ask: Callable[[], Answer]
    ) -> Answer:
        """Return the answer that is there, or ask; whoever asks the same meanwhile waits for it.

        An error is raised to all who wait, and not kept.
        """
        read = _Read(service, operation, parameters)
        with self._lock:
            mine = read not in self._answers
            future = self._answers.setdefault(read, Future())
        if mine:
            try:
                future.set_result(ask())
            except BaseException as error:
                self._drop(lambda one: one == read)
                future.set_exception(error)
                raise
        return future.result()

    def remember(
        self, service: str, operation: str, parameters: dict[str, Any], answer: Answer
    ) -> None:
        """Keep what a write answered, where that is what the read would answer."""
        future: Future[Answer] = Future()
        future.set_result(answer)
        with self._lock:
            self._answers[_Read(service, operation, parameters)] = future

    def forget(self, service: str = "", operation: str = "", **which: Any) -> None:
        """Drop all answers, or those of a service, of an operation, with some parameters.

        An answer without such a parameter is about everything, and dropped too.
        """

        def concerned(read: _Read) -> bool:
            return (
                service in ("", read.service)
                and operation in ("", read.operation)
                and all(read.parameters.get(name, value) == value for name, value in which.items())
            )

        self._drop(concerned)

    def watch(self, client: Any, service: str) -> None:
        """Drop what each write of a boto3 client makes untrue, whether or not it succeeds."""
        events = client.meta.events
        # botocore emits them in botocore/client.py; the last one where no answer comes.
        events.register("provide-client-params", _note)
        events.register("after-call", partial(self._after, service))
        events.register("after-call-error", partial(self._after, service))

    def _after(self, service: str, *, event_name: str, context: dict[str, Any], **_: Any) -> None:
        operation = event_name.rpartition(".")[2]
        if operation.startswith(_READS):
            return
        parameters = context.get(_CONTEXT, {})
        which = {name: parameters[name] for name in _NAMES if name in parameters}
        changed = _CHANGED.get(operation, ("",)) if service == "lambda" else ("",)
        for read in changed:
            self.forget(service, read, **which)

    def _drop(self, concerned: Callable[[_Read], bool]) -> None:
        with self._lock:
            for read in [one for one in self._answers if concerned(one)]:
                del self._answers[read]


def _note(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[_CONTEXT] = params
