"""An image in ECR, tagged with the fingerprint of its contents."""

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
    """An image; tags are immutable, so an existing one needs no build and no push.

    Attributes:
        repository: its repository's name.
        tag: the fingerprint.
        spec: what to build it from; None if a release is the only source.
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
        """Repository and tag, in Docker's notation."""
        return f"{self.repository}:{self.tag}"

    @classmethod
    def desired(cls, stage: Stage) -> "list[Image]":
        """Return each image once."""
        sources = stage.artifact.sources
        return [cls(stage.config.repository, one.tag, one.spec) for one in sources]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Image]":
        """Return none: images are deleted with their repository, and `prune` deletes old ones."""
        del inventory
        return []

    def observe(self, reads: Reads) -> "Image | None":
        """Look up the tag in ECR, and check that its image is proved to be ours.

        An image that Lambda refuses doesn't count: it wasn't pushed by mldeploy.
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
        """Check that the image can be built on this machine.

        Raises:
            MldeployError: MLD301 if no engine is running. If the image can't be built: MLD318 if
                ECR has an
                image with this tag that isn't proved to be ours, MLD412 if it has none.
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
        """Build, check and push the image, and tag it in ECR once it is verified.

        Raises:
            MldeployError: MLD412 without a source; MLD413 if ECR has another image than was pushed;
                MLD414 for a manifest that Lambda refuses and that can't be fixed; MLD3xx from the
                builder.
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
        """Do nothing: an image can't change."""

    def delete(self, context: Context) -> None:
        """Remove the tag, and the image if it has no other tag."""
        untag(self.repository, [self.tag], context)


def repository_target(repository: str, context: Context) -> RepositoryTarget:
    """Return the repository with an ECR login for twelve hours, which is never stored."""
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
    """Return the digest of the last pushed image that is proved to be ours, or "".

    A build reuses the layers of its cache image, so that one must be trusted.
    """
    for image in reversed(all_images(repository, reads)):
        digest = str(image["imageDigest"])
        tags = tags_of(repository, digest, reads)
        if any(is_proven(repository, tag, digest, reads) for tag in tags):
            return digest
    return ""
