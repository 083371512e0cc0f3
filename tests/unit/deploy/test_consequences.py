"""What a plan means: what becomes public or permitted, what it may cost, what may break."""

import json
from dataclasses import replace

import pytest

from mldeploy.config import Config, FunctionConfig, RoleConfig
from mldeploy.config.references import SECRETS_VARIABLE, Reference
from mldeploy.deploy.consequences import (
    allowed,
    facts_of,
    may_cost_more,
    opened,
)
from mldeploy.plan.consequences import Consequences, ModelChange
from mldeploy.plan.diff import Action, Change, Plan
from mldeploy.render.plans import meaning_lines
from mldeploy.resources.base import Resource
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.http_api.parts import Route
from mldeploy.resources.provisioned import ProvisionedConcurrency
from mldeploy.resources.role import Role
from mldeploy.resources.schedule import Schedule
from tests.support.stacks import ACCOUNT, config

F = "mldeploy_iris_dev_predict"
PUBLIC, LOCKED = Route("POST /predict", F), Route("POST /predict", F, auth="AWS_IAM")


def plan_of(before: Resource | None, after: Resource | None) -> Plan:
    action: Action = "create" if before is None else "delete" if after is None else "update"
    return Plan((Change(action, before, after),))


def api(*routes: Route, rate: float = 10.0) -> HttpApi:
    return HttpApi("api", routes=routes, rate=rate)


def role(*actions: str) -> Role:
    statements = [{"Effect": "Allow", "Action": one, "Resource": "arn:x"} for one in actions]
    return Role("r", policy=json.dumps({"Statement": statements}))


OPENED = {
    "a new public route becomes public": (None, api(PUBLIC), ("becomes PUBLIC: POST /predict",)),
    "so does one that was locked": (
        api(LOCKED), api(PUBLIC), ("becomes PUBLIC: POST /predict",),
    ),
    "one that was public does not": (api(PUBLIC), api(PUBLIC, rate=20.0), ()),
    "a locked one does not": (None, api(LOCKED), ()),
    "one that is locked from now on does not": (api(PUBLIC), api(LOCKED), ()),
    "one that goes does not": (api(PUBLIC), None, ()),
    "what a new role may do is named": (
        None, role("s3:GetObject"), ("becomes permitted: r: s3:GetObject on arn:x",),
    ),
    "of a role that was there only what is new": (
        role("s3:GetObject"), role("s3:GetObject", "s3:PutObject"),
        ("becomes permitted: r: s3:PutObject on arn:x",),
    ),
    "what it loses is not": (role("s3:GetObject"), role(), ()),
}  # fmt: skip


@pytest.mark.parametrize("case", OPENED)
def test_what_a_plan_opens(case: str) -> None:
    """Routes that anybody may call, and permissions."""
    before, after, lines = OPENED[case]
    assert opened(config(), plan_of(before, after), ACCOUNT) == lines


def referring(arn: str | None) -> Config:
    secret = Reference("PASSWORD", "ssm", "/iris/password")
    function = FunctionConfig("predict", "POST /predict", secrets=(secret,))
    return config(functions=(function,), role=RoleConfig(arn=arn))


def function_with(secrets: str) -> Function:
    return Function(F, environment=((SECRETS_VARIABLE, secrets),))


@pytest.mark.parametrize(
    ("arn", "before", "named"),
    [
        ("arn:aws:iam::123456789012:role/own", None, True),
        ("arn:aws:iam::123456789012:role/own", function_with("old"), True),
        ("arn:aws:iam::123456789012:role/own", function_with("new"), False),
        (None, None, False),
    ],
    ids=["a new function", "another reference", "the same references", "a role of mldeploy's"],
)
def test_what_a_role_of_the_user_s_needs(
    arn: str | None, before: Function | None, *, named: bool
) -> None:
    """Mldeploy can't give it to that one."""
    found = opened(referring(arn), plan_of(before, function_with("new")), ACCOUNT)
    needs = f"{arn} needs ssm:GetParameters on {ACCOUNT.arn('ssm', 'parameter/iris/password')}"
    assert found == ((needs,) if named else ())


COSTS = {
    "a first API": (None, api(PUBLIC), True),
    "a higher rate": (api(PUBLIC), api(PUBLIC, rate=20.0), True),
    "another route": (api(), api(PUBLIC), False),
    "an API that goes": (api(PUBLIC), None, False),
    "more memory": (Function(F, memory=512), Function(F, memory=1024), True),
    "a longer timeout": (Function(F, timeout=5), Function(F, timeout=9), True),
    "another number of executions": (Function(F), Function(F, reserved=5), True),
    "another architecture": (Function(F), Function(F, architecture="arm64"), True),
    "another image": (Function(F, image="a"), Function(F, image="b"), False),
    "environments that are kept ready": (None, ProvisionedConcurrency(F, 1), True),
    "more of them": (ProvisionedConcurrency(F, 1), ProvisionedConcurrency(F, 2), True),
    "a schedule": (None, Schedule(F), False),
}


@pytest.mark.parametrize("case", COSTS)
def test_what_may_change_the_cost(case: str) -> None:
    """Whatever bounds how much can run, and for how long."""
    before, after, found = COSTS[case]
    assert may_cost_more(plan_of(before, after)) is found


BREAKING = ModelChange("predict", ("a column is gone",), ("a column is gone",))
HARMLESS = ModelChange("predict", ("the error is lower",))


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Consequences((BREAKING,)), ("    BREAKING: a column is gone", True)),
        (Consequences((HARMLESS,)), ("    the error is lower", False)),
        (
            Consequences((replace(HARMLESS, differences=(), known=False),)),
            ("    the live image has no description of its model to compare", False),
        ),
        (
            Consequences((replace(HARMLESS, live_bytes=12_000_000),)),
            ("model of predict: image in ECR 12 MB → known after the build", False),
        ),
        (Consequences(opened=("becomes PUBLIC: X",)), ("becomes PUBLIC: X", True)),
        (Consequences(opened=("becomes permitted: X",)), ("becomes permitted: X", False)),
    ],
)
def test_what_people_read_of_it(found: Consequences, line: tuple[str, bool]) -> None:
    """What breaks clients or opens a route is a warning."""
    assert line in meaning_lines(found)


@pytest.mark.parametrize(
    ("ceiling", "amount"), [(0.04, "$0.04"), (9.994, "$9.99"), (1234.5, "$1,234")]
)
def test_small_amounts_have_cents(ceiling: float, amount: str) -> None:
    """Large ones are rounded to dollars."""
    ((text, _),) = meaning_lines(Consequences(ceiling=ceiling))
    assert f"up to {amount} per hour" in text


@pytest.mark.parametrize(
    ("labels", "facts"),
    [
        (
            {"mldeploy.format": "1", "mldeploy.facts": '{"task": "regression"}'},
            {"task": "regression"},
        ),
        ({"mldeploy.format": "2", "mldeploy.facts": '{"task": "regression"}'}, {}),
        ({"mldeploy.facts": '{"task": "regression"}'}, {}),
        ({"mldeploy.format": "1", "mldeploy.facts": "{"}, {}),
        ({"mldeploy.format": "1", "mldeploy.facts": "[1]"}, {}),
        ({}, {}),
    ],
)
def test_facts_are_read_only_in_a_form_that_is_known(
    labels: dict[str, str], facts: dict[str, str]
) -> None:
    """An image may have been built by another mldeploy, or by somebody else."""
    assert facts_of(labels) == facts


def test_one_permission_is_told_in_one_way() -> None:
    """IAM takes one text or a list; several actions stand together, resources apart."""
    statement = {"Action": ["s3:PutObject", "s3:GetObject"], "Resource": ["arn:b", "arn:a"]}
    assert allowed(json.dumps({"Statement": [statement]})) == {
        "s3:GetObject, s3:PutObject on arn:a",
        "s3:GetObject, s3:PutObject on arn:b",
    }
    assert allowed("") == set()
