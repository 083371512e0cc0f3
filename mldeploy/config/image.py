"""Images and additional models: [image] and [models.<name>]."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from mldeploy.config.fields import Check
from mldeploy.config.limits import image_name, requirement
from mldeploy.config.limits import index_url as an_index
from mldeploy.config.texts import Inside


@dataclass(frozen=True)
class ImageConfig:
    """How the image is built.

    `ca_bundle` is absolute. `index_url` may contain credentials and is never printed.
    """

    base: Annotated[
        str,
        "The base image. Default: AWS's image for the bundle's Python.",
        Check(image_name),
    ] = ""
    include: Annotated[
        tuple[Inside, ...],
        "Files and folders of the project that go into the image, at the same paths.",
    ] = ()
    requirements: Annotated[
        tuple[Annotated[str, Check(requirement)], ...],
        "Requirements in addition to the model's own.",
    ] = ()
    dockerfile: Annotated[Inside | None, "Your own Dockerfile, relative to the project."] = None
    index_url: Annotated[
        str,
        "The package index to install from. Credentials in it are never printed.",
        Check(an_index),
    ] = field(default="", repr=False)
    insecure_index: Annotated[
        bool,
        "Whether packages may be downloaded over http, where anyone on the network can replace "
        "them.",
    ] = False
    ca_bundle: Annotated[
        str | None, "A file of CA certificates for pip, absolute or relative to the project."
    ] = None
    network: Annotated[
        bool,
        "Whether the image may use the network during its check.",
    ] = False
    prune: Annotated[
        bool,
        "Whether tests and compiler sources of the requirements are removed from the image.",
    ] = True
    builder: Annotated[
        Literal["auto", "docker", "direct"],
        "What makes the image: Docker, this process alone, or Docker where an engine answers.",
    ] = "auto"
    repository: Annotated[
        Literal["project", "stage"],
        "The ECR repository of images: the project's, which stages share, or the stage's own.",
    ] = "project"


@dataclass(frozen=True)
class ModelConfig:
    """An additional model."""

    name: str
    train: Annotated[
        Inside,
        "The module that defines its estimator and its data. Default: <the model's name>.py",
    ]
    hooks: Annotated[Inside | None, "A module with its `preprocess` or `postprocess`."] = None
