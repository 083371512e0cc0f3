"""An image in ECR, named by the fingerprint of everything that goes into it."""

import base64
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from mldeploy.aws.credentials import ca_bundle
from mldeploy.errors import MldeployError
from mldeploy.events import Note
from mldeploy.images.builder import BuildOptions, RepositoryTarget
from mldeploy.images.spec import ImageSpec
from mldeploy.resources.arrival import Arrival, incoming_tag, name_release
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.ecr_images import (
    all_images,
    in_the_way,
    repository_uri,
    tags_of,
    untag,
    why_refused,
)
from mldeploy.resources.image_proof import is_proven, proven, unproven, unproven_error
from mldeploy.resources.kind import ANY, REPOSITORY, Calls, Inventory, Phase, Stage
from mldeploy.resources.signatures import sign


@dataclass(frozen=True)
class Image:
    """An image; tags are immutable, so one that is there needs no build and no push.

    Attributes:
        repository: its repository's name.
        tag: the fingerprint.
        spec: what to build it from; None where a release is the only source.
        digest: assigned by the registry.
    """

    kind: ClassVar[str] = "image"
    phase: ClassVar[Phase] = Phase.BEFORE_SHIFT
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(("ecr:GetAuthorizationToken",), ANY),
        Calls(
            (
                *("ecr:BatchCheckLayerAvailability", "ecr:BatchDeleteImage", "ecr:BatchGetImage"),
                *("ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:DescribeRepositories"),
                *("ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage"),
                "ecr:UploadLayerPart",
            ),
            REPOSITORY,
        ),
    )

    repository: str
    tag: str
    spec: ImageSpec | None = field(default=None, compare=False, repr=False)
    digest: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """Repository and tag, as `docker` writes them."""
        return f"{self.repository}:{self.tag}"

    @classmethod
    def desired(cls, stage: Stage) -> "list[Image]":
        """Return every image once."""
        sources = stage.artifact.sources
        return [cls(stage.config.repository, one.tag, one.spec) for one in sources]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Image]":
        """Return none: images go with their repository, and `prune` deletes old ones."""
        del inventory
        return []

    def observe(self, reads: Reads) -> "Image | None":
        """Ask ECR for the tag, and what proves that its image is ours.

        What Lambda refuses isn't an image: somebody has pushed it past mldeploy.
        """
        found = proven(self.repository, self.tag, reads)
        if found is None or why_refused(self.repository, found, reads):
            self._tell_of_foreign(reads)
            return None
        return Image(self.repository, self.tag, digest=found["imageDigest"])

    def _tell_of_foreign(self, reads: Reads) -> None:
        digest = unproven(self.repository, self.tag, reads)
        if digest:
            text = (
                f"ECR has {self.name} as {digest}, but nothing proves that this project's build "
                "pushed it: it isn't used"
            )
            reads.emit(Note(text, "warning"))

    def require_builder(self, context: Context) -> None:
        """See that the image can be made here.

        Raises:
            MldeployError: MLD301 where no engine answers; MLD318 where ECR has an image of this
                tag that nothing proves to be ours, and MLD412 where it has none, and there is no
                way to build it.
        """
        digest = unproven(self.repository, self.tag, context.reads)
        try:
            if self.spec is not None:
                context.builder.check(self.spec)
            elif digest:
                raise unproven_error(self.name, digest, "there is no bundle")
        except MldeployError as error:
            if error.code != "MLD301" or not digest:
                raise
            raise unproven_error(self.name, digest, error.message) from error

    def create(self, context: Context) -> None:
        """Build, check, push, and name what arrived in ECR once it has been proved.

        Raises:
            MldeployError: MLD412 with no source; MLD413 where ECR disagrees with the push;
                MLD414 for a manifest that Lambda refuses and that can't be mended; MLD3xx from
                the builder.
        """
        if self.spec is None:
            raise MldeployError(
                "MLD412",
                f"the image {self.name} is gone from ECR and there is no bundle to build it from",
                "run `mldeploy train`, then `mldeploy deploy`",
            )
        if in_the_way(self.repository, self.tag, context.reads):
            self.delete(context)
        target = repository_target(self.repository, context)
        previous = _newest_proven(self.repository, context.reads)
        cache = (f"{target.uri}@{previous}", target) if previous else None
        built = context.builder.build(self.spec, context.emit, BuildOptions(cache))
        incoming = incoming_tag(self.tag)
        with context.clients.observation.outdates("ecr"):
            pushed = context.builder.push(built, replace(target, tag=incoming), context.emit)
        if pushed.layers_pushed or pushed.layers_reused:
            context.emit(
                Note(
                    f"{pushed.bytes_sent / 1e6:.2f} MB sent: {pushed.layers_pushed} layers "
                    f"pushed, {pushed.layers_reused} already there"
                )
            )
        arrival = Arrival(self.repository, self.tag, incoming, built, pushed, target)
        digest = name_release(arrival, context)
        if context.trust.key:
            sign(self.repository, digest, self.tag, context)

    def update(self, before: "Image", context: Context) -> None:
        """Do nothing: an image is its tag."""

    def delete(self, context: Context) -> None:
        """Take the tag away, and the image with it if no other tag names it."""
        untag(self.repository, [self.tag], context)


def repository_target(repository: str, context: Context) -> RepositoryTarget:
    """Ask ECR for a login of twelve hours; it is passed to this push and never written down."""
    answer = context.clients.ecr.get_authorization_token()
    data: dict[str, Any] = answer["authorizationData"][0]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return RepositoryTarget(
        uri=repository_uri(repository, context.reads),
        username=user,
        password=password,
        endpoint=data["proxyEndpoint"],
        ca_bundle=ca_bundle(context.clients.session),
    )


def _newest_proven(repository: str, reads: Reads) -> str:
    """Return the digest of the image that was pushed last and is proved to be ours, or "".

    A build takes over the layers of what it is told to use as a cache.
    """
    for image in reversed(all_images(repository, reads)):
        digest = str(image["imageDigest"])
        tags = tags_of(repository, digest, reads)
        if any(is_proven(repository, tag, digest, reads) for tag in tags):
            return digest
    return ""
