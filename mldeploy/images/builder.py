"""What makes images, and what tries them out: two interfaces and what they give and take."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mldeploy.events import Emit
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import Trial

INCOMING = "incoming-"
"""How throw-away tags begin: what a push is called until it has been checked."""


@dataclass(frozen=True)
class Built:
    """An image on this machine. `size` in bytes, `architecture` as Docker names it."""

    image_id: str
    spec: ImageSpec
    size: int
    architecture: str


@dataclass(frozen=True)
class RepositoryTarget:
    """A repository and a login for it.

    Attributes:
        uri: its address, without a tag.
        username: of the login.
        password: of the login.
        endpoint: of the registry.
        tag: what a push is called there; the image's fingerprint if "".
        ca_bundle: a file of certificates that the registry is trusted by, or "".
    """

    uri: str
    username: str
    password: str = field(repr=False)
    endpoint: str = ""
    tag: str = ""
    ca_bundle: str = ""


@dataclass(frozen=True)
class ImageRef:
    """What the engine tells of a push: a hint, for the registry alone knows what has arrived.

    Attributes:
        digest: of what was pushed; "" where it tells none.
        bytes_sent: as it counts them: uncompressed, or compressed with a containerd image store.
        layers_pushed: how many it sent.
        layers_reused: how many were there.
    """

    digest: str
    bytes_sent: int
    layers_pushed: int
    layers_reused: int


@dataclass(frozen=True)
class BuildOptions:
    """How to build.

    Attributes:
        cache: (reference, login) of a previous image that may serve as a cache.
        pull: ask the registry for a newer base image.
        no_cache: build every step anew.
    """

    cache: tuple[str, RepositoryTarget] | None = None
    pull: bool = False
    no_cache: bool = False


@dataclass(frozen=True)
class Retention:
    """Which images stay on this machine.

    Attributes:
        project: whose images it is about; "" for every project's.
        count: the newest so many stay.
        used: ids of images that something refers to.
    """

    project: str
    count: int
    used: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What a trial of an image came to.

    Attributes:
        code: its exit code.
        output: its log.
        killed: "memory" or "time" where that ended it.
        trial: what was tried.
        problems: with its answers.
        unchecked: why nothing could be tried out here, or "".
    """

    code: int
    output: str
    killed: str = ""
    trial: Trial = field(default_factory=Trial)
    problems: tuple[str, ...] = ()
    unchecked: str = ""

    @property
    def foreign(self) -> bool:
        """Whether the image's programs can't run on this machine."""
        return "exec format error" in self.output


class Builder(Protocol):
    """Makes and pushes images."""

    def check(self, spec: ImageSpec) -> list[str]:
        """Return problems that are known before building."""
        ...

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Make the image, unless it exists already."""
        ...

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Push it under the target's tag."""
        ...

    def save(self, built: Built, target: Path) -> None:
        """Write it to a file that `docker load` reads."""
        ...

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Store documents about a pushed image beside it."""
        ...

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Remove what builds have superseded; a failure is no error of the command."""
        ...


class Runner(Protocol):
    """Runs images on this machine as Lambda would."""

    def try_out(self, built: Built, trial: Trial) -> Outcome:
        """Send a function's golden examples to an image."""
        ...

    def measure(self, wanted: Measurement, runs: int, emit: Emit) -> ColdStart:
        """Measure an image's cold start in so many runs."""
        ...
