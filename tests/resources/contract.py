"""What is claimed of every kind of resource, whichever are on the list of kinds.

Each claim takes the kinds, so that `test_alarm.py` can add one to the list and break it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import chain

from mldeploy.config import (
    TAG_PROJECT,
    TAG_STAGE,
    ApiConfig,
    BatchConfig,
    Config,
    CorsConfig,
    FunctionConfig,
    JwtConfig,
    KeepWarm,
    RoleConfig,
)
from mldeploy.config.freeze import with_batches
from mldeploy.deploy.compare import compare, what_is_there
from mldeploy.errors import MldeployError
from mldeploy.plan.apply import apply
from mldeploy.plan.diff import Change, Plan, diff
from mldeploy.plan.observe import observe
from mldeploy.resources.base import Context, Resource, key
from mldeploy.resources.kind import Inventory, actions_of
from mldeploy.resources.kinds import Kinds, order_of
from mldeploy.resources.stack import stack
from tests.faults.saved import restore, save
from tests.resources.decided import Kept, Seen, decision_of
from tests.resources.kept import MARK, leaves, tagged_by_others, undecided
from tests.resources.rewriting import rewritten
from tests.resources.tagging import (
    made_bare,
    makes_again,
    of_another,
    refusal,
    retagged,
    tagging_of,
    without_tags,
)
from tests.strict.aws import Crash, StrictAws
from tests.support.api_drifts import CORS_DRIFTS, GUARD_DRIFTS
from tests.support.drifts import BOUNDARY, DRIFTS, MANAGED, RISKS, ROLE_DRIFTS
from tests.support.left_alone import LEFT_ALONE, OF_ALARMS
from tests.support.stacks import ACCOUNT, artifact, config, context

OTHERS = (*LEFT_ALONE, *OF_ALARMS)
BY_HAND = (*DRIFTS, *GUARD_DRIFTS, *CORS_DRIFTS, *ROLE_DRIFTS)
FOUND_BY = {"function", "name", "repository", "tag"}
NOT_BY_HAND = {
    "function": {"healthy", "failed_update"},  # Lambda's to say: tests/cli/test_states.py
    "version": {"release"},  # it can't change
    # A lost one takes an image and a version: tests/faults/test_drift.py. A canary is ours.
    # A version published by hand takes another version to repair: tests/faults/test_drift.py.
    "alias": {"lost", "canary", "by_hand"},
    "provisioned concurrency": {"failure"},  # Lambda's to say: tests/cli/test_warm.py
}
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
    # A job that runs when it is deleted: test_batch.py.
    "state machine": {"states:StopExecution"},
    "version": {
        *("ecr:DescribeImages", "lambda:InvokeFunction", "lambda:UpdateFunctionConfiguration")
    },
}
RECIPES = {
    # What a resource is made or judged by, and no part of it.
    "image": {"spec"},
    "http api": {"unrouted"},
    "version": {"repository", "image", "description", "meaning"},
    "alias": {"repository", "image", "meaning"},
}
"""Fields that a stage decides and that aren't compared."""


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
    batch = BatchConfig(inputs=("s3://data/in/",), outputs=("s3://data/out/",), concurrency=4)
    return with_batches(config(functions=(function,), api=api, role=role, batch=batch))


LATER = {
    "another function": config(functions=(FunctionConfig("classify", "POST /classify"),)),
    "no settings": config(),
    "no route": config(functions=(FunctionConfig("predict", ""),)),
    "a role of the user's": config(
        role=RoleConfig(arn="arn:aws:iam::123456789012:role/theirs"),
        functions=(FunctionConfig("classify", "POST /classify"),),
    ),
}
"""What the file may say after `settings()`; things are no longer wanted then."""


@dataclass(frozen=True)
class Deployment:
    """An account where a deployer may do what the policy of these kinds grants."""

    aws: StrictAws
    kinds: Kinds

    def __post_init__(self) -> None:
        self.aws.least.settings, self.aws.least.kinds = settings(), self.kinds

    @property
    def order(self) -> tuple[str, ...]:
        return order_of(self.kinds)

    def kind(self, name: str) -> type[Resource]:
        return next(one for one in self.kinds if one.kind == name)

    def context(self) -> Context:
        return context(self.aws.put_image)

    def stack(self, wanted: Config | None = None) -> tuple[Resource, ...]:
        given = wanted or settings()
        return stack(given, artifact(given), ACCOUNT, self.kinds)

    def until(self, kind: str) -> tuple[Resource, ...]:
        """Return what a kind stands on, and the first resource of that kind."""
        whole = self.stack()
        places = [number for number, one in enumerate(whole) if one.kind == kind]
        assert places, f"`settings()` in contract.py has no {kind}: add what asks for one"
        return whole[: places[0] + 1]

    def made(self, kind: str, where: Context, by: Context | None = None) -> Resource:
        """Make everything that a kind stands on, then the thing itself, and return it.

        `aws` then knows the calls and the actions of the thing itself, which `by` makes.
        """
        desired = self.until(kind)
        apply(diff(desired[:-1], {}, self.order), where)
        self.aws.least.used.clear()
        self.aws.reset_calls()
        apply(diff(desired[-1:], {}, self.order), by or where)
        return desired[-1]

    def apply(self, plan: Plan, where: Context, drift: str) -> None:
        """Repair a drift as a deployer who may.

        Within a boundary nobody can change a role's trust policy: somebody without one does it.
        """
        trust = drift == "trust" or "AssumeRolePolicy" in drift
        role = RoleConfig() if trust else settings().role
        self.aws.least.settings = replace(settings(), role=role)
        apply(plan, where)

    def planned(self, desired: Iterable[Resource], where: Context) -> Plan:
        where.reads.again()
        wanted = list(desired)
        return diff(wanted, observe(wanted, where.reads), self.order)


def created_is_observed(one: Deployment, kind: str) -> None:
    """Desired and observed are one type, and equal right after the creation: nothing is planned."""
    where = one.context()
    desired = one.made(kind, where)
    assert desired.observe(where.reads) == desired
    assert not one.planned([desired], where)


def deleted_twice(one: Deployment, kind: str) -> None:
    """A delete that meets nothing is a success, and nothing is observed after it, nor seen."""
    where = one.context()
    desired = one.made(kind, where)
    observed = desired.observe(where.reads)
    assert observed is not None
    shown = one.aws.snapshot()
    for _ in range(2):
        observed.delete(where)
        where.reads.again()
    assert desired.observe(where.reads) is None
    assert one.aws.snapshot() != shown, f"tests/strict/snapshot.py doesn't show a {kind}"


def drifts_are_fixed(one: Deployment, kind: str) -> None:
    """One thing after the other drifts: the plan sees just that resource, and applying it fixes it.

    Some drifts are in `tests/support/drifts.py`, others are what the kind itself wrote, with
    another value, and tags set by the command that its refusal names. Every field is among them,
    so that none is written and never looked at; what lets in more, or endangers what runs, is
    marked as that, and nothing else is. The actions that all this takes are those that the kind
    names: none is missing, none is to spare.
    """
    where = one.context()
    desired = one.made(kind, where)
    changed: set[str] = set()
    for _, name, drift in [each for each in BY_HAND if each[0] == kind]:
        with one.aws.unwatched():
            drift(where)
        plan = one.planned([desired], where)
        assert [change.subject.kind for change in plan.changes] == [kind], name
        risks = {each.risk for each in plan.changes[0].differences} - {""}
        assert risks == {RISKS[kind, name]} if (kind, name) in RISKS else not risks, name
        changed |= differing(plan)
        one.apply(plan, where, name)
        assert desired.observe(where.reads) == desired, name
    names = {str(getattr(desired, field)) for field in found_by(desired)}
    writes = [call for call in one.aws.calls if call.mutating]
    others = chain(rewritten(writes, one.aws, names), retagged(desired, one.aws, where))
    for name in others:
        plan = one.planned([desired], where)
        assert plan, f"{name} was written, changed by hand since, and no plan shows it"
        changed |= differing(plan)
        one.apply(plan, where, name)
        assert desired.observe(where.reads) == desired, name
    if kind == "function":
        changed.discard("release")  # it is a variable of the environment
    missing = fields_of(desired) - changed
    assert not missing, f"no drift changes {missing}: add one to tests/support/drifts.py"
    assert changed == fields_of(desired)
    desired.delete(where)
    named = actions_of(one.kind(kind))
    assert one.aws.least.used | ELSEWHERE.get(kind, set()) == named


def differing(plan: Plan) -> set[str]:
    """Return the fields of a plan's first change."""
    return {one.field.partition(".")[0] for one in plan.changes[0].differences}


def fields_of(resource: Resource) -> set[str]:
    """Return what can drift: what is compared, and is no part of what a thing is found by."""
    known = {one.name for one in fields(resource) if one.compare}  # type: ignore[arg-type]
    return known - FOUND_BY - NOT_BY_HAND.get(resource.kind, set())


def decided_is_compared(one: Deployment, kind: str) -> None:
    """What isn't compared is AWS's to assign: a stage decides nothing of it."""
    desired = one.until(kind)[-1]
    bare = {
        field.name: getattr(desired, field.name)
        for field in fields(desired)  # type: ignore[arg-type]
        if not field.compare and field.name not in RECIPES.get(kind, set())
    }
    empty = type(desired)(*(getattr(desired, name) for name in found_by(desired)))
    assert bare == {name: getattr(empty, name) for name in bare}


def found_by(resource: Resource) -> list[str]:
    """Return the fields without defaults."""
    from dataclasses import MISSING

    return [
        one.name
        for one in fields(resource)  # type: ignore[arg-type]
        if one.default is MISSING and one.default_factory is MISSING
    ]


def a_crash_at_any_call_is_finished(one: Deployment, kind: str) -> None:
    """Creating crashes before or after its k-th changing call; the next run converges."""
    desired = one.until(kind)
    apply(diff(desired[:-1], {}, one.order), one.context())
    for call in crashes(one, Plan((Change("create", None, desired[-1]),))):
        again = one.context()
        apply(one.planned(desired, again), again)
        again = one.context()
        assert not one.planned(desired, again), call


def crashes(one: Deployment, plan: Plan) -> Iterator[str]:
    """Apply a plan to the account as it is, again and again; yield where it crashed."""
    aws = one.aws
    before = save(aws)
    for when in ("before", "after"):
        for k in range(1, 40):
            restore(aws, before)
            aws.crash_at(k, when=when)
            try:
                apply(plan, one.context())
            except Crash:
                crashed = True
            else:
                crashed = False
            aws.crash_never()
            yield f"{when} call {k}"
            if not crashed:
                break
        else:
            raise AssertionError("that took 40 calls")


def untagged_is_refused(one: Deployment, kind: str) -> None:
    """A resource of our name without any tags is somebody else's.

    So is one that the service made with what it demands and no more. One that is just as the kind
    makes it, but for the tags, is ours again where the kind has a `proof`: its tags are a
    difference then.
    """
    if not tagged(one, kind):
        return  # it goes with a resource that has some
    desired = one.made(kind, one.context())
    writes = [call for call in one.aws.calls if call.mutating]
    proof = getattr(one.kind(kind), "proof", "")
    where = without_tags(one.context())
    assert adopts(desired, where) == bool(proof), f"{kind} without tags, `proof` is {proof!r}"
    observed = desired.observe(one.context().reads)
    assert observed is not None
    observed.delete(one.context())
    made_bare(writes, one.aws)
    assert not adopts(desired, one.context()), f"a stranger's {kind} without tags isn't refused"


def adopts(desired: Resource, where: Context) -> bool:
    """Tell whether a resource is taken for ours though it has none of our tags."""
    if refused(desired, where):
        return False
    observed = desired.observe(where.reads)
    assert getattr(observed, "tags", None) == (), "its missing tags are no difference"
    return True


def a_refusal_says_how_to_tag(one: Deployment, kind: str) -> None:
    """AWS takes the command that gives a resource its tags back, and it then isn't refused."""
    where = one.context()
    theirs = of_another(one.made(kind, where)) if tagged(one, kind) else None
    error = refusal(theirs, where) if theirs else None
    if theirs is None or error is None:  # it has no tags, or isn't found without them
        return
    tagging = tagging_of(error.hint)
    tagging.make(one.aws, tagging.tags)
    assert refusal(theirs, where) is None


def what_exists_keeps_its_tags(one: Deployment, kind: str) -> None:
    """A call that makes a resource with tags changes none of one that exists, as on AWS.

    It is refused, or its tags are ignored, or it makes another resource. Otherwise a repair by
    that call would be green here, and repair nothing: see `tests/strict/rules_tags.py`.
    """
    where = one.context()
    if not tagged(one, kind):
        return
    desired = one.made(kind, where)
    makes_again([call for call in one.aws.calls if call.mutating], one.aws)
    where.reads.again()
    observed = desired.observe(where.reads)
    assert getattr(observed, "tags", None) == desired.tags  # type: ignore[attr-defined]


def what_others_set_is_kept(one: Deployment, kind: str) -> None:
    """A plan leaves tags and settings of others alone, and so does the repair of each drift.

    What AWS lets people set and a kind never writes is known, and decided in `decided.py`.
    """
    where = one.context()
    desired = one.made(kind, where, tagged_by_others(one.context()))
    bare = leaves(one.aws)
    tags = {leaf for leaf in bare if MARK in leaf}
    assert bool(tags) == tagged(one, kind)
    for _, name, _, setting in [each for each in OTHERS if each[0] == kind]:
        before = leaves(one.aws)
        with one.aws.unwatched():
            setting(where)
        assert leaves(one.aws) - before, f"tests/strict/snapshot.py doesn't show {name}"
        assert not one.planned([desired], where), name
    theirs = (leaves(one.aws) - bare) | tags
    calls = [*one.aws.calls]
    for name in drifted(one, desired, where):
        left = theirs & leaves(one.aws)
        one.apply(one.planned([desired], where), where, name)
        calls += one.aws.calls
        lost = left - leaves(one.aws)
        assert not lost, f"the repair of {name!r} undid what others set: {lost}"
    desired.delete(where)
    calls += one.aws.calls
    others = {name for each in one.kinds if each.kind != kind for name in actions_of(each)}
    for setting_of_aws in {*undecided(calls)} - others:
        require_decided(setting_of_aws)


def drifted(one: Deployment, desired: Resource, where: Context) -> Iterator[str]:
    """Let one thing after the other drift, each in the account as it is now."""
    account = save(one.aws)
    for _, name, drift in [each for each in BY_HAND if each[0] == desired.kind]:
        restore(one.aws, account)
        with one.aws.unwatched():
            drift(where)
        yield name
    restore(one.aws, account)
    yield from retagged(desired, one.aws, where)


def require_decided(setting: str) -> None:
    """Fail unless `decided.py` says what is done about a setting, and a case holds it."""
    match decision_of(setting):
        case None:
            raise AssertionError(f"AWS has {setting} and no kind writes it: see decided.py")
        case Seen(kind, name):
            assert (kind, name) in {(each[0], each[1]) for each in BY_HAND}, setting
        case Kept(kind, name):
            assert (kind, name) in {(each[0], each[1]) for each in OTHERS}, setting


def tagged(one: Deployment, kind: str) -> bool:
    return bool(getattr(one.until(kind)[-1], "tags", ()))


OF_A_KIND = (
    created_is_observed,
    deleted_twice,
    drifts_are_fixed,
    decided_is_compared,
    untagged_is_refused,
    a_refusal_says_how_to_tag,
    what_exists_keeps_its_tags,
    what_others_set_is_kept,
    a_crash_at_any_call_is_finished,
)
"""Claims about each kind."""


def strangers_are_refused(one: Deployment) -> None:
    """A resource of our name with the tags of another project or stage: MLD410, or another one.

    What has no tags is a part of something that has them, and goes with it: its owner is whose
    tags these are.
    """
    where = one.context()
    desired = one.stack()
    apply(diff(desired, {}, one.order), where)
    for resource in desired:
        for tag in {TAG_PROJECT, TAG_STAGE} & dict(getattr(resource, "tags", ())).keys():
            other = tuple(sorted({**dict(resource.tags), tag: "another"}.items()))  # type: ignore[attr-defined]
            theirs = replace(resource, tags=other)  # type: ignore[type-var]
            where.reads.again()
            assert refused(theirs, where), f"{resource.kind} of another {tag} isn't refused"
    owned = [each for each in desired if getattr(each, "tags", ())]
    for resource in reversed(owned):
        resource.delete(where)
    left = [each.kind for each in desired if stays(each, one.context())]
    assert left == []


def seeds_have_their_tags(one: Deployment) -> None:
    """What may exist is looked for with the tags of its project and stage.

    Without them nothing tells it from a stranger's, and `destroy` would delete that.
    """
    where = one.context()
    config = settings()
    names = tuple(config.function_name(each.name) for each in config.functions)
    inventory = Inventory(config, ACCOUNT, names)
    seeds = {key(seed): seed for kind in one.kinds for seed in kind.seed(inventory)}
    for resource in one.stack():
        seed = seeds.get(key(resource))
        if seed is not None:
            assert marks_of(seed) == marks_of(resource), f"the seed of a {resource.kind}"
    apply(diff(one.stack(), {}, one.order), where)
    where.reads.again()
    what_is_there(config, where.reads, one.kinds)


def marks_of(resource: Resource) -> dict[str, str]:
    """Return the tags that say whose a resource is."""
    tags = dict(getattr(resource, "tags", ()))
    return {tag: tags[tag] for tag in (TAG_PROJECT, TAG_STAGE) if tag in tags}


def refused(theirs: Resource, where: Context) -> bool:
    """Tell whether a resource is refused, or not taken for the one that is wanted."""
    try:
        return (
            theirs.observe(where.reads) is None and theirs.kind == "http api"
        )  # its name isn't unique
    except MldeployError as error:
        return error.code == "MLD410"


def stays(resource: Resource, where: Context) -> bool:
    return resource.observe(where.reads) is not None


def unwanted_is_found(one: Deployment) -> None:
    """What the file no longer asks for is planned to be deleted, and then is gone."""
    for name, later in LATER.items():
        one.aws.reset()
        one.aws.least.settings = settings()
        where = one.context()
        before = one.stack()
        apply(diff(before, {}, one.order), where)
        where.reads.again()
        one.aws.least.settings = later
        plan = compare(later, artifact(later), where.reads, one.kinds).plan
        apply(Plan(tuple(each for each in plan.changes if each.action == "delete")), where)
        wanted = {key(each) for each in one.stack(later)}
        gone = [each for each in before if key(each) not in wanted]
        if later.functions[0].name == "predict":  # `prune` deletes its older releases
            gone = [each for each in gone if each.kind != "version"]
        left = [each.kind for each in gone if stays(each, one.context())]
        assert left == [], name


def destroy_leaves_nothing(one: Deployment) -> None:
    """Everything is found by names and tags alone, and no kind needs what is deleted before it."""
    where = one.context()
    apply(diff(one.stack(), {}, one.order), where)
    assert any(one.aws.snapshot().values())
    where.reads.again()
    apply(what_is_there(settings(), where.reads, one.kinds).plan, where)
    assert {kind: found for kind, found in one.aws.snapshot().items() if found} == {}


def a_crash_of_destroy_is_finished(one: Deployment) -> None:
    """Whatever is deleted when a destroy crashes, the next one finds the rest."""
    apply(diff(one.stack(), {}, one.order), one.context())
    plan = what_is_there(settings(), one.context().reads, one.kinds).plan
    for call in crashes(one, plan):
        again = one.context()
        apply(what_is_there(settings(), again.reads, one.kinds).plan, again)
        assert {kind: found for kind, found in one.aws.snapshot().items() if found} == {}, call


OF_ALL = (
    strangers_are_refused,
    seeds_have_their_tags,
    unwanted_is_found,
    destroy_leaves_nothing,
    a_crash_of_destroy_is_finished,
)
"""Claims about a whole deployment."""
