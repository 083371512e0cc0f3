"""Results of `build`, `push` and `cold-start`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mldeploy.facts.prices import Option
from mldeploy.images.cold_start import ColdStart
from mldeploy.text.data import FLAT, HIDDEN, InJson, in_json


@dataclass(frozen=True)
class BuiltImage:
    """An image on this machine.

    Attributes:
        image: its local name.
        id: in the Docker engine.
        tag: the fingerprint of its content, which is its tag in ECR.
        size: bytes.
        architecture: "amd64" or "arm64".
        seconds: duration; near 0 if it existed.
    """

    image: str
    id: str
    tag: str
    size: int
    architecture: str
    seconds: float = field(metadata=in_json(InJson(digits=2)))


@dataclass(frozen=True)
class BuiltImages:
    """The images of all models.

    Attributes:
        first: the first of them.
        images: all of them.
    """

    first: BuiltImage = field(metadata=FLAT)
    images: tuple[BuiltImage, ...]


@dataclass(frozen=True)
class PushedImage:
    """An image in ECR.

    Attributes:
        tag: the fingerprint of its content.
        image: in Lambda's form: registry/repository@digest.
        digest: of its manifest.
    """

    tag: str
    image: str
    digest: str


@dataclass(frozen=True)
class PushedImages:
    """The images of all functions.

    Attributes:
        first: the first of them.
        images: all of them.
        pushed: whether ECR was changed.
        seconds: of each step.
    """

    first: PushedImage = field(metadata=FLAT)
    images: tuple[PushedImage, ...]
    pushed: bool
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class ColdStartReport:
    """A cold start, and ways to reduce it.

    Attributes:
        measured: the measurements.
        median: of the runs, in seconds.
        options: ways to reduce cold starts, with their prices.
        region: of the prices.
    """

    measured: ColdStart = field(metadata=FLAT)
    median: float
    options: tuple[Option, ...]
    region: str = field(metadata=HIDDEN)


def built_images(images: Sequence[BuiltImage]) -> BuiltImages:
    """Return all images; there is at least one."""
    return BuiltImages(images[0], tuple(images))


def pushed_images(
    uris: Mapping[str, str], *, pushed: bool, seconds: Mapping[str, float]
) -> PushedImages:
    """Return images by their tags and URIs; there is at least one."""
    images = tuple(PushedImage(tag, uri, uri.rpartition("@")[2]) for tag, uri in uris.items())
    return PushedImages(images[0], images, pushed, seconds)
