"""The interface of resource kinds, their context, and ownership by tags."""

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
        functions: the stage's, by their names in Lambda; the images that they run are trusted.
        named: digests that the caller passed.
        key: ARN of the KMS key that must have signed an image; "" if none is required.
    """

    functions: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    key: str = ""


@dataclass(frozen=True)
class Reads:
    """Read access to AWS for resources; nothing here changes AWS.

    Attributes:
        observation: cached responses, shared by all readers.
        account: the current account and region.
        emit: receives events.
        trust: what proves that an image in ECR is ours.
        download: returns the text at a URL from AWS.
    """

    observation: Observation
    account: Account
    emit: Emit
    trust: Trust
    download: Callable[[str], str]

    def read(self, service: str, operation: str, **parameters: Any) -> Seen:
        """Make a read and cache its response: see `Observation.read`."""
        return self.observation.read(service, operation, **parameters)

    def read_together(self, *calls: tuple[str, str, dict[str, Any]]) -> None:
        """Make independent reads concurrently and cache their responses for `read`."""
        self.observation.read_together(*calls)

    def again(self, service: str = "", operation: str = "", **which: Any) -> "Reads":
        """Return reads without cached responses, all or some: see `Observation.again`."""
        self.observation.again(service, operation, **which)
        return self

    @property
    def workers(self) -> Workers:
        """Returns a pool of threads."""
        return self.observation.workers


@dataclass(frozen=True)
class Context:
    """Write access to AWS for resources.

    Attributes:
        clients: boto3's clients.
        account: the current account and region.
        emit: receives events.
        builder: makes and pushes images; started only when an image is needed.
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
        """Read access to AWS."""
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
    """A resource in AWS, desired or observed: both have the same type.

    Compared fields are those that the user decides; fields that AWS assigns are declared with
    `field(compare=False)`. All fields but the name have defaults, so that a resource can be
    looked up by its name. A kind declares everything that other modules need to know about it:
    docs/decisions/0030-a-kind-describes-itself.md.

    Attributes:
        kind: its name in plans and messages.
        phase: when it is created and deleted.
        calls: every AWS call that it makes.

        A kind with tags may also declare a `proof`, which shows that a resource is ours although
        its tags were removed. Without it such a resource is refused.
    """

    kind: ClassVar[str]
    phase: ClassVar[Phase]
    calls: ClassVar[tuple[Calls, ...]]

    @classmethod
    def desired(cls, stage: Stage) -> Iterable[Self]:
        """Return a stage's desired resources of this kind."""
        ...

    @classmethod
    def seed(cls, inventory: Inventory) -> Iterable[Self]:
        """Return the resources of this kind that may exist, desired or not: names and tags only.

        A kind that is deleted with another kind's resource, such as an alias, needs none.
        """
        ...

    @property
    def name(self) -> str:
        """Its name in AWS."""
        ...

    def observe(self, reads: Reads) -> Self | None:
        """Return the resource as it is in AWS, or None; changes nothing."""
        ...

    def create(self, context: Context) -> None:
        """Create it."""
        ...

    def update(self, before: Self, context: Context) -> None:
        """Update `before` to this, changing only what differs."""
        ...

    def delete(self, context: Context) -> None:
        """Delete it; it may already be gone."""
        ...


@runtime_checkable
class Settling(Protocol):
    """A resource that AWS keeps changing after a write."""

    def settle(self, context: Context) -> None:
        """Wait until AWS has finished."""
        ...


Key = tuple[str, str]


def key(resource: Resource) -> Key:
    """Return a resource's identity: its kind and name."""
    return resource.kind, resource.name


class Tagged(Resource, Protocol):
    """A resource with tags."""

    @property
    def tags(self) -> Tags:
        """The tags that it has if it is ours."""
        ...


@dataclass(frozen=True)
class Shorthand:
    """The AWS CLI's notation of tags (AWS CLI user guide, "Shorthand syntax").

    Attributes:
        pair: format of a name and a value.
        between: separator of pairs.
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
    """Refuse a resource with our name that isn't managed by this project.

    A resource whose tags were removed is accepted if something else proves that it is ours; its
    missing tags are then an ordinary difference. A kind that proves it declares a `proof`.

    Args:
        resource: as desired.
        found: its tags in AWS.
        tagging: the AWS CLI command that tags it, without the tags.
        form: the command's notation of tags.
        proven: whether something other than its tags proves that it is ours.

    Raises:
        MldeployError: MLD410.
        ValueError: the resource as desired has no tags that could tell whose it is.
    """
    marks = {tag: value for tag, value in resource.tags if tag in {TAG_PROJECT, TAG_STAGE}}
    if not marks:
        raise ValueError(f"the {resource.kind} {resource.name} has no tags of a project")
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
                f"{what} isn't managed by this project: {has}, expected {expected!r}",
                "nothing was changed. Rename the project or stage, or remove that resource; "
                f"if mldeploy made it, this gives it its tags back: {tagging} --tags {told}",
            )


def known_tags(wanted: Tags, found: Mapping[str, str]) -> Tags:
    """Return the found tags that we set, without those added elsewhere."""
    return tuple(sorted((name, found[name]) for name, _ in wanted if name in found))


def tag_map(
    pairs: list[dict[str, str]], key_name: str = "Key", value: str = "Value"
) -> dict[str, str]:
    """Return AWS's list of tags as a dict."""
    return {pair[key_name]: pair[value] for pair in pairs}


def tag_list(tags: Tags) -> list[dict[str, str]]:
    """Return tags as AWS's list."""
    return [{"Key": name, "Value": value} for name, value in tags]


def canonical(document: Any) -> str:
    """Return canonical JSON, in which policies are compared."""
    if isinstance(document, str):
        document = json.loads(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def short_hash(text: str, length: int = 16) -> str:
    """Return the first `length` hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]
