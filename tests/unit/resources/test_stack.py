"""From a configuration to resources: functions with handlers of the user's own."""

from mldeploy.config import FunctionConfig
from mldeploy.plan.diff import Difference, Plan, diff
from mldeploy.resources.base import Key, Resource, key
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.image import Image
from mldeploy.resources.kinds import ORDER
from mldeploy.resources.version import Version
from tests.support.stacks import config, stack_of

PREDICT = FunctionConfig("predict", "POST /predict")
MINE = FunctionConfig(
    "mine", "POST /mine", 256, 3, environment=(("A1", "x"),), handler="mine.app:handle"
)


def stack_with(*functions: FunctionConfig) -> tuple[Resource, ...]:
    return stack_of(config(functions=functions))


def functions(resources: tuple[Resource, ...]) -> dict[str, Function]:
    return {one.name.rpartition("_")[2]: one for one in resources if isinstance(one, Function)}


def plan_of(before: tuple[Resource, ...], after: tuple[Resource, ...]) -> Plan:
    """Return the plan where one stack runs. Versions of other releases aren't looked for."""
    seen: dict[Key, Resource] = {key(one): one for one in before if not isinstance(one, Version)}
    seen |= {key(one): one for one in after if isinstance(one, Version) and one in before}
    return diff(after, seen, ORDER)


def test_a_handler_of_the_user_s_own_stands_behind_the_wrapper() -> None:
    """Lambda's command is the wrapper, a variable names the handler; the model's has neither."""
    found = functions(stack_with(PREDICT, MINE))
    assert found["mine"].command == ("endpoint.custom.handle",)
    assert dict(found["mine"].environment)["MLDEPLOY_HANDLER"] == "mine.app:handle"
    assert dict(found["mine"].environment)["A1"] == "x"
    assert (found["mine"].memory, found["mine"].timeout) == (256, 3)
    assert found["predict"].command == ("endpoint.handler.handle",)
    assert "MLDEPLOY_HANDLER" not in dict(found["predict"].environment)


def test_functions_of_one_model_share_its_image() -> None:
    """One image resource, and one tag in both functions; each has a route."""
    resources = stack_with(PREDICT, MINE)
    (image,) = [one for one in resources if isinstance(one, Image)]
    assert {one.image for one in functions(resources).values()} == {image.tag}
    (api,) = [one for one in resources if isinstance(one, HttpApi)]
    assert sorted(route.key for route in api.routes) == ["POST /mine", "POST /predict"]


def test_another_handler_is_another_release() -> None:
    """It is a setting that a version keeps, and the plan shows it: it is no secret."""
    other = FunctionConfig(
        "mine", "POST /mine", 256, 3, environment=(("A1", "x"),), handler="mine.app:other"
    )
    plan = plan_of(stack_with(PREDICT, MINE), stack_with(PREDICT, other))
    assert [one.subject.kind for one in plan.changes] == ["function", "version", "alias"]
    shown = [one for one in plan.changes[0].differences if one.field == "handler"]
    assert shown == [Difference("handler", "mine.app:handle", "mine.app:other")]


def test_a_change_of_one_function_touches_it_alone() -> None:
    """Function, version and alias of its own, and nothing of the other or of the API."""
    more = FunctionConfig(
        "mine", "POST /mine", 512, 3, environment=(("A1", "x"),), handler="mine.app:handle"
    )
    plan = plan_of(stack_with(PREDICT, MINE), stack_with(PREDICT, more))
    steps = [change.step for change in plan.changes]
    assert len(steps) == 3
    assert all("_mine" in step and "_predict" not in step for step in steps)
