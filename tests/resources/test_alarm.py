"""The contract sees what a newcomer forgets: a kind of `alarm.py`, whole and broken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import pytest

from mldeploy.deploy.permissions import deployer_policy
from mldeploy.resources.base import TAG_MAP, Context, require_ours, tag_list
from mldeploy.resources.kind import Calls, Inventory
from mldeploy.resources.kinds import KINDS
from tests.resources import contract
from tests.resources.alarm import Alarm
from tests.resources.contract import OF_A_KIND, OF_ALL, Deployment
from tests.resources.decided import DECIDED, Apart
from tests.strict.aws import StrictAws
from tests.strict.least import NotGrantedError
from tests.strict.permissions import Need, granted
from tests.support.stacks import config

Claim = Callable[[Deployment, str], None]


class Orphaned(Alarm):
    """Nobody looks for it once it is no longer wanted."""

    @classmethod
    def seed(cls, inventory: Inventory) -> Iterable[Self]:
        del inventory
        return []


class Untagged(Alarm):
    """It is looked for without its tags, so a stranger's is found as well."""

    @classmethod
    def seed(cls, inventory: Inventory) -> Iterable[Self]:
        return [cls(one) for one in inventory.functions]


class Adopting(Alarm):
    """Whose alarm it is doesn't matter to it."""

    def _refuse(self, arn: str, tags: dict[str, str]) -> None:
        del arn, tags


@dataclass(frozen=True)
class Tagless(Alarm):
    """It has no tags at all, so nobody can tell whose alarm it is."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", ())


class Trusting(Alarm):
    """An alarm without any tags is as good as its own."""

    def _refuse(self, arn: str, tags: dict[str, str]) -> None:
        if tags:
            super()._refuse(arn, tags)


class Credulous(Alarm):
    """It takes for a proof what anybody may write."""

    proof: ClassVar[str] = "its name"

    def _refuse(self, arn: str, tags: dict[str, str]) -> None:
        if tags or self.name not in arn:
            super()._refuse(arn, tags)


class Misleading(Alarm):
    """The command of its refusal isn't one of AWS's."""

    def _refuse(self, arn: str, tags: dict[str, str]) -> None:
        require_ours(self, tags, tagging=f"aws cloudwatch tag --arn {arn}")


class Mistyped(Alarm):
    """The command of its refusal takes tags in another form."""

    def _refuse(self, arn: str, tags: dict[str, str]) -> None:
        tagging = f"aws cloudwatch tag-resource --resource-arn {arn}"
        require_ours(self, tags, tagging=tagging, form=TAG_MAP)


class Ignored(Alarm):
    """It sets tags by a call that ignores them where the alarm exists."""

    def update(self, before: Self, context: Context) -> None:
        self._put(context, Tags=tag_list(self.tags), **before.kept)


class Forgetful(Alarm):
    """It writes its settings anew, and with that resets those of others."""

    def update(self, before: Self, context: Context) -> None:
        super().update(replace(before, kept={}), context)


class Possessive(Alarm):
    """It removes the tags that it doesn't know."""

    calls: ClassVar[tuple[Calls, ...]] = tuple(
        replace(one, actions=(*one.actions, "cloudwatch:UntagResource")) for one in Alarm.calls
    )

    def update(self, before: Self, context: Context) -> None:
        super().update(before, context)
        client, known = context.clients.client("cloudwatch"), dict(self.tags)
        for tag in client.list_tags_for_resource(ResourceARN=before.arn)["Tags"]:
            if tag["Key"] not in known:
                client.untag_resource(ResourceARN=before.arn, TagKeys=[tag["Key"]])


class Ungranted(Alarm):
    """The policy lacks one of its calls."""

    calls: ClassVar[tuple[Calls, ...]] = tuple(
        replace(one, actions=tuple(name for name in one.actions if "Put" not in name))
        for one in Alarm.calls
    )


class GrantedElsewhere(Alarm):
    """The policy grants its calls on alarms of other names."""

    calls: ClassVar[tuple[Calls, ...]] = tuple(
        replace(one, on=tuple(arn.replace("{names}", "alarm-{names}") for arn in one.on))
        for one in Alarm.calls
    )


class Greedy(Alarm):
    """The policy grants a call that it never makes."""

    calls: ClassVar[tuple[Calls, ...]] = tuple(
        replace(one, actions=(*one.actions, "cloudwatch:SetAlarmState")) for one in Alarm.calls
    )


class Blind(Alarm):
    """It takes for granted what it wrote."""

    def _seen(self, found: dict[str, Any], tags: dict[str, str]) -> Self:
        return replace(super()._seen(found, tags), threshold=self.threshold)


class Careless(Alarm):
    """It writes settings and never looks at them."""

    def _seen(self, found: dict[str, Any], tags: dict[str, str]) -> Self:
        return replace(super()._seen(found, tags), other=())


class Misplaced(Alarm):
    """Whose errors it counts, a name of the project's own, isn't looked at."""

    def _seen(self, found: dict[str, Any], tags: dict[str, str]) -> Self:
        return replace(super()._seen(found, tags), watched=self.watched)


@dataclass(frozen=True)
class Uncompared(Alarm):
    """A field that the stage decides is none that a plan looks at."""

    threshold: float = field(default=0.0, compare=False)


class Lazy(Alarm):
    """It sees a difference, and leaves it."""

    def update(self, before: Self, context: Context) -> None:
        replace(self, periods=before.periods or self.periods).update_as_usual(before, context)

    def update_as_usual(self, before: Self, context: Context) -> None:
        super().update(before, context)


def add(kind: type[Alarm], aws: StrictAws) -> Deployment:
    """Add a kind to the list: the one line."""
    others = [one for one in KINDS if one.kind != kind.kind]
    return Deployment(aws, (*others, kind))


@pytest.mark.parametrize("claim", OF_A_KIND, ids=lambda claim: claim.__name__)
def test_a_new_kind_is_one_file_and_one_line(claim: Claim, aws: StrictAws) -> None:
    """The whole contract holds for it, and nothing but the list has been told."""
    claim(add(Alarm, aws), Alarm.kind)


@pytest.mark.parametrize("claim", OF_ALL, ids=lambda claim: claim.__name__)
def test_a_deployment_with_a_new_kind_keeps_the_contract(
    claim: Callable[[Deployment], None], aws: StrictAws
) -> None:
    """Found when no longer wanted, found by destroy, and a stranger's is refused."""
    claim(add(Alarm, aws))


@pytest.mark.parametrize(
    ("broken", "claim", "said"),
    [
        (Orphaned, contract.unwanted_is_found, "['alarm', 'alarm']"),
        (Orphaned, contract.destroy_leaves_nothing, "'alarms'"),
        (Untagged, contract.seeds_have_their_tags, "the seed of a alarm"),
        (Adopting, contract.strangers_are_refused, "alarm of another mldeploy"),
        (Tagless, contract.strangers_are_refused, "has no tags of a project"),
        (Trusting, contract.untagged_is_refused, "alarm without tags"),
        (Credulous, contract.untagged_is_refused, "a stranger's alarm without tags"),
        (Misleading, contract.a_refusal_says_how_to_tag, "no command `aws cloudwatch tag`"),
        (Mistyped, contract.a_refusal_says_how_to_tag, "is no list of ['Key', 'Value']"),
        (Ignored, contract.drifts_are_fixed, "cloudwatch:tag_resource team"),
        (Forgetful, contract.what_others_set_is_kept, "undid what others set: {'.alarms"),
        (Possessive, contract.what_others_set_is_kept, "tags.set-by-others=yes"),
        (Blind, contract.drifts_are_fixed, "PutMetricAlarm.Threshold"),
        (Misplaced, contract.drifts_are_fixed, "PutMetricAlarm.Dimensions.0"),
        (Careless, contract.drifts_are_fixed, "PutMetricAlarm.Namespace"),
        (Uncompared, contract.drifts_are_fixed, "PutMetricAlarm.Threshold"),
        (Uncompared, contract.decided_is_compared, "threshold"),
        (Lazy, contract.drifts_are_fixed, "PutMetricAlarm.EvaluationPeriods"),
        (Greedy, contract.drifts_are_fixed, "SetAlarmState"),
    ],
)
def test_a_broken_kind_is_red(
    broken: type[Alarm], claim: Callable[..., None], said: str, aws: StrictAws
) -> None:
    """Each fault turns a claim red, and the message names what is wrong."""
    one = add(broken, aws)
    with pytest.raises((AssertionError, ValueError)) as raised:
        claim(one, broken.kind) if claim in OF_A_KIND else claim(one)
    assert said in str(raised.value)


@pytest.mark.parametrize("setting", ["lambda:PutFunctionMood", "lambda:CreateFunction.Mood"])
def test_a_setting_that_nobody_decided_is_red(setting: str) -> None:
    """An operation or a parameter that AWS adds, or that a kind begins to call."""
    with pytest.raises(AssertionError, match="no kind writes it"):
        contract.require_decided(setting)


def test_what_stays_because_nobody_calls_it_is_an_operation() -> None:
    """A parameter of an operation that is called may be reset by the call: a case holds it."""
    assert [key for key, one in DECIDED.items() if isinstance(one, Apart) and "." in key] == []


@pytest.mark.parametrize("broken", [Ungranted, GrantedElsewhere])
def test_a_call_that_the_policy_lacks_is_red(broken: type[Alarm], aws: StrictAws) -> None:
    """A deployer with that policy couldn't deploy: the strict layer refuses the call."""
    with pytest.raises(NotGrantedError, match="cloudwatch:PutMetricAlarm"):
        contract.created_is_observed(add(broken, aws), broken.kind)
    aws.least.refused.clear()


def test_statements_of_one_service_have_ids_of_their_own() -> None:
    """IAM user guide, "Sid": letters and digits, each once in a policy."""

    class Topical(Alarm):
        calls: ClassVar[tuple[Calls, ...]] = (
            *Alarm.calls,
            Calls(("cloudwatch:PutDashboard",), ("arn:*:cloudwatch::*:dashboard/{names}",)),
        )

    document = deployer_policy(config(), (*KINDS, Topical))
    sids = [one["Sid"] for one in document["Statement"]]
    assert all(sid.isalnum() for sid in sids)
    assert len(set(sids)) == len(sids)
    needed = Need("cloudwatch:PutDashboard", "arn:aws:cloudwatch::1:dashboard/mldeploy_iris_dev_x")
    assert granted(document, needed)
    assert not granted(deployer_policy(config()), needed)
