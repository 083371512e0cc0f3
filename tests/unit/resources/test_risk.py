"""What a difference is marked as: AWS lets in more than the file, or endangers what runs."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mldeploy.plan.diff import Change
from mldeploy.resources.role import Role
from mldeploy.resources.role_desired import trust_of

LEAST = json.dumps({"Statement": [{"Effect": "Allow", "Action": "logs:Put", "Resource": "a"}]})
MORE = json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
ANYBODY = trust_of("lambda.amazonaws.com").replace('{"Service":"lambda.amazonaws.com"}', '"*"')
ROLE = Role("r", trust_of("lambda.amazonaws.com"), LEAST, "arn:boundary", ("arn:kept",))


@pytest.mark.parametrize(
    ("field", "value", "risk"),
    [
        ("managed", ("arn:kept", "arn:admin"), "widens access"),
        ("managed", (), ""),
        ("inline", ("mine",), "widens access"),
        ("policy", MORE, "widens access"),
        ("policy", "", ""),
        ("trust", ANYBODY, "widens access"),
        ("boundary", None, "widens access"),
        ("boundary", "arn:other", ""),
        ("tags", (("a", "b"),), ""),
    ],
)
def test_a_role_that_may_do_more_is_marked(field: str, value: Any, risk: str) -> None:
    """AWS's role has something that the file's hasn't: marked; the other way round: not."""
    before = replace(ROLE, **{field: value})
    (found,) = Change("update", before, ROLE).differences
    assert (found.field.partition(".")[0], found.risk) == (field, risk)
