"""After a shift: does the public URL answer as the release that it should serve?"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.endpoint import TOKEN, call_route, method_of, the_api, url_of
from mldeploy.errors import MldeployError
from mldeploy.events import Finished, Note, Started, Waiting
from mldeploy.plan import Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.http_api import HttpApi
from mldeploy.smoke import Request, differences, request_of_payload
from mldeploy.verification import Proof, prove_release

SECONDS = 30.0
"""API Gateway and Lambda's aliases take seconds to spread a change."""
_MOST_FAILURES = 3
"""Answers of 5xx in a row: this isn't a change that spreads, and users meet it."""
_WITH_BODY = {"PATCH", "POST", "PUT"}


@dataclass(frozen=True)
class _Question:
    """What to send where, and what has to come back."""

    route: str
    request: Request
    expected: Any = None
    status: int = 200


def confirm(config: Config, plan: Plan, proofs: Sequence[Proof], context: Context) -> None:
    """Send one golden example through the public URL after aliases or the API have changed.

    Args:
        config: of the stage.
        plan: what was carried out.
        proofs: of the releases that were verified on the way.
        context: how.

    Raises:
        MldeployError: MLD505 where the answer isn't the release's own, or none comes.
    """
    changes = plan.of_kinds(Alias.kind, HttpApi.kind).changes
    if not changes or any(isinstance(one.after, Alias) and one.after.canary for one in changes):
        return  # a canary is confirmed when it has ended: until then two releases answer
    question = _question(config, proofs, context)
    if question is None:
        context.emit(Note("no route takes a golden example: the public URL wasn't asked"))
        return
    api = the_api(config, context)
    step = f"confirm {method_of(question.route)} {url_of(api, question.route)}"
    context.emit(Started(step))
    problem, failures, waited = "", 0, 0.0
    for waited in context.clients.polls(SECONDS):
        problem, status = _asked(config, api, question, context)
        if not problem:
            context.emit(Finished(step, waited))
            return
        failures = failures + 1 if status >= 500 else 0  # noqa: PLR2004 - HTTP
        if failures == _MOST_FAILURES:
            break
        context.emit(Waiting(step, problem, waited))
    raise MldeployError(
        "MLD505",
        f"{method_of(question.route)} {url_of(api, question.route)} doesn't answer as the release "
        f"should, after {waited:.0f} s: {problem}",
        "`mldeploy invoke --direct` shows the function's log",
    )


def _asked(config: Config, api: HttpApi, question: _Question, context: Context) -> tuple[str, int]:
    """Return what is wrong with the answer ("" for nothing), and its status."""
    try:
        answer = call_route(config, api, question.route, question.request, context)
    except MldeployError as error:
        return error.message, 0
    if answer.status != question.status:
        return f"it answers {answer.status}: {answer.body[:300]}", answer.status
    if question.expected is None:
        return "", answer.status
    found = differences(question.expected, answer.content)
    return "; ".join(found[:3]), answer.status


def _question(config: Config, proofs: Sequence[Proof], context: Context) -> _Question | None:
    """Return a request for a function that serves a model; one that has just moved if possible.

    Where a token is needed, which nobody has here, the gateway's own refusal is what is expected.
    """
    if config.api.auth == "jwt" and not os.environ.get(TOKEN):
        return _Question(_concrete(config.functions[0].route), request_of_payload({}), status=401)
    by_function = {proof.function: proof for proof in proofs}
    able = [one for one in config.functions if _takes_example(one)]
    able.sort(key=lambda one: config.function_name(one.name) not in by_function)
    for function in able:
        name = config.function_name(function.name)
        context.clients.forget()
        alias = Alias(name).observe(context)
        if alias is None or alias.canary:
            continue
        proof = by_function.get(name)
        if proof is None or proof.release != alias.release:
            proof = prove_release(name, alias.release, context)
        inputs, expected = proof.answer.get("inputs"), proof.answer.get("expected")
        if inputs and expected:
            return _Question(
                _concrete(function.route),
                request_of_payload({"instances": inputs[:1]}),
                {"predictions": expected[:1], "model": {"release": alias.release}},
            )
    return None


def _concrete(route: str) -> str:
    """Return a route key with something in place of its parameters."""
    return re.sub(r"\{[^}]*\}", "x", route)


def _takes_example(function: FunctionConfig) -> bool:
    return not function.custom and method_of(function.route) in _WITH_BODY
