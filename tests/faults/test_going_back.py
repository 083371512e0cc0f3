"""A release that doesn't answer at the public URL: everything is as it was, nothing was removed."""

from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import pytest

from mldeploy.http.call import Answer
from tests.faults.chain import served
from tests.faults.operations import BY_NAME, ONE, TWO, Operation, Step
from tests.faults.trial import finish, reference
from tests.faults.world import World
from tests.strict.calls import Call, RefusedError
from tests.strict.storm import Storm
from tests.support.runtime import LAYERS

NEW_MODEL = BY_NAME["new model"]
RENAMED = ONE.replace("[functions.predict]", "[functions.score]")
OPERATIONS = [
    NEW_MODEL,
    BY_NAME["new model of two functions"],
    BY_NAME["new memory"],
    replace(BY_NAME["function added"], step=Step(config=TWO, model="a better model")),
    Operation("new model, function removed", (Step(config=TWO),), NEW_MODEL.step),
    Operation("route moved", NEW_MODEL.start, replace(NEW_MODEL.step, config=RENAMED)),
]


def failing(where: World, method: str, url: str, *more: Any, **named: Any) -> Answer:
    """Answer as API Gateway does where the function fails; ECR answers as ever."""
    if url.startswith(LAYERS):
        return where.runtime.call(method, url, *more, **named)
    return Answer(500, '{"message": "Internal Server Error"}', 1.0)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_what_does_not_answer_goes_back_and_nothing_is_removed(
    operation: Operation, where: World
) -> None:
    """The old releases answer at the same routes; once it answers, the next run finishes it."""
    undisturbed = reference(where, operation)
    where.begin(operation)
    with where.reaching(call=partial(failing, where)):
        outcome = where.take(operation.step)
    assert (outcome.code, outcome.error["code"]) == (6, "MLD505")
    assert served(where.aws) == undisturbed.before
    assert finish(where, undisturbed) == []


class Locked(Storm):
    """One alias can be moved; AWS throttles the next move, and refuses to move the first back."""

    moves = 0

    def befall(self, call: Call) -> None:
        """Refuse a call.

        Raises:
            RefusedError: throttled, or changed elsewhere.
        """
        self.moves += call.name == "lambda:UpdateAlias"
        if call.name != "lambda:UpdateAlias" or self.moves == 1:
            return
        if self.moves == 2:
            raise RefusedError("TooManyRequestsException", "Rate exceeded", 429)
        raise RefusedError("PreconditionFailedException", "The RevisionId is another", 412)

    def loses(self, call: Call) -> bool:
        """Lose no answer."""
        del call
        return False

    def blow(self, call: Call, request: Any) -> None:
        """Spoil no attempt."""
        del call, request


def test_the_reason_is_told_where_going_back_fails_too(where: World) -> None:
    """The first error is the command's, and it names the alias that stays at the new release."""
    undisturbed = reference(where, BY_NAME["new model of two functions"])
    where.begin(undisturbed.operation)
    where.aws.weather(Locked(Random(0)))  # noqa: S311 - nothing is drawn
    outcome = where.take(undisturbed.operation.step)
    where.aws.weather(None)
    assert outcome.error["code"] == "MLD405"
    assert "may not be back at the old release" in outcome.error["details"]["live"]
    assert finish(where, undisturbed) == []
