"""What every kind of resource shares: its shape, the context it gets, ownership."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from mldeploy.aws.clients import Account, Clients
from mldeploy.aws.credentials import ca_bundle
from mldeploy.aws.observation import Observation, Seen, Workers
from mldeploy.config import TAG_PROJECT, TAG_STAGE
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.http.call import Answer, call
from mldeploy.images.builder import Builder
from mldeploy.images.kept import Shelf
from mldeploy.resources.kind import Calls, Inventory, Phase, Stage

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trust:
    """What proves that an image in ECR is this project's: see `image_proof`.

    Attributes:
        functions: the stage's, by their names in Lambda: who may change them decides what they run.
        named: digests that the caller of the command named.
        key: ARN of the KMS key that must have signed an image; "" where none has to.
    """

    functions: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    key: str = ""


@dataclass(frozen=True)
class Reads:
    """What a resource may use to look: nothing here changes AWS.

    Attributes:
        observation: what was seen, shared by all that look.
        account: where we are.
        emit: takes events.
        trust: what proves that an image in ECR is ours.
        download: returns the text at a URL that AWS gave.
    """

    observation: Observation
    account: Account
    emit: Emit
    trust: Trust
    download: Callable[[str], str]

    def read(self, service: str, operation: str, **parameters: Any) -> Seen:
        """Make a read once and share its answer: see `Observation.read`."""
        return self.observation.read(service, operation, **parameters)

    def read_together(self, *calls: tuple[str, str, dict[str, Any]]) -> None:
        """Make reads at the same time that don't need one another; `read` then has them."""
        self.observation.read_together(*calls)

    def again(self, service: str = "", operation: str = "", **which: Any) -> "Reads":
        """Return reads that ask AWS anew, all or some: see `Observation.again`."""
        self.observation.again(service, operation, **which)
        return self

    @property
    def workers(self) -> Workers:
        """Gives a pool of threads."""
        return self.observation.workers


@dataclass(frozen=True)
class Context:
    """What a resource may use to act.

    Attributes:
        clients: boto3's clients.
        account: where we are.
        emit: takes events.
        builder: makes and pushes images; nothing starts it before an image is needed.
        trust: what proves that an image in ECR is ours.
        shelf: golden examples of releases.
        call: sends an HTTP request; see `mldeploy.http.call.call`.
        now: returns the time, in UTC.
    """

    clients: Clients
    account: Account
    emit: Emit
    builder: Builder
    trust: Trust = Trust()
    shelf: Shelf = field(default_factory=Shelf, compare=False, repr=False)
    call: Callable[..., Answer] = field(default=call, repr=False)
    now: Callable[[], datetime] = field(default=partial(datetime.now, UTC), repr=False)

    @property
    def reads(self) -> Reads:
        """What it takes to look."""
        return Reads(
            self.clients.observation,
            self.account,
            self.emit,
            self.trust,
            self._download,
        )

    def _download(self, url: str) -> str:
        return self.call("GET", url, None, ca_bundle=ca_bundle(self.clients.session)).body


class Resource(Protocol):
    """A thing in AWS, as desired or as observed: the two are one type.

    Fields that take part in comparison are what a user decides; what the server assigns is
    declared with `field(compare=False)`. Fields but the name have defaults, so that a thing
    can be looked up by its name alone. Its kind says of itself all that is to be known of it
    elsewhere: docs/decisions/0030-a-kind-describes-itself.md.

    Attributes:
        kind: what plans and messages call it.
        phase: when it is created, and when it is deleted.
        calls: every call that it makes of AWS.

    A kind with tags may declare a `proof`, too: what shows that a resource is ours though somebody
    took its tags off. Without it such a resource is refused.
    """

    kind: ClassVar[str]
    phase: ClassVar[Phase]
    calls: ClassVar[tuple[Calls, ...]]

    @classmethod
    def desired(cls, stage: Stage) -> Iterable[Self]:
        """Return what a stage wants of this kind."""
        ...

    @classmethod
    def seed(cls, inventory: Inventory) -> Iterable[Self]:
        """Return all of this kind that may exist, wanted or not, by names and tags alone.

        What goes with another kind's resource, as an alias does with its function, needs none.
        """
        ...

    @property
    def name(self) -> str:
        """The name that AWS knows it by."""
        ...

    def observe(self, reads: Reads) -> Self | None:
        """Return the same thing as AWS has it, or None; nothing is changed."""
        ...

    def create(self, context: Context) -> None:
        """Make it."""
        ...

    def update(self, before: Self, context: Context) -> None:
        """Turn `before` into this, changing only what differs."""
        ...

    def delete(self, context: Context) -> None:
        """Remove it; it may be gone already."""
        ...


@runtime_checkable
class Settling(Protocol):
    """A resource that AWS goes on changing after a write."""

    def settle(self, context: Context) -> None:
        """Wait for the end of that, if it hasn't ended."""
        ...


Key = tuple[str, str]


def key(resource: Resource) -> Key:
    """Return what makes a resource the same one before and after."""
    return resource.kind, resource.name


class Tagged(Resource, Protocol):
    """A resource that has tags: those that it would have if it were ours."""

    @property
    def tags(self) -> Tags:
        """The tags."""
        ...


@dataclass(frozen=True)
class Shorthand:
    """How AWS's command line takes tags (AWS CLI user guide, "Shorthand syntax").

    Attributes:
        pair: of a name and a value.
        between: two pairs.
    """

    pair: str
    between: str


TAG_LIST = Shorthand("Key={},Value={}", " ")
TAG_MAP = Shorthand("{}={}", ",")


def require_ours(
    resource: Tagged,
    found: Mapping[str, str],
    *,
    tagging: str,
    form: Shorthand = TAG_LIST,
    proven: bool = False,
) -> None:
    """Refuse a resource of our name that somebody else made.

    One whose tags were taken off is ours again where something else proves it; its missing tags
    then are a difference like any other. A kind that proves it declares a `proof`.

    Args:
        resource: as wanted.
        found: its tags in AWS.
        tagging: the command line of AWS's that tags it, without the tags.
        form: in which that command takes them.
        proven: whether something that nobody else writes shows that we made it.

    Raises:
        MldeployError: MLD410.
    """
    marks = {tag: value for tag, value in resource.tags if tag in {TAG_PROJECT, TAG_STAGE}}
    theirs = any(found.get(tag, value) != value for tag, value in marks.items())
    if proven and not theirs:
        return
    for tag, expected in marks.items():
        if found.get(tag) != expected:
            has = f"its {tag} is {found[tag]!r}" if tag in found else f"it has no tag {tag}"
            told = form.between.join(form.pair.format(*one) for one in marks.items())
            what = f"the {resource.kind} {resource.name}"
            raise MldeployError(
                "MLD410",
                f"{what} exists and isn't ours: {has}, expected {expected!r}",
                "nothing was changed. Rename the project or stage, or remove that resource; "
                f"if mldeploy made it, this gives it its tags back: {tagging} --tags {told}",
            )


def known_tags(wanted: Tags, found: Mapping[str, str]) -> Tags:
    """Return the found tags that we set; what others add to a resource is theirs."""
    return tuple(sorted((name, found[name]) for name, _ in wanted if name in found))


def tag_map(
    pairs: list[dict[str, str]], key_name: str = "Key", value: str = "Value"
) -> dict[str, str]:
    """Turn AWS's list of tags into a dict."""
    return {pair[key_name]: pair[value] for pair in pairs}


def tag_list(tags: Tags) -> list[dict[str, str]]:
    """Turn tags into AWS's list."""
    return [{"Key": name, "Value": value} for name, value in tags]


def canonical(document: Any) -> str:
    """Return JSON that is equal for equal documents: policies are compared as this."""
    if isinstance(document, str):
        document = json.loads(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def short_hash(text: str, length: int = 16) -> str:
    """Return the first `length` hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]
