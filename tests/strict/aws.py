"""`StrictAws`: moto behind hooks that every client made in it has.

A rule sees each call before moto does, and may refuse it, answer it, or mend moto's answer
afterwards. The rules stand in `rules_*.py`, each with the source of what AWS does.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.handlers
from moto import mock_aws
from moto.core import botocore_stubber

from tests.strict.images import manifest_of
from tests.strict.state import State

ACCOUNT = "123456789012"
REGION = "eu-central-1"
_READS = ("Get", "List", "Describe", "Batch", "Lookup")
_CHANGING_BATCHES = ("BatchDelete",)
_TOKEN = "GetAuthorizationToken"


class Crash(BaseException):
    """The process dies here. No `except Exception` may swallow it."""


class RefusedError(Exception):
    """AWS refuses a call: code, message, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Call:
    """A call as the program made it."""

    service: str
    operation: str
    params: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def mutating(self) -> bool:
        return not self.operation.startswith(_READS) or self.operation.startswith(_CHANGING_BATCHES)


@dataclass(frozen=True)
class Answer:
    """An HTTP response, as far as botocore looks at it."""

    status_code: int
    headers: dict[str, str] = field(default_factory=dict)


Before = Callable[["StrictAws", Call], dict[str, Any] | None]
After = Callable[["StrictAws", Call, dict[str, Any]], None]
BEFORE: dict[str, list[Before]] = {}
AFTER: dict[str, list[After]] = {}


def before(*names: str) -> Callable[[Before], Before]:
    """Register a rule that may refuse a call (raise RefusedError) or answer it (return)."""

    def register(rule: Before) -> Before:
        for name in names:
            BEFORE.setdefault(name, []).append(rule)
        return rule

    return register


def after(*names: str) -> Callable[[After], After]:
    """Register a rule that mends moto's answer in place."""

    def register(rule: After) -> After:
        for name in names:
            AFTER.setdefault(name, []).append(rule)
        return rule

    return register


class StrictAws:
    """An emulated account, for the time of a test.

    Attributes:
        calls: every call that was made, in order.
        state: what the rules remember.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.state = State()
        self._crash: tuple[int, str] | None = None
        self._mutations = 0
        self._denied: set[str] = set()
        self._throttled: dict[str, int] = {}
        self._answer_invoke: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self._ours = threading.local()

    def mutating_calls(self) -> list[str]:
        """Return the names of the calls that changed something."""
        return [call.name for call in self.calls if call.mutating]

    def reset_calls(self) -> None:
        """Forget the calls so far."""
        self.calls.clear()

    def crash_at(self, k: int, when: str = "before") -> None:
        """Die at the k-th changing call from now on, before or after it took effect."""
        self._crash = (k, when)
        self._mutations = 0

    def crash_never(self) -> None:
        """Live on."""
        self._crash = None

    def deny(self, action: str) -> None:
        """Refuse an IAM action such as "lambda:CreateFunction"."""
        self._denied.add(action)

    def throttle(self, name: str, times: int) -> None:
        """Answer a call ("lambda:CreateFunction") with throttling, so many times."""
        self._throttled[name] = times

    def on_invoke(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Answer Invoke; by default nobody does, for moto's echo proves nothing."""
        self._answer_invoke = answer

    def client(self, service: str) -> Any:
        """Return a client for a test's own doings; its calls are neither counted nor crashed."""
        return Unwatched(boto3.client(service, region_name=REGION), self)

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Make calls of the test's own."""
        self._ours.on = True
        try:
            yield
        finally:
            self._ours.on = False

    def put_image(self, repository: str, tag: str, content: str) -> str:
        """Put an image's manifest, distinct for distinct content; return its digest."""
        text, media_type = manifest_of(content)
        with self.unwatched():
            done = boto3.client("ecr", region_name=REGION).put_image(
                repositoryName=repository,
                imageManifest=text,
                imageManifestMediaType=media_type,
                imageTag=tag,
            )
        return str(done["image"]["imageId"]["imageDigest"])

    def reset(self) -> None:
        """Start with an empty account."""
        from moto.backends import list_of_moto_modules  # noqa: F401 - loads them
        from moto.core.base_backend import BackendDict

        for backend in BackendDict._instances:  # type: ignore[misc]
            backend.reset()
        self.state = State()
        self.calls.clear()
        self._mutations = 0

    # The hooks. botocore emits provide-client-params, before-call and after-call in one thread.

    def note(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["strict_params"] = dict(params)

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        call = Call(model.service_model.service_name, model.name, context.get("strict_params", {}))
        context["strict_call"] = call
        watched = not getattr(self._ours, "on", False)
        if watched:
            self.calls.append(call)
            self._maybe_crash(call, "before")
        try:
            self._refuse(call)
            for rule in BEFORE.get(call.name, []):
                answer = rule(self, call)
                if answer is not None:
                    return Answer(200), {"ResponseMetadata": {"HTTPStatusCode": 200}, **answer}
        except RefusedError as refused:
            error = {"Code": refused.code, "Message": refused.message}
            metadata = {"HTTPStatusCode": refused.status, "RequestId": "strict"}
            return Answer(refused.status), {"Error": error, "ResponseMetadata": metadata}
        return None

    def after(self, http_response: Any, parsed: Any, context: dict[str, Any], **_: Any) -> None:
        call = context.get("strict_call")
        if call is None or http_response.status_code >= 300:
            return
        for rule in AFTER.get(call.name, []):
            rule(self, call, parsed)
        if not getattr(self._ours, "on", False):
            self._maybe_crash(call, "after")

    def _maybe_crash(self, call: Call, when: str) -> None:
        if self._crash is None or not call.mutating:
            return
        if when == "before":
            self._mutations += 1
        if (self._mutations, when) == self._crash:
            raise Crash(f"{when} call {self._mutations}, {call.name}")

    def _refuse(self, call: Call) -> None:
        if call.name in self._denied:
            raise RefusedError(
                "AccessDenied" if call.service == "iam" else "AccessDeniedException",
                f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: "
                f"{call.name} on resource: * because no identity-based policy allows the "
                f"{call.name} action",
                403,
            )
        left = self._throttled.get(call.name, 0)
        if left:
            self._throttled[call.name] = left - 1
            raise RefusedError("TooManyRequestsException", "Rate exceeded", 429)
        if call.name == "lambda:Invoke" and self._answer_invoke is None:
            raise RefusedError("ServiceException", "no test answers Invoke here", 500)


class Unwatched:
    """A client whose calls are the test's own."""

    def __init__(self, client: Any, aws: StrictAws) -> None:
        self._client = client
        self._aws = aws

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def unwatched(*arguments: Any, **params: Any) -> Any:
            with self._aws.unwatched():
                return call(*arguments, **params)

        return unwatched


@contextmanager
def strict_aws() -> Iterator[StrictAws]:
    """Run with an empty, strict account; every session made inside has the hooks."""
    from tests.strict import rules_gateway, rules_lambda, rules_other  # noqa: F401

    aws = StrictAws()
    hooks = [
        ("provide-client-params", aws.note),
        ("before-call", aws.before),
        ("after-call", aws.after),
    ]
    process = botocore_stubber.BotocoreStubber.process_request
    lock = threading.RLock()

    def one_at_a_time(self: Any, request: Any) -> Any:
        # moto's backends are plain dicts; the program observes from several threads.
        with lock:
            return process(self, request)

    with mock_aws(config={"lambda": {"use_docker": False}}):
        botocore.handlers.BUILTIN_HANDLERS.extend(hooks)
        botocore_stubber.BotocoreStubber.process_request = one_at_a_time  # type: ignore[method-assign]
        boto3.DEFAULT_SESSION = None
        try:
            yield aws
        finally:
            botocore_stubber.BotocoreStubber.process_request = process  # type: ignore[method-assign]
            for hook in hooks:
                botocore.handlers.BUILTIN_HANDLERS.remove(hook)
            boto3.DEFAULT_SESSION = None
