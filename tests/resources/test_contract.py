"""One contract for every kind of resource.

create → observe equals desired; a second plan is empty; each field drifted by hand → the
next plan mends it; deleting twice is fine; a crash between any two calls → the next run
converges.
"""

from dataclasses import fields, replace

import pytest

from mldeploy.config import (
    ApiConfig,
    Config,
    CorsConfig,
    FunctionConfig,
    JwtConfig,
    KeepWarm,
    RoleConfig,
)
from mldeploy.plan.apply import apply
from mldeploy.plan.diff import diff
from mldeploy.plan.observe import observe
from mldeploy.resources.base import Context, Resource
from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS, ORDER
from tests.strict.aws import Crash, StrictAws
from tests.support.api_drifts import CORS_DRIFTS, GUARD_DRIFTS
from tests.support.drifts import BOUNDARY, DRIFTS, MANAGED, RISKS, ROLE_DRIFTS
from tests.support.stacks import config, context
from tests.support.stacks import stack_of as stack_of_config

ALL = (*DRIFTS, *GUARD_DRIFTS, *CORS_DRIFTS, *ROLE_DRIFTS)
FOUND_BY = {"function", "name", "repository", "tag"}
NOT_BY_HAND = {
    "function": {"healthy", "failed_update"},  # Lambda's to say: tests/cli/test_states.py
    "version": {"release"},  # it can't change
    # A lost one takes an image and a version: tests/faults/test_drift.py. A canary is ours.
    # A version published by hand takes another version to repair: tests/faults/test_drift.py.
    "alias": {"lost", "canary", "by_hand"},
    "provisioned concurrency": {"failure"},  # Lambda's to say: tests/cli/test_warm.py
}


def settings() -> Config:
    """Return a configuration of which every kind is a part."""
    function = FunctionConfig(
        "predict",
        "POST /predict",
        keep_warm=KeepWarm("5 minutes", 2),
        provisioned_concurrency=2,
        reserved_concurrency=5,
    )
    jwt = JwtConfig("https://login.example.com/", ("flowers",))
    cors = CorsConfig(
        ("https://B.example", "https://a.example"), ("POST", "GET"), ("X-Trace", "Content-Type"), 60
    )
    api = ApiConfig(auth="jwt", jwt=jwt, cors=cors)
    role = RoleConfig(permissions_boundary=BOUNDARY, managed_policies=(MANAGED,))
    return config(functions=(function,), api=api, role=role)


def stack_of() -> tuple[Resource, ...]:
    """Return a stack that has every kind."""
    return stack_of_config(settings())


def position(kind: str) -> int:
    return next(n for n, one in enumerate(stack_of()) if one.kind == kind)


ELSEWHERE = {
    # What the engine does to the registry's API, and no client of boto3: `push` is a fake here.
    "image": {
        *("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload"),
        *("ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"),
        *("ecr:GetAuthorizationToken", "ecr:PutImage"),
    },
    # [role] permissions_boundary that left the file: tests/cli/test_iam.py.
    "role": {"iam:DeleteRolePermissionsBoundary"},
    "function": {"lambda:DeleteFunctionConcurrency"},  # none reserved any more: test_warm.py
    # The verification, and a release that is published anew: tests/cli/test_releases.py.
    # Which image it is was read for the function already.
    "version": {
        *("ecr:DescribeImages", "lambda:InvokeFunction", "lambda:UpdateFunctionConfiguration")
    },
}


def made(kind: str, where: Context, aws: StrictAws | None = None) -> Resource:
    """Make everything that a kind stands on, then the thing itself, and return it.

    `aws` then knows the actions of the thing itself.
    """
    desired = stack_of()[: position(kind) + 1]
    apply(diff(desired[:-1], {}, ORDER), where)
    if aws:
        aws.least.used.clear()
    apply(diff(desired[-1:], {}, ORDER), where)
    return desired[-1]


@pytest.fixture
def aws(aws: StrictAws) -> StrictAws:
    """An account in which the deployer has no more than the policy for that configuration."""
    aws.least.settings = settings()
    return aws


@pytest.fixture
def where(aws: StrictAws) -> Context:
    return context(aws.put_image)


kinds = pytest.mark.parametrize("kind", [one.kind for one in KINDS])


@kinds
def test_what_was_created_is_observed(kind: str, where: Context) -> None:
    """Desired and observed are one type, and equal right after the creation."""
    desired = made(kind, where)
    assert desired.observe(where) == desired


@kinds
def test_a_second_plan_is_empty(kind: str, where: Context) -> None:
    """Nothing is left to do for a thing that was just made."""
    desired = made(kind, where)
    assert not diff([desired], observe([desired], where), ORDER)


@kinds
def test_deleting_twice_is_fine(kind: str, where: Context) -> None:
    """A delete that meets nothing is a success, and nothing is observed after it."""
    desired = made(kind, where)
    observed = desired.observe(where)
    assert observed is not None
    for _ in range(2):
        observed.delete(where)
        where.clients.forget()
    assert desired.observe(where) is None


@kinds
def test_what_was_changed_by_hand_is_seen_and_mended(
    kind: str, aws: StrictAws, where: Context
) -> None:
    """One thing after the other drifts: the plan sees just that resource, and applying it mends it.

    Every field is among them, so that none is written and never looked at; what lets in more, or
    endangers what runs, is marked as that, and nothing else is. The actions that all this
    takes are those that the kind names: none is missing, none is to spare.
    """
    desired = made(kind, where, aws)
    changed: set[str] = set()
    for _, name, drift in [one for one in ALL if one[0] == kind]:
        with aws.unwatched():
            drift(where)
        where.clients.forget()
        plan = diff([desired], observe([desired], where), ORDER)
        assert [change.subject.kind for change in plan.changes] == [kind], name
        risks = {one.risk for one in plan.changes[0].differences} - {""}
        assert risks == {RISKS[kind, name]} if (kind, name) in RISKS else not risks, name
        changed |= {one.field.partition(".")[0] for one in plan.changes[0].differences}
        # Within a boundary a deployer can't change a trust: somebody without one does it.
        limited = replace(settings(), role=settings().role if name != "trust" else RoleConfig())
        aws.least.settings = limited
        apply(plan, where)
        assert desired.observe(where) == desired, name
    if kind == "function":
        changed.discard("release")  # it is a variable of the environment
    assert changed == fields_of(desired)
    desired.delete(where)
    named = actions_of(next(one for one in KINDS if one.kind == kind))
    assert aws.least.used | ELSEWHERE.get(kind, set()) == named


def fields_of(resource: Resource) -> set[str]:
    """Return what can drift: what is compared, and is no part of what a thing is found by."""
    known = {one.name for one in fields(resource) if one.compare}  # type: ignore[arg-type]
    return known - FOUND_BY - NOT_BY_HAND.get(resource.kind, set())


@kinds
def test_a_crash_at_any_call_is_finished_by_the_next_run(kind: str, aws: StrictAws) -> None:
    """Creating crashes before or after its k-th changing call; the next run converges."""
    for when in ("before", "after"):
        for k in range(1, 30):
            aws.reset()
            where = context(aws.put_image)
            desired = stack_of()[: position(kind) + 1]
            apply(diff(desired[:-1], {}, ORDER), where)
            aws.crash_at(k, when=when)
            try:
                apply(diff(desired[-1:], {}, ORDER), where)
            except Crash:
                crashed = True
            else:
                crashed = False
            aws.crash_never()
            again = context(aws.put_image)
            apply(diff(desired, observe(desired, again), ORDER), again)
            again = context(aws.put_image)
            assert not diff(desired, observe(desired, again), ORDER), f"{when} call {k}"
            if not crashed:
                break
        else:
            pytest.fail("a creation of one resource took 30 calls")
