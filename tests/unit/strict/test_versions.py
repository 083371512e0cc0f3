"""The strict layer on versions, revisions and policies: what lax moto gets wrong."""

import json
from typing import Any

import pytest

from tests.strict.aws import StrictAws
from tests.strict.examples import ROLE, URI, active, create, published, refused, settle


@pytest.fixture
def ready(aws: StrictAws) -> Any:
    return active(aws)


def change(client: Any, timeout: int) -> None:
    client.update_function_configuration(FunctionName="f", Timeout=timeout)
    settle(client)


def test_nothing_is_published_without_a_change(ready: Any) -> None:
    """Also when the first publication came after an update, which moto forgets."""
    change(ready, 5)
    assert [published(ready), published(ready)] == ["1", "1"]


def test_a_number_is_never_used_again(ready: Any) -> None:
    """Neither after a version was deleted nor after the function was."""
    for timeout in (5, 6):
        change(ready, timeout)
        published(ready)
    ready.delete_function(FunctionName="f", Qualifier="1")
    change(ready, 7)
    assert published(ready) == "3"
    kept = ready.list_versions_by_function(FunctionName="f")["Versions"]
    assert [one["Version"] for one in kept] == ["$LATEST", "2", "3"]
    assert settle(ready, "3")["Timeout"] == 7
    assert settle(ready, "2")["Timeout"] == 6
    ready.delete_function(FunctionName="f")
    create(ready)
    settle(ready)
    assert published(ready) == "4"


def test_a_version_is_pending_at_first(ready: Any, aws: StrictAws) -> None:
    """It isn't invoked before it is active; $LATEST is, all the time."""
    aws.on_invoke(lambda _: {"Payload": {}})
    ready.publish_version(FunctionName="f")
    code = refused(ready.invoke, FunctionName="f", Qualifier="1")
    assert code == "ResourceConflictException"
    ready.invoke(FunctionName="f")
    assert settle(ready, "1")["State"] == "Pending"
    assert settle(ready, "1")["State"] == "Active"
    assert ready.invoke(FunctionName="f", Qualifier="1")["ExecutedVersion"] == "1"


def test_a_version_keeps_its_settings(ready: Any) -> None:
    """Where it logs and what it traces too, when $LATEST has changed."""
    published(ready)
    ready.update_function_configuration(
        FunctionName="f",
        LoggingConfig={"LogGroup": "/elsewhere"},
        TracingConfig={"Mode": "Active"},
        Environment={"Variables": {"A": "1"}},
    )
    settle(ready)
    old, new = settle(ready, "1"), settle(ready)
    assert (new["LoggingConfig"]["LogGroup"], new["TracingConfig"]["Mode"]) == (
        "/elsewhere",
        "Active",
    )
    assert (old["LoggingConfig"]["LogGroup"], old["TracingConfig"]["Mode"]) == (
        "/aws/lambda/f",
        "PassThrough",
    )
    assert "Environment" not in old


def test_a_refused_update_leaves_no_image_behind(ready: Any) -> None:
    """What was refused while an update ran doesn't show after the next update."""
    ready.update_function_configuration(FunctionName="f", Timeout=5)
    code = refused(ready.update_function_code, FunctionName="f", ImageUri=f"{URI}:two")
    assert code == "ResourceConflictException"
    before = ready.get_function(FunctionName="f")["Code"]
    change(ready, 6)
    assert ready.get_function(FunctionName="f")["Code"] == before


def test_a_digest_can_be_deployed(ready: Any) -> None:
    """The resolved image of a digest reference is that reference."""
    digest = ready.get_function(FunctionName="f")["Code"]["ResolvedImageUri"]
    ready.update_function_code(FunctionName="f", ImageUri=digest)
    assert ready.get_function(FunctionName="f")["Code"]["ResolvedImageUri"] == digest


def test_an_aliased_version_in_the_weights_stays_too(ready: Any) -> None:
    """The error names the alias; $LATEST goes with the function alone."""
    published(ready)
    change(ready, 5)
    published(ready)
    weights = {"AdditionalVersionWeights": {"1": 0.5}}
    ready.create_alias(FunctionName="f", Name="live", FunctionVersion="2", RoutingConfig=weights)
    for number in ("1", "2"):
        code = refused(ready.delete_function, FunctionName="f", Qualifier=number)
        assert code == "ResourceConflictException"
    code = refused(ready.delete_function, FunctionName="f", Qualifier="$LATEST")
    assert code == "InvalidParameterValueException"


def test_an_alias_and_a_policy_have_revisions(ready: Any) -> None:
    """A stale one is refused by UpdateAlias, AddPermission and RemovePermission."""
    published(ready)
    alias = {"FunctionName": "f", "Name": "live"}
    stale = ready.create_alias(**alias, FunctionVersion="1")["RevisionId"]
    fresh = ready.update_alias(**alias, Description="x", RevisionId=stale)["RevisionId"]
    assert refused(ready.update_alias, **alias, RevisionId=stale) == "PreconditionFailedException"
    permission = {
        "FunctionName": "f",
        "Qualifier": "live",
        "StatementId": "s",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
    }
    code = refused(ready.add_permission, **permission, RevisionId=stale)
    assert code == "PreconditionFailedException"
    ready.add_permission(**permission, RevisionId=fresh)
    policy = json.loads(ready.get_policy(FunctionName="f", Qualifier="live")["Policy"])
    assert "Condition" not in policy["Statement"][0]
    which = {"FunctionName": "f", "Qualifier": "live", "StatementId": "s"}
    code = refused(ready.remove_permission, **which, RevisionId=fresh)
    assert code == "PreconditionFailedException"
    ready.remove_permission(**which)
    assert refused(ready.remove_permission, **which) == "ResourceNotFoundException"


def test_a_function_made_again_is_another_one(ready: Any, aws: StrictAws) -> None:
    """An old revision doesn't fit it, and the old policy is gone."""
    stale = settle(ready)["RevisionId"]
    ready.delete_function(FunctionName="f")
    create(ready)
    settle(ready)
    code = refused(ready.publish_version, FunctionName="f", RevisionId=stale)
    assert code == "PreconditionFailedException"


def test_an_updates_new_role_must_have_spread(ready: Any, aws: StrictAws) -> None:
    """UpdateFunctionConfiguration refuses a fresh role as CreateFunction does."""
    aws.state.fresh_roles["r"] = 1
    update = {"FunctionName": "f", "Role": ROLE}
    code = refused(ready.update_function_configuration, **update)
    assert code == "InvalidParameterValueException"
    ready.update_function_configuration(**update)
