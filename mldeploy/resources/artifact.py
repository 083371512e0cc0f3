"""What is deployed: one image per function."""

from dataclasses import dataclass, field

from mldeploy.images.spec import ImageSpec
from mldeploy.model.golden import Golden


@dataclass(frozen=True)
class ImageSource:
    """An image: its tag, and how to build it if there is a bundle.

    Attributes:
        tag: the image's fingerprint.
        spec: None if the only source is a deployed release.
        note: for the version's description, such as the git commit.
        digest: of the image in ECR, if the source is a deployed release; else "".
        golden: golden examples of the function, if the source is a deployed release.
    """

    tag: str
    spec: ImageSpec | None = None
    note: str = ""
    digest: str = ""
    golden: Golden = field(default=Golden(), repr=False)

    def golden_of(self, handler: str) -> Golden:
        """Return the golden examples to verify a function with this handler."""
        return self.spec.golden_of(handler) if self.spec else self.golden


@dataclass(frozen=True)
class Artifact:
    """What is deployed: one image per function. `images`: (function, image) pairs."""

    images: tuple[tuple[str, ImageSource], ...]

    def of(self, function: str) -> ImageSource:
        """Return a configured function's image."""
        return dict(self.images)[function]

    @property
    def sources(self) -> tuple[ImageSource, ...]:
        """Each image once: functions with the same model share it."""
        return tuple({source.tag: source for _, source in self.images}.values())
