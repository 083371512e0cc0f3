"""Which permissions a deployer gets, by what the file says."""

from dataclasses import replace

import pytest

from mldeploy.config import Config, RoleConfig, SignConfig
from mldeploy.deploy.permissions import deployer_policy, makes_administrators
from tests.support.stacks import config

ROLE = "arn:aws:iam::123456789012:role/mine"
BOUNDARY = "arn:aws:iam::123456789012:policy/edge"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f1e2d3c"
SIGNED = replace(config(), api=replace(config().api, auth="iam"))

ROLES = {
    "roles without a boundary can have any right": (RoleConfig(), True),
    "a boundary limits them": (RoleConfig(permissions_boundary=BOUNDARY), False),
    "a role of the user's is passed, not written": (RoleConfig(arn=ROLE), False),
}


@pytest.mark.parametrize("case", ROLES)
def test_who_can_become_an_administrator(case: str) -> None:
    """By IAM's "Delegating responsibility to others" only a boundary prevents it."""
    role, makes = ROLES[case]
    assert makes_administrators(config(role=role)) is makes


def granted(settings: Config) -> set[str]:
    """Return every action that the policy allows."""
    return {one for each in deployer_policy(settings)["Statement"] for one in each["Action"]}


ACTIONS = {
    "a public API needs no permission to call it": (config(), "execute-api:Invoke", False),
    "an API with signed requests needs one": (SIGNED, "execute-api:Invoke", True),
    "without a key nothing is signed": (config(), "kms:Sign", False),
    "a key is used to sign": (config(sign=SignConfig(KEY)), "kms:Sign", True),
}


@pytest.mark.parametrize("case", ACTIONS)
def test_an_action_is_granted_only_if_it_is_needed(case: str) -> None:
    """The policy follows the file."""
    settings, action, allowed = ACTIONS[case]
    assert (action in granted(settings)) is allowed


def test_the_key_is_the_only_one_that_may_sign() -> None:
    """The statement names its ARN."""
    policy = deployer_policy(config(sign=SignConfig(KEY)))
    [signing] = [one for one in policy["Statement"] if "kms:Sign" in one["Action"]]
    assert signing["Resource"] == [KEY]
