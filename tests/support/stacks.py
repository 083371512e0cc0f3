"""A configuration, an image builder without an engine, and a context on emulated AWS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mldeploy.aws.clients import Account, Clients
from mldeploy.config import ApiConfig, Config, FunctionConfig, ImageConfig
from mldeploy.events import Emit, Event
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.builder import (
    Builder,
    BuildOptions,
    Built,
    ImageRef,
    RepositoryTarget,
    Retention,
)
from mldeploy.images.docker import DockerRunner
from mldeploy.images.docker.connection import connect
from mldeploy.images.making import Making
from mldeploy.images.spec import ImageSpec
from mldeploy.resources.artifact import Artifact, ImageSource
from mldeploy.resources.base import Context, Resource
from mldeploy.resources.stack import stack

REGION = "eu-central-1"
ACCOUNT = Account("123456789012", REGION, "aws", "arn:aws:iam::123456789012:user/alice")
PutImage = Callable[[str, str, str, dict[str, str]], str]


def config(**changes: object) -> Config:
    """Return a project with one public function."""
    base = Config(
        root=Path("/project"),
        file=Path("/project/mldeploy.toml"),
        name="iris",
        stage="dev",
        region=REGION,
        profile=None,
        python="3.12",
        architecture="x86_64",
        train="train.py",
        image=ImageConfig(),
        functions=(FunctionConfig("predict", "POST /predict"),),
        api=ApiConfig(auth="none"),
        user_tags=(("team", "flowers"),),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def spec(tag: str = "a" * 32) -> ImageSpec:
    """Return a recipe that nobody will cook: `RegistryOnly` just puts a manifest."""
    return ImageSpec(
        project="iris",
        fingerprint=tag,
        platform="linux/amd64",
        base="public.ecr.aws/lambda/python:3.12",
        python="3.12",
        files=(),
        labels=(),
    )


def artifact(settings: Config, tag: str = "a" * 32) -> Artifact:
    """Return an artifact with that image tag for every function."""
    source = ImageSource(tag, spec(tag), "a test")
    return Artifact(tuple((one.name, source) for one in settings.functions))


@dataclass
class RegistryOnly:
    """A builder that puts an image's manifest through ECR's API, without an engine."""

    put_image: PutImage
    built: list[str] = field(default_factory=list)
    attached: dict[str, list[str]] = field(default_factory=dict)

    def check(self, spec: ImageSpec) -> list[str]:
        """Find nothing wrong."""
        del spec
        return []

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Note what was asked for."""
        del emit, options
        self.built.append(spec.fingerprint)
        return Built("sha256:" + "0" * 64, spec, 1000, "amd64")

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Put a manifest under the tag."""
        del emit
        content = built.spec.fingerprint
        name = repository.uri.partition("/")[2]
        labels = dict(built.spec.labels)
        digest = self.put_image(name, repository.tag or content, content, labels)
        return ImageRef(digest, 100, 1, 2)

    def save(self, built: Built, target: Path) -> None:
        """Save nothing: there is no image."""
        raise NotImplementedError

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Note the kinds of documents."""
        del repository
        self.attached[subject.digest] = [one.media_type for one in documents]

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Do nothing: this machine has no images."""


def without_engine(builder: Builder) -> Making:
    """Return a way to make images that no engine is needed for; running them needs one."""
    return Making(builder, DockerRunner(connect))


def context(put_image: PutImage, events: list[Event] | None = None) -> Context:
    """Return a context whose waits take no time."""
    clients = Clients(REGION, sleep=lambda _seconds: None)
    emit = events.append if events is not None else lambda _event: None
    return Context(clients, ACCOUNT, emit, RegistryOnly(put_image))


def stack_of(settings: Config | None = None, tag: str = "a" * 32) -> tuple[Resource, ...]:
    """Return the desired resources of a project."""
    wanted = settings or config()
    return stack(wanted, artifact(wanted, tag), ACCOUNT)
