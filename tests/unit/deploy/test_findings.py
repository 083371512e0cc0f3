"""Checks as tables: what they are given, and the codes of what they find."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mldeploy.deploy.consequences import breaking_findings
from mldeploy.deploy.findings import Finding, Findings, require
from mldeploy.deploy.home_region import elsewhere
from mldeploy.deploy.promotion import promotion_findings
from mldeploy.deploy.reviewed import stage_findings
from mldeploy.deploy.shared_role import role_findings
from mldeploy.deploy.vouching import digest_findings
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Event, Note
from mldeploy.plan.consequences import Consequences, ModelChange
from mldeploy.plan.diff import Change, Plan
from mldeploy.resources.alias import Alias, Canary
from mldeploy.resources.base import key
from mldeploy.resources.function import Function
from mldeploy.resources.image import Image
from mldeploy.resources.role import Role
from tests.support.stacks import config

HERE = "eu-central-1"
ROLE, OTHER = "arn:aws:iam::1:role/r", "arn:aws:iam::1:role/other"
READS = '{"Statement": [{"Action": "s3:GetObject", "Resource": "b"}]}'
WARNING = Finding("warning", "", "careful")
FIRST = Finding("error", "MLD323", "one", "do this", (("label", "text"),), exit_code=ExitCode.USAGE)
SECOND = Finding("error", "MLD463", "two")


def codes(findings: Findings) -> list[str]:
    return [one.code for one in findings]


def test_the_first_error_ends_a_command_and_warnings_before_it_are_told() -> None:
    """With the code, the texts and the exit code of the finding."""
    told: list[Event] = []
    with pytest.raises(MldeployError) as caught:
        require((WARNING, FIRST, WARNING, SECOND), told.append)
    error = caught.value
    assert (error.code, error.message, error.hint) == ("MLD323", "one", "do this")
    assert (error.details, error.exit_code) == ((("label", "text"),), ExitCode.USAGE)
    assert told == [Note("careful", "warning")]


def test_warnings_stop_nothing() -> None:
    """Told or not."""
    require((WARNING,))
    require(())


def test_an_exit_code_is_that_of_the_codes_family_unless_a_finding_says_another() -> None:
    """MLD3xx is about Docker: 5; a wrong digest is the caller's: 2."""
    assert replace(FIRST, exit_code=None).error.exit_code == ExitCode.DOCKER
    assert SECOND.error.exit_code == ExitCode.FAILURE


@pytest.mark.parametrize(
    ("homes", "found"),
    [
        ((), []),
        ((HERE,), []),
        ((HERE, "us-east-1"), []),
        (("us-east-1",), ["MLD132"]),
        (("eu-west-1", "us-east-1"), ["MLD132"]),
        (None, [""]),
    ],
    ids=["nowhere yet", "here alone", "here too", "elsewhere", "in two others", "nobody may know"],
)
def test_a_stage_that_is_elsewhere_is_found(homes: Sequence[str] | None, found: list[str]) -> None:
    """Where it can't be known, that is a warning."""
    assert codes(elsewhere(config(), HERE, homes)) == found


@pytest.mark.parametrize(
    ("models", "allowed", "found"),
    [
        ((), False, []),
        ((ModelChange("a", ("better",)),), False, []),
        ((ModelChange("a", ("gone", "better"), ("gone",)),), False, ["MLD463"]),
        ((ModelChange("a", ("gone",), ("gone",)),), True, []),
    ],
    ids=["no other model", "nothing breaks", "a class is gone", "that was allowed"],
)
def test_a_model_that_breaks_its_clients_is_found(
    models: tuple[ModelChange, ...],
    allowed: bool,  # noqa: FBT001 - a column of a table
    found: list[str],
) -> None:
    """Unless that was allowed; further breaks are details."""
    assert codes(breaking_findings(Consequences(models), allowed=allowed)) == found


def test_what_breaks_is_named_with_its_function() -> None:
    """The first in the message, the others as details."""
    models = (ModelChange("a", ("x", "y"), ("x", "y")), ModelChange("b", ("z",), ("z",)))
    (found,) = breaking_findings(Consequences(models), allowed=False)
    assert found.what.endswith("a: x")
    assert found.details == (("breaking", "a: y"), ("breaking", "b: z"))


@pytest.mark.parametrize(
    ("named", "found"),
    [((), []), (("sha256:a",), []), (("sha256:b", "sha256:a"), ["MLD323"])],
    ids=["none was named", "the plan's own", "one that no image has"],
)
def test_a_digest_that_no_image_has_is_found(named: Sequence[str], found: list[str]) -> None:
    """It is the caller's mistake: exit code 2."""
    image = Image("repository", "tag", digest="sha256:a")
    findings = digest_findings([image], {key(image): image}, named)
    assert codes(findings) == found
    assert {one.exit_code for one in findings} <= {ExitCode.USAGE}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"stage": "prod"}, []),
        ({}, ["MLD464"]),
        ({"stage": "prod", "region": "us-east-1"}, ["MLD464"]),
    ],
    ids=["another stage", "the same stage", "in another region"],
)
def test_stages_that_cannot_share_images_are_found(
    changes: dict[str, Any], found: list[str]
) -> None:
    """Before AWS is asked."""
    assert codes(promotion_findings(config(), replace(config(), **changes))) == found


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ({"project": "iris", "stage": "dev", "target": "aws"}, []),
        ({"project": "iris", "stage": "prod", "target": "aws"}, ["MLD134"]),
        ({}, ["MLD134"]),
    ],
    ids=["this stage", "another stage", "none is named"],
)
def test_a_plan_of_another_place_is_found(place: Mapping[str, str], found: list[str]) -> None:
    """Everything that differs is told."""
    here = replace(config(), name="iris", stage="dev", target="aws")
    findings = stage_findings({"place": place}, here)
    assert codes(findings) == found
    assert all(len(one.details) == (2 if not place else 0) for one in findings)


def a_canary(*more: Change) -> Plan:
    """Return a plan that tries another release on a share of the requests."""
    before = Alias("f", "old")
    tried = replace(before, canary=Canary("new", 0.1))
    return Plan((Change("update", before, tried), *more))


TAKEN = Change("update", Role("r", policy=READS), Role("r", policy='{"Statement": []}'))
SECRET = {"Environment": {"Variables": {"MLDEPLOY_SECRETS": "{}"}}}


@pytest.mark.parametrize(
    ("plan", "live", "found"),
    [
        (Plan(()), {}, []),
        (a_canary(), {"Role": ROLE}, []),
        (a_canary(), {}, []),
        (a_canary(), {"Role": OTHER}, ["MLD426"]),
        (a_canary(TAKEN), {"Role": ROLE}, []),
        (a_canary(TAKEN), {"Role": ROLE, **SECRET}, ["MLD426"]),
    ],
    ids=[
        "no canary",
        "one role",
        "a version of which nothing is known",
        "two roles",
        "a right that neither needs goes",
        "a right that the live one needs goes",
    ],
)
def test_a_canary_of_two_roles_is_found(
    plan: Plan, live: Mapping[str, Any], found: list[str]
) -> None:
    """Lambda takes no two roles on one alias, and what a role loses both versions lose."""
    desired = [Function("f", role=ROLE)]
    assert codes(role_findings(desired, plan, {"f": live})) == found
