"""`StrictAws`: moto behind hooks that every client made in it has.

A rule sees each call before moto does, and may refuse it, answer it, or mend moto's answer
afterwards. The rules stand in `rules_*.py`, each with the source of what AWS does.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.handlers
from moto import mock_aws
from moto.core import botocore_stubber

from tests.strict.around import Answer, Unwatched, no_sleep
from tests.strict.calls import ACCOUNT, AFTER, BEFORE, REGION, Call, Crash, RefusedError
from tests.strict.content import Unchanged
from tests.strict.faults import Faults
from tests.strict.images import manifest_of
from tests.strict.least import Least
from tests.strict.lost import attempt_again, lose_the_answer
from tests.strict.quick import narrow, quick
from tests.strict.state import State
from tests.strict.storm import Storm

__all__ = ["ACCOUNT", "REGION", "Call", "Crash", "RefusedError", "StrictAws", "strict_aws"]


class StrictAws:
    """An emulated account, for the time of a test.

    Attributes:
        calls: every call of the program, in order; one entry a call, however often botocore
            attempts it.
        state: what the rules remember, and how long things take.
        watch: is told of every change that the program has made, right after it took effect.
        around: is told of every call of the program before it is made, outside all locks.
        least: holds each call of the program to what `mldeploy iam policy` grants.
        take_lost: returns, once, an answer that was cut on its way: status_code, headers, body.
        changes: grows with every change, whoever makes it; what was read before it may be untrue.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.state = State()
        self.least = Least()
        self.answer_invoke: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self.watch: Callable[[Call], None] | None = None
        self.around: Callable[[Call], None] | None = None
        self.take_lost: Callable[[], dict[str, Any] | None] | None = None
        self.changes = 0
        self._faults = Faults()
        self._clients: dict[str, Any] = {}
        self._unchanged = Unchanged()
        # One lock for rules and moto: both keep plain dicts, and the program observes from
        # several threads.
        self.lock = threading.RLock()
        self._thread = threading.local()

    def mutating_calls(self) -> list[str]:
        """Return the names of the calls that changed something."""
        return [call.name for call in self.calls if call.mutating]

    def reset_calls(self) -> None:
        """Forget the calls so far."""
        self.calls.clear()

    def crash_at(
        self, k: int, when: str = "before", *, only_mutating: bool = True, for_good: bool = False
    ) -> None:
        """Die once at the k-th (changing) call from now on, before or after it took effect.

        With "lost" nobody dies: the call takes effect and its answer is lost. `for_good`: none of
        the process's threads makes another call, until `crash_never`.
        """
        self._faults.crash = (k, when)
        self._faults.only_mutating = only_mutating
        self._faults.for_good = for_good
        self._faults.counted = 0

    def crash_never(self) -> None:
        """Live on, or live again."""
        self._faults.crash, self._faults.dead = None, False

    def weather(self, storm: Storm | None) -> None:
        """Let a storm blow from now on, or none."""
        self._faults.storm = storm

    def deny(self, action: str) -> None:
        """Refuse an IAM action such as "lambda:CreateFunction", or "apigatewayv2:CreateApi"."""
        self._faults.denied.add(action)

    def throttle(self, name: str, times: int) -> None:
        """Throttle so many attempts of a call such as "lambda:CreateFunction"."""
        self._faults.throttled[name] = times

    def on_invoke(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Answer Invoke; by default nobody does, for moto's echo proves nothing.

        Args:
            answer: gets Invoke's parameters, returns its response. `Payload` may be bytes, or
                anything that JSON can say; `FunctionError` and `LogResult` as in AWS's.
        """
        self.answer_invoke = answer

    def client(self, service: str) -> Any:
        """Return a client for a test's own doings; no fault meets it and nobody counts it."""
        return Unwatched(self.plain_client(service), self)

    def plain_client(self, service: str) -> Any:
        """Return boto3's own; made once, for that takes longer than all its calls."""
        with self.lock:
            if service not in self._clients:
                self._clients[service] = boto3.client(service, region_name=REGION)
            return self._clients[service]

    @contextmanager
    def unwatched(self, *, peek: bool = False) -> Iterator[None]:
        """Make calls of the test's own; with `peek` reading brings no state any further."""
        before = self.is_ours, self.peeks
        self._thread.ours, self._thread.peek = True, peek
        try:
            yield
        finally:
            self._thread.ours, self._thread.peek = before

    @property
    def is_ours(self) -> bool:
        """Whether this thread's calls are the test's own."""
        return bool(getattr(self._thread, "ours", False))

    @property
    def call(self) -> Call | None:
        """The call that this thread is about to make, or is making."""
        return getattr(self._thread, "call", None)

    @call.setter
    def call(self, call: Call) -> None:
        self._thread.call = call

    @property
    def peeks(self) -> bool:
        """Whether this thread's reads leave Pending and InProgress as they are."""
        return bool(getattr(self._thread, "peek", False))

    def put_image(
        self, repository: str, tag: str, content: str, labels: dict[str, str] | None = None
    ) -> str:
        """Put an image's manifest, distinct for distinct content; return its digest."""
        text, media_type = manifest_of(content)
        configuration = json.loads(text)["config"]["digest"]
        self.state.blobs[configuration] = {"config": {"Labels": labels or {}}}
        done = self.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=text,
            imageManifestMediaType=media_type,
            imageTag=tag,
        )
        return str(done["image"]["imageId"]["imageDigest"])

    @contextmanager
    def step(self, call: Call) -> Iterator[None]:
        """Let something that no client of boto3 does, such as a push, count as a call."""
        if self.around:
            self.around(call)
        with self.lock:
            self.calls.append(call)
            self._faults.crash_if_due(call, "before")
            yield
            self.changes += 1
            self._took_effect(call)

    def snapshot(self) -> dict[str, Any]:
        """Return all that mldeploy may make, with AWS's own ids replaced: see `snapshot`."""
        from tests.strict.snapshot import snapshot

        def asked(service: str, ask: Callable[[Any], Any]) -> Any:
            client = self.plain_client(service)
            return self._unchanged.once(service, self.state, lambda: ask(client))

        with self.unwatched(peek=True):
            return snapshot(asked)

    def reset(self) -> None:
        """Start with an empty account."""
        from moto.core.base_backend import BackendDict

        with self.lock:
            for backend in BackendDict._instances:  # type: ignore[misc]
                backend.reset()
            self.state = State()
            self.calls.clear()
            self.changes += 1
            self._faults.counted = 0

    # The hooks. botocore emits all of a call's events in one thread.

    def note(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> dict[str, Any] | None:
        from tests.strict.rules_tags import without_ignored

        context["strict_params"] = dict(params)
        with self.lock:
            return without_ignored(f"{model.service_model.service_name}:{model.name}", params)

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        call = Call(model.service_model.service_name, model.name, context.get("strict_params", {}))
        if self.around and not self.is_ours:
            self.around(call)
        if not self.is_ours:
            self.least.check(call, context["client_region"])
        context["strict_call"] = self.call = call
        self._thread.attempts = 0
        # Here and after moto: a reader in another thread may come between the two.
        self.changes += call.mutating
        try:
            with self.lock:
                if not self.is_ours:
                    self._faults.crash_if_due(call, "before")
                    self.calls.append(call)
                    self._faults.refuse_if_denied(call)
                    if self._faults.loses(call):
                        lose_the_answer(self, call, context)
                for rule in BEFORE.get(call.name, []):
                    answer = rule(self, call)
                    if answer is not None:
                        return Answer(200), {"ResponseMetadata": {"HTTPStatusCode": 200}, **answer}
        except RefusedError as refused:
            error = {"Code": refused.code, "Message": refused.message}
            metadata = {"HTTPStatusCode": refused.status, "RequestId": "strict"}
            return Answer(refused.status), {"Error": error, "ResponseMetadata": metadata}
        return None

    def attempt(self, request: Any, **_: Any) -> Any:
        call = self.call
        if call is None or self.is_ours:
            return None
        with self.lock:
            self._thread.attempts += 1
            lost = self.take_lost() if self.take_lost and self._thread.attempts > 1 else None
            if lost:
                with self.unwatched():
                    answer = attempt_again(self, call, lost, request)
            else:
                answer = self._faults.throttle_if_due(call, request)
        # botocore asks all handlers and takes the first answer: moto must not act on it as well.
        self._thread.spoiled = request if answer else None
        return answer

    def process(self, process: Any, stubber: Any, request: Any) -> Any:
        """Let moto answer an attempt, one at a time, unless it was refused."""
        if getattr(self._thread, "spoiled", None) is request:
            return None
        with self.lock:
            narrow(request.url)
            return process(stubber, request)

    def after(self, http_response: Any, parsed: Any, context: dict[str, Any], **_: Any) -> None:
        call = context.get("strict_call")
        if call is not None:
            self.changes += call.mutating
        if call is not None and call.retried:
            # botocore's endpoint.py counts its further attempts there.
            parsed.setdefault("ResponseMetadata", {})["RetryAttempts"] = 1
        if call is None or http_response.status_code >= 300:
            return
        with self.lock:
            for rule in AFTER.get(call.name, []):
                rule(self, call, parsed)
            if not self.is_ours:
                self._took_effect(call)

    def _took_effect(self, call: Call) -> None:
        if self.watch and call.mutating:
            self.watch(call)
        self._faults.crash_if_due(call, "after")


def _load_rules() -> None:
    from tests.strict import (  # noqa: F401 - importing registers them
        rules_concurrency,
        rules_gateway,
        rules_lambda,
        rules_openings,
        rules_other,
        rules_policy,
        rules_refusals,
        rules_registry,
        rules_shift,
        rules_states,
        rules_step_functions,
        rules_tags,
        rules_traffic,
        rules_version,
    )


@contextmanager
def strict_aws() -> Iterator[StrictAws]:
    """Run with an empty, strict account; every session made inside has the hooks."""
    _load_rules()
    aws = StrictAws()
    hooks = [
        ("provide-client-params", aws.note),
        ("before-call", aws.before),
        # Ahead of moto's own handler, which would answer first.
        ("before-send", aws.attempt, botocore.handlers.REGISTER_FIRST),
        ("after-call", aws.after),
    ]
    process = botocore_stubber.BotocoreStubber.process_request

    def one_at_a_time(self: Any, request: Any) -> Any:
        return aws.process(process, self, request)

    with mock_aws(config={"lambda": {"use_docker": False}}), no_sleep(), quick():
        # Sessions copy this list when they are made: that is how moto itself gets in.
        botocore.handlers.BUILTIN_HANDLERS.extend(hooks)
        botocore_stubber.BotocoreStubber.process_request = one_at_a_time  # type: ignore[method-assign]
        boto3.DEFAULT_SESSION = None
        try:
            yield aws
            # Whatever the program makes of it, a call without a permission fails the test.
            assert not aws.least.refused, aws.least.refused
        finally:
            botocore_stubber.BotocoreStubber.process_request = process  # type: ignore[method-assign]
            for hook in hooks:
                botocore.handlers.BUILTIN_HANDLERS.remove(hook)
            boto3.DEFAULT_SESSION = None
