"""Verifies a release in Lambda before it receives traffic."""

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mldeploy.aws.errors import error_code
from mldeploy.errors import MldeployError
from mldeploy.events import Failed, Finished, Note, Started, Waiting
from mldeploy.facts.thresholds import SETTLE_SECONDS
from mldeploy.model.golden import Golden
from mldeploy.plan.diff import Change
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.lambda_state import version_of_release
from mldeploy.resources.settling import require_invocable, settled
from mldeploy.resources.signatures import require_signed
from mldeploy.text.redact import redact

_NOT_READY = {"ResourceConflictException", "ResourceNotReadyException"}
"""A version that was idle for weeks is Inactive; its first invoke fails and wakes it
(Lambda developer guide, "Lambda function states")."""
_UNREAD = "can't be read: AccessDenied"
"""The prefix of the error of a function whose role can't read a secret (`endpoint.references`).
A policy takes seconds to propagate (IAM user guide, "Changes that I make are not always immediately
visible"); a failed start is retried."""
_SPREADING = 30.0
_WORKERS = 4
_MOST_LOG_LINES = 20


@dataclass(frozen=True)
class Proof:
    """The result of verifying a version.

    Attributes:
        function: the function's name.
        release: the release's id.
        version: its number.
        golden: requests and their expected responses; falsy if this machine has none.
        failure: what is wrong, or "".
        log: the end of the last call's log.
    """

    function: str
    release: str
    version: str
    golden: Golden = field(default=Golden(), repr=False)
    failure: str = ""
    log: tuple[str, ...] = field(default=(), repr=False)


def prove(changes: Sequence[Change], context: Context) -> list[Proof]:
    """Send golden examples to every release that aliases are about to send traffic to.

    All are verified concurrently, before any alias moves. A release that already has all traffic
    of an alias was verified when it got it.

    Raises:
        MldeployError: MLD501 if one fails, MLD319 if the image of one lacks a required signature;
            no
            alias has moved.
    """
    moves = [one for one in changes if isinstance(one.after, Alias)]
    wanted = [
        (one.after.function, release)
        for one in moves
        if isinstance(one.after, Alias)
        for release in new_releases(one)
    ]
    with context.clients.workers(_WORKERS) as pool:
        proofs = list(pool.map(lambda one: prove_release(one[0], one[1], context), wanted))
    failed = [one for one in proofs if one.failure]
    if failed:
        raise _refused(failed, moves)
    return proofs


def new_releases(change: Change) -> list[str]:
    """Return the releases that a change of an alias sends traffic to."""
    before, after = change.before, change.after
    served = {before.release} if isinstance(before, Alias) else set()
    wanted = []
    if isinstance(after, Alias):
        wanted = [after.release, *([after.canary.release] if after.canary else [])]
    return [one for one in wanted if one not in served]


def prove_release(function: str, release: str, context: Context) -> Proof:
    """Verify a published version with the golden examples that this machine has for its release."""
    version = version_of_release(function, release, context.reads)
    if not version:
        return Proof(function, release, "", failure="no version has this release")
    require_signed(function, version, context.reads)
    step = f"verify {function} version {version}"
    started = time.monotonic()
    context.emit(Started(step))
    require_invocable(function, settled(function, context, step, qualifier=version))
    golden = context.shelf.get(release)
    proof = _asked(Proof(function, release, version, golden), step, context)
    if proof.failure:
        context.emit(Failed(step, proof.failure))
        return proof
    told = f"{len(golden.expected)} golden examples" if golden else "it starts"
    context.emit(Finished(step, time.monotonic() - started, told))
    if not golden:
        text = (
            f"version {version} of {function} starts, but its predictions weren't compared: this "
            f"machine has no golden examples of release {release}"
        )
        context.emit(Note(text, "warning"))
    return proof


def _asked(proof: Proof, step: str, context: Context) -> Proof:
    """Send the golden examples, and compare the responses with the estimator's predictions."""
    answers: list[Any] = []
    for event in proof.golden.events():
        answer, payload = _invoked(proof, json.dumps(event).encode(), step, context)
        log = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
        lines = tuple(redact(line) for line in log.splitlines() if line.strip())
        proof = replace(proof, log=lines[-_MOST_LOG_LINES:])
        # Invoke returns 200 on a function error; only this field shows it (API reference, Invoke).
        if answer.get("FunctionError"):
            return replace(proof, failure=_function_error(payload))
        answers.append(_parsed(payload))
    try:
        problems = proof.golden.problems(answers)
    except (AttributeError, KeyError, TypeError, RecursionError):
        return replace(proof, failure='it doesn\'t support the event {"mldeploy": "verify"}')
    return replace(proof, failure="; ".join(problems))


def _parsed(payload: str) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _invoked(proof: Proof, event: bytes, step: str, context: Context) -> tuple[dict[str, Any], str]:
    """Invoke a version once it is active and its role can read its secrets; return the payload."""
    last: Exception | None = None
    for waited in context.clients.polls(SETTLE_SECONDS):
        try:
            found: dict[str, Any] = context.clients.invoked.invoke(
                FunctionName=proof.function,
                Qualifier=proof.version,
                LogType="Tail",
                Payload=event,
            )
        except Exception as error:
            if error_code(error) not in _NOT_READY:
                raise
            last = error
            context.emit(Waiting(step, "the version is Inactive and is being activated", waited))
            continue
        payload = found["Payload"].read().decode("utf-8", "replace")
        if "FunctionError" not in found or _UNREAD not in payload or waited >= _SPREADING:
            return found, payload
        context.emit(
            Waiting(step, "the role's permission to read the secrets isn't effective yet", waited)
        )
    if last is None:
        raise AssertionError("polls() yields at least once")
    raise last


def _function_error(payload: str) -> str:
    """Return Lambda's description of an error: its type and message, e.g. of a timeout."""
    try:
        said = json.loads(payload)
        return f"{said.get('errorType', 'error')}: {said.get('errorMessage', '')}"[:500]
    except (AttributeError, ValueError):
        return payload[:500] or "it failed without a message"


def _refused(failed: list[Proof], moves: Sequence[Change]) -> MldeployError:
    first = failed[0]
    details = [("cause", f"{one.function}: {one.failure}") for one in failed[1:]]
    details += [("log", line) for one in failed for line in one.log]
    for move in moves:
        before = move.before
        stays = (
            f"still serves version {before.version}; no traffic was shifted"
            if isinstance(before, Alias)
            else "serves nothing yet; it wasn't created"
        )
        details.append(("live", f"{move.subject.name} {stays}"))
    return MldeployError(
        "MLD501",
        f"version {first.version or '?'} of {first.function} failed its check: {first.failure}",
        "fix the model or the code and deploy again; this version has received no traffic",
        details=tuple(details),
    )
