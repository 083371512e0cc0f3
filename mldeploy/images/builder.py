"""The interfaces of builders and runners of images, with their types."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from mldeploy.events import Emit
from mldeploy.http.registry import Registry, Send
from mldeploy.http.repository import Repository
from mldeploy.http.streams import answered
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import Trial

INCOMING = "incoming-"
"""Prefix of temporary tags, which a push has until it is checked."""


@dataclass(frozen=True)
class Built:
    """An image on this machine. `size` in bytes, `architecture` by its name in Docker."""

    image_id: str
    spec: ImageSpec
    size: int
    architecture: str


@dataclass(frozen=True)
class RepositoryTarget:
    """A repository and a login for it.

    Attributes:
        uri: without a tag.
        username: of the login.
        password: of the login.
        endpoint: of the registry.
        tag: of a push; the image's fingerprint if "".
        ca_bundle: a CA file for the registry, or "".
    """

    uri: str
    username: str
    password: str = field(repr=False)
    endpoint: str = ""
    tag: str = ""
    ca_bundle: str = ""

    @property
    def registry(self) -> str:
        """The URL of the registry."""
        told = urlsplit(self.endpoint).scheme in {"http", "https"}
        root = self.endpoint if told else f"https://{self.uri.partition('/')[0]}"
        return root.rstrip("/")

    @property
    def name(self) -> str:
        """The repository's name in the registry."""
        return self.uri.partition("/")[2]

    def opened(self, send: Send = answered) -> Repository:
        """Return a client of it.

        Args:
            send: sends a request; see `mldeploy.http.streams.answered`.
        """
        login = (self.username, self.password)
        return Repository(Registry(self.registry, *login, self.ca_bundle, send), self.name)


@dataclass(frozen=True)
class ImageRef:
    """The engine's report on a push: a hint, because only the registry knows what it received.

    Attributes:
        digest: of the pushed image, or "".
        bytes_sent: as the engine counts: uncompressed, or compressed with a containerd image store.
        layers_pushed: number of layers sent.
        layers_reused: number of layers that existed.
    """

    digest: str
    bytes_sent: int
    layers_pushed: int
    layers_reused: int


@dataclass(frozen=True)
class BuildOptions:
    """Options of a build.

    Attributes:
        cache: (reference, login) of a previous image to use as a cache.
        pull: pull a newer base image.
        no_cache: repeat every step.
    """

    cache: tuple[str, RepositoryTarget] | None = None
    pull: bool = False
    no_cache: bool = False


@dataclass(frozen=True)
class Retention:
    """Which images to keep on this machine.

    Attributes:
        project: whose images; "" for all projects'.
        count: number of newest images to keep.
        used: ids of images in use.
    """

    project: str
    count: int
    used: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """The result of a trial of an image.

    Attributes:
        code: its exit code.
        output: its log.
        killed: "memory" or "time" if that ended it.
        trial: that was run.
        problems: with its responses.
        unchecked: why nothing could be tried out here, or "".
        instead: what stood in for the image's own requirements, or "".
    """

    code: int
    output: str
    killed: str = ""
    trial: Trial = field(default_factory=Trial)
    problems: tuple[str, ...] = ()
    unchecked: str = ""
    instead: str = ""

    @property
    def foreign(self) -> bool:
        """Whether the image's architecture can't run on this machine."""
        return "exec format error" in self.output


class Builder(Protocol):
    """Builds and pushes images."""

    def check(self, spec: ImageSpec) -> list[str]:
        """Return problems that are known before a build."""
        ...

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Build the image, unless it exists."""
        ...

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Push an image with the target's tag."""
        ...

    def save(self, built: Built, target: Path) -> None:
        """Write it to a file that `docker load` reads."""
        ...

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Attach documents to a pushed image."""
        ...

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Remove superseded images; a failure doesn't fail the command."""
        ...


class Runner(Protocol):
    """Runs images on this machine as Lambda would."""

    def try_out(self, built: Built, trial: Trial) -> Outcome:
        """Send a function's golden examples to an image."""
        ...

    def measure(self, wanted: Measurement, runs: int, emit: Emit) -> ColdStart:
        """Measure an image's cold start in a number of runs."""
        ...
