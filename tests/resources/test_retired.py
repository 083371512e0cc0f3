"""A kind that goes away: what earlier versions made of it is found and deleted."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar, Self

import pytest

from mldeploy.deploy.compare import compare, what_is_there
from mldeploy.plan.apply import apply
from mldeploy.plan.diff import diff
from mldeploy.resources.base import Context
from mldeploy.resources.kind import Calls, Stage
from mldeploy.resources.kinds import KINDS
from tests.resources.alarm import Alarm
from tests.resources.contract import Deployment, settings
from tests.strict.aws import StrictAws
from tests.support.stacks import artifact

MAKING = frozenset({"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"})
"""What is no longer granted."""


class Retired(Alarm):
    """What is left of a kind: it can be found and deleted."""

    calls: ClassVar[tuple[Calls, ...]] = tuple(
        replace(one, actions=tuple(sorted({*one.actions} - MAKING))) for one in Alarm.calls
    )

    @classmethod
    def desired(cls, stage: Stage) -> Iterable[Self]:
        del stage
        return []

    def create(self, context: Context) -> None:
        raise NotImplementedError

    def update(self, before: Self, context: Context) -> None:
        raise NotImplementedError


@pytest.fixture
def upgraded(aws: StrictAws) -> Deployment:
    """An earlier version has deployed an alarm; this version has retired it."""
    earlier = Deployment(aws, (*KINDS, Alarm))
    apply(diff(earlier.stack(), {}, earlier.order), earlier.context())
    assert aws.snapshot()["alarms"]
    return Deployment(aws, (*KINDS, Retired))


def changes(plan: Any) -> list[tuple[str, str]]:
    return [(one.action, one.subject.kind) for one in plan.changes]


def test_a_deploy_deletes_what_is_retired_and_nothing_else(upgraded: Deployment) -> None:
    """The permissions that are left suffice, and the next plan is empty."""
    where, wanted = upgraded.context(), settings()
    plan = compare(wanted, artifact(wanted), where.reads, upgraded.kinds).plan
    assert changes(plan) == [("delete", "alarm")] * 2
    apply(plan, where)
    assert upgraded.aws.snapshot()["alarms"] == {}
    again = upgraded.context()
    assert not compare(wanted, artifact(wanted), again.reads, upgraded.kinds).plan


def test_destroy_visits_what_is_retired(upgraded: Deployment) -> None:
    """Nothing is left of a stage that is destroyed without a deploy in between."""
    where = upgraded.context()
    plan = what_is_there(settings(), where.reads, upgraded.kinds).plan
    assert ("delete", "alarm") in changes(plan)
    apply(plan, where)
    assert {kind: found for kind, found in upgraded.aws.snapshot().items() if found} == {}
