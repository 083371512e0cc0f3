"""What is deployed: an image for each function."""

from dataclasses import dataclass, field

from mldeploy.images.spec import ImageSpec
from mldeploy.model.golden import Golden


@dataclass(frozen=True)
class ImageSource:
    """An image: its tag, and the recipe where a bundle is at hand.

    Attributes:
        tag: the image's fingerprint.
        spec: None where a running release is the only source.
        note: what the version's description says, such as the git commit.
        digest: of the image in ECR, where a running release is the source; else "".
        golden: golden examples of the function, where a running release is the source.
    """

    tag: str
    spec: ImageSpec | None = None
    note: str = ""
    digest: str = ""
    golden: Golden = field(default=Golden(), repr=False)

    def golden_of(self, handler: str) -> Golden:
        """Return the golden examples that a function with this handler is held to."""
        return self.spec.golden_of(handler) if self.spec else self.golden


@dataclass(frozen=True)
class Artifact:
    """What is deployed: an image for each function. `images`: (function, image) pairs."""

    images: tuple[tuple[str, ImageSource], ...]

    def of(self, function: str) -> ImageSource:
        """Return the image of a function of the file."""
        return dict(self.images)[function]

    @property
    def sources(self) -> tuple[ImageSource, ...]:
        """Every image once: functions of one model share theirs."""
        return tuple({source.tag: source for _, source in self.images}.values())
