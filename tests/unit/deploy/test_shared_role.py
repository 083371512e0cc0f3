"""Which changes of a role keep a canary from beginning."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mldeploy.config.references import SECRETS_VARIABLE
from mldeploy.deploy.shared_role import role_findings
from mldeploy.plan.diff import Change, Plan
from mldeploy.resources.alias import Alias, Canary
from mldeploy.resources.function import Function
from mldeploy.resources.role import Role

ARN = "arn:aws:iam::123456789012:role/f_role"
OLD = Alias("f", "old", version="1")
OTHER = "arn:aws:iam::123456789012:role/other"


def policy(*actions: str) -> str:
    statements = [{"Effect": "Allow", "Action": one, "Resource": "*"} for one in actions]
    return json.dumps({"Statement": statements})


def version(role: str = ARN, secrets: str = "") -> dict[str, Any]:
    return {"Role": role, "Environment": {"Variables": {SECRETS_VARIABLE: secrets}}}


def function(secrets: str = "") -> Function:
    return Function("f", role=ARN, environment=((SECRETS_VARIABLE, secrets),))


def narrowed(name: str = "f_role") -> Plan:
    before = Role(name, policy=policy("logs:PutLogEvents", "ssm:GetParameters"))
    after = Role(name, policy=policy("logs:PutLogEvents"))
    return Plan((Change("update", before, after),))


NOTHING = Plan(())
CASES = {
    "two versions with one role": (version(), function(), NOTHING, ""),
    "another role": (
        version(OTHER), function(), NOTHING,
        f"the live version's role is {OTHER}, the new one's {ARN}",
    ),
    "a live version that is gone": ({}, function(), NOTHING, ""),
    "a role that loses what the live version reads": (
        version(secrets="A=ssm:/a"), function(), narrowed(),
        "the live version needs a permission that their role would lose: ssm:GetParameters on *",
    ),
    "one that loses what neither reads": (version(), function(), narrowed(), ""),
    "another function's role": (
        version(secrets="A=ssm:/a"), function(), narrowed("g_role"), "",
    ),
    "secrets that go while the role stays": (
        version(secrets="A=ssm:/a"), function(), NOTHING, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_in_a_canary_s_way(case: str) -> None:
    """Lambda divides requests among versions of one role only."""
    live, new, plan, why = CASES[case]
    begins = Change("update", OLD, replace(OLD, canary=Canary("new", 0.1)))
    found = role_findings([new], Plan((*plan.changes, begins)), {"f": live})
    assert [one.what.partition("with this change: ")[2] for one in found] == ([why] if why else [])
    assert role_findings([new], plan, {}) == ()  # no canary begins
