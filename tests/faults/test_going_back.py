"""A release that doesn't answer at the public URL: everything is as it was, nothing was removed."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from mldeploy.http.call import Answer
from tests.faults.chain import served
from tests.faults.operations import BY_NAME, ONE, TWO, Operation, Step
from tests.faults.trial import finish, reference
from tests.faults.world import World
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
