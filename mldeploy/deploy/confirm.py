"""After a shift, checks that the public URL serves the expected release."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.deploy.prove import Proof, prove_release
from mldeploy.errors import MldeployError
from mldeploy.events import Finished, Note, Started, Waiting
from mldeploy.facts.thresholds import ALIAS_SECONDS, MOST_FAILURES, MOST_SILENCES, ROUTE_SECONDS
from mldeploy.http.call import Answer, NoAnswerError
from mldeploy.invoke.endpoint import TOKEN, call_route, method_of, the_api, url_of
from mldeploy.invoke.requests import Request, request_of_payload
from mldeploy.model.expected import differences
from mldeploy.plan.diff import Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.api import HttpApi

_WITH_BODY = {"PATCH", "POST", "PUT"}


@dataclass(frozen=True)
class Question:
    """A request to send, and the expected response."""

    route: str
    request: Request
    expected: Any = None
    status: int = 200


@dataclass(frozen=True)
class Look:
    """The result of one request.

    Attributes:
        problem: what is wrong with the response, or "".
        of_gateway: whether the gateway rejected the request.
        failed: whether the function returned an error.
        silence: why there was no response, or "".
    """

    problem: str = ""
    of_gateway: bool = False
    failed: bool = False
    silence: NoAnswerError | None = None


@dataclass(frozen=True)
class Tally:
    """Counts of consecutive function errors and of missing responses."""

    failures: int = 0
    silences: int = 0

    def after(self, look: Look) -> "Tally":
        """Return the tally with one more result."""
        return Tally(
            self.failures + 1 if look.failed else 0, self.silences + 1 if look.silence else 0
        )


def gives_up(look: Look, tally: Tally, waited: float) -> bool:
    """Return whether to stop sending requests, because the fault isn't a change still propagating.

    Args:
        look: the latest result.
        tally: of all results.
        waited: seconds so far.
    """
    over = waited >= ALIAS_SECONDS and not look.of_gateway
    return over or tally.failures == MOST_FAILURES or tally.silences == MOST_SILENCES


def confirm(config: Config, plan: Plan, proofs: Sequence[Proof], context: Context) -> None:
    """Send a golden example to the public URL if the plan changed aliases or the API.

    Args:
        config: of the stage.
        plan: that was applied.
        proofs: of the releases that were verified.
        context: how.

    Raises:
        MldeployError: MLD505 if the response isn't the release's.
        NoAnswerError: if there is no response, which may be due to this machine's network.
    """
    changes = plan.of_kinds(Alias.kind, HttpApi.kind).changes
    if (
        not config.routed
        or not changes
        or any(isinstance(one.after, Alias) and one.after.canary for one in changes)
    ):
        return  # a canary is confirmed after it ends: until then two releases answer
    question = _question(config, proofs, context)
    if question is None:
        context.emit(Note("no route accepts a golden example, so the public URL wasn't checked"))
        return
    api = the_api(config, context)
    step = f"confirm {method_of(question.route)} {url_of(api, question.route)}"
    context.emit(Started(step))
    look, tally, waited = Look(), Tally(), 0.0
    for waited in context.clients.polls(ROUTE_SECONDS):
        look = _asked(config, api, question, context)
        if not look.problem:
            context.emit(Finished(step, waited))
            return
        tally = tally.after(look)
        if gives_up(look, tally, waited):
            break
        context.emit(Waiting(step, look.problem, waited))
    if look.silence:
        raise look.silence
    raise MldeployError(
        "MLD505",
        f"{method_of(question.route)} {url_of(api, question.route)} still gives a wrong response "
        f"after {waited:.0f} s: {look.problem}",
        "run `mldeploy invoke --direct` to see the function's log",
    )


def _asked(config: Config, api: HttpApi, question: Question, context: Context) -> Look:
    try:
        answer = call_route(config, api, question.route, question.request, context)
    except NoAnswerError as error:
        return Look(error.message, silence=error)
    return look_of(answer, question)


def look_of(answer: Answer, question: Question) -> Look:
    """Compare a response with the expected one."""
    if answer.status != question.status:
        return Look(
            f"status {answer.status}: {answer.body[:300]}",
            of_gateway=answer.of_gateway,
            failed=answer.status >= 500 and not answer.of_gateway,  # noqa: PLR2004 - HTTP
        )
    found = [] if question.expected is None else differences(question.expected, answer.content)
    return Look("; ".join(found[:3]))


def _question(config: Config, proofs: Sequence[Proof], context: Context) -> Question | None:
    """Return a request for a function that serves a model, preferably one whose alias moved.

    If the API requires a token, the expected response is the gateway's 401, because none is
    available here.
    """
    if config.api.auth == "jwt" and not os.environ.get(TOKEN):
        return Question(_concrete(config.routed[0].route), request_of_payload({}), status=401)
    by_function = {proof.function: proof for proof in proofs}
    able = [one for one in config.routed if _takes_example(one)]
    able.sort(key=lambda one: config.function_name(one.name) not in by_function)
    for function in able:
        name = config.function_name(function.name)
        alias = Alias(name).observe(context.reads.again("lambda", "get_alias", FunctionName=name))
        if alias is None or alias.canary:
            continue
        proof = by_function.get(name)
        if proof is None or proof.release != alias.release:
            proof = prove_release(name, alias.release, context)
        inputs, expected = proof.golden.inputs[:1], proof.golden.expected[:1]
        if inputs and expected:
            return Question(
                _concrete(function.route),
                request_of_payload({"instances": inputs}),
                {"predictions": expected, "model": {"release": alias.release}},
            )
    return None


def _concrete(route: str) -> str:
    """Return a route key with its parameters replaced by a sample value."""
    return re.sub(r"\{[^}]*\}", "x", route)


def _takes_example(function: FunctionConfig) -> bool:
    return not function.custom and method_of(function.route) in _WITH_BODY
