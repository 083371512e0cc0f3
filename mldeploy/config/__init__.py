"""What `mldeploy.toml` says, as frozen data. `mldeploy.config.file` reads and checks it."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from mldeploy.config.api import ApiConfig as ApiConfig
from mldeploy.config.api import Auth as Auth
from mldeploy.config.api import CorsConfig as CorsConfig
from mldeploy.config.api import JwtConfig as JwtConfig
from mldeploy.config.deploying import DeployConfig as DeployConfig
from mldeploy.config.deploying import RoleConfig as RoleConfig
from mldeploy.config.deploying import SignConfig as SignConfig
from mldeploy.config.functions import DEFAULT_HANDLER as DEFAULT_HANDLER
from mldeploy.config.functions import FunctionConfig as FunctionConfig
from mldeploy.config.functions import KeepWarm as KeepWarm
from mldeploy.config.paths import ROUTES_VARIABLE, SEPARATOR, routes_of
from mldeploy.config.surroundings import VpcConfig as VpcConfig
from mldeploy.config.training import Publish as Publish
from mldeploy.config.training import TrainingConfig as TrainingConfig
from mldeploy.config.triggers import HttpTrigger

Architecture = Literal["x86_64", "arm64"]
Target = Literal["aws", "local"]

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Project, stage and function names. `_` joins them in AWS and stays out of them, so that
project `a`, stage `b-c` and project `a-b`, stage `c` never meet."""

TAG_PROJECT = "mldeploy:project"
TAG_STAGE = "mldeploy:stage"
TAG_TTL = "mldeploy:ttl"

HANDLER_VARIABLE = "MLDEPLOY_HANDLER"
"""The variable that tells `endpoint.custom` in the image which handler of the user's to call."""


@dataclass(frozen=True)
class ImageConfig:
    """How the image is made.

    Attributes:
        base: the base image; "" means AWS's own for the bundle's Python version.
        include: the user's files and folders that go into the image, relative to the project.
        requirements: further requirements beside the model's own, as pip writes them.
        dockerfile: a Dockerfile of the user's own, relative to the project, or None.
        index_url: a pip index to install from, or "". May hold credentials: never printed.
        insecure_index: whether wheels may come over http.
        ca_bundle: a CA bundle for pip, a path, or None.
        network: whether the image may use the network while it is tried out.
        prune: whether tests and sources for compilers are left out of the requirements.
        repository: "project" where the stages share one in ECR, "stage" where each has its own.
    """

    base: str = ""
    include: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    dockerfile: str | None = None
    index_url: str = field(default="", repr=False)
    insecure_index: bool = False
    ca_bundle: str | None = None
    network: bool = False
    prune: bool = True
    repository: Literal["project", "stage"] = "project"


@dataclass(frozen=True)
class ModelConfig:
    """A further model. `train` and `hooks`: its modules, relative to the project."""

    name: str
    train: str
    hooks: str | None = None


@dataclass(frozen=True)
class Config:
    """One stage of a project, with every override applied.

    Attributes:
        root: the project's folder, absolute.
        file: the path of mldeploy.toml.
        name: the project's name.
        stage: "dev" unless told.
        ttl: how long the stage lives after its last release, such as "3d"; "" for ever.
        pattern: of the section that the stage takes, such as "pr-*"; "" without a pattern.
        region: an AWS region, or "" where neither file nor flag names one.
        region_from: what named the region: a flag, a variable, "mldeploy.toml" or "the profile".
        profile: an AWS profile, or None.
        target: "aws", or "local" for the embedded AWS on this machine.
        python: "3.12", or "" for the Python that trains.
        architecture: of the image and the functions.
        architectures: those of the file's other stages.
        train: the entry point, relative to `root`.
        hooks: a module with `preprocess` or `postprocess`, relative to `root`, or None.
        model: which of its models this is about; "" is the project's own.
        models: the further models.
        deploy: how a release is shifted and kept.
        log_retention: days; one of the values that CloudWatch Logs takes.
        training: how a model is evaluated and fitted.
        publish: which columns' values are listed for clients.
    """

    root: Path
    file: Path
    name: str
    stage: str
    region: str
    profile: str | None
    python: str
    architecture: Architecture
    train: str
    image: ImageConfig
    functions: tuple[FunctionConfig, ...]
    api: ApiConfig
    role: RoleConfig = field(default_factory=RoleConfig)
    sign: SignConfig = field(default_factory=SignConfig)
    log_retention: int = 30
    user_tags: tuple[tuple[str, str], ...] = ()
    deploy: DeployConfig = field(default_factory=DeployConfig)
    models: tuple[ModelConfig, ...] = ()
    model: str = ""
    hooks: str | None = None
    target: Target = "aws"
    region_from: str = "mldeploy.toml"
    ttl: str = ""
    pattern: str = ""
    training: TrainingConfig = field(default_factory=TrainingConfig)
    publish: Publish = None
    architectures: tuple[Architecture, ...] = ()

    @property
    def all_architectures(self) -> tuple[Architecture, ...]:
        """Every architecture that a bundle may be built for, this stage's first."""
        return tuple(dict.fromkeys((self.architecture, *self.architectures)))

    @property
    def bundle(self) -> Path:
        """The model bundle's folder, written by `mldeploy train`."""
        return self.root / "models" / self.model if self.model else self.root / "model"

    @property
    def used_models(self) -> tuple[str, ...]:
        """The models that functions use, the project's own first."""
        return tuple(sorted({one.model for one in self.functions}))

    @property
    def routed(self) -> tuple[FunctionConfig, ...]:
        """The functions that the HTTP API invokes; without any there is no API."""
        return tuple(one for one in self.functions if isinstance(one.trigger, HttpTrigger))

    def of_model(self, name: str) -> "Config":
        """Return the project as if it had one model only, with that model's functions."""
        functions = tuple(one for one in self.functions if one.model == name)
        found = next((one for one in self.models if one.name == name), None)
        chosen = replace(self, model=name, functions=functions)
        return replace(chosen, train=found.train, hooks=found.hooks) if found else chosen

    @property
    def included(self) -> tuple[str, ...]:
        """The user's files and folders that go into the image, the hooks among them."""
        hooks = (self.hooks,) if self.hooks else ()
        return tuple(dict.fromkeys((*self.image.include, *hooks)))

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """Every tag of a resource that belongs to this stage, sorted."""
        return tuple(
            sorted({**dict(self.user_tags), TAG_PROJECT: self.name, TAG_STAGE: self.stage}.items())
        )

    @property
    def repository_tags(self) -> tuple[tuple[str, str], ...]:
        """Tags of the ECR repository, sorted: it belongs to the project or to the stage."""
        stage = {TAG_STAGE: self.stage} if self.owns_repository else {}
        return tuple(sorted({TAG_PROJECT: self.name, **stage}.items()))

    @property
    def owns_repository(self) -> bool:
        """Whether no other stage has its images in this stage's repository."""
        return self.image.repository == "stage"

    @property
    def repository(self) -> str:
        """The ECR repository's name."""
        project = f"mldeploy/{self.name}"
        return f"{project}/{self.stage}" if self.owns_repository else project

    @property
    def repository_users(self) -> str:
        """What the names of all functions begin with whose images are in the repository."""
        return self.stage_prefix if self.owns_repository else self.project_prefix

    @property
    def project_prefix(self) -> str:
        """What the names of all functions of the project, in every stage, begin with."""
        return f"mldeploy_{self.name}_"

    @property
    def stage_prefix(self) -> str:
        """What the names of all functions of this stage begin with."""
        return f"{self.project_prefix}{self.stage}_"

    @property
    def stage_names(self) -> str:
        """What the names of all functions of this stage look like, and of all of its pattern."""
        return f"{self.project_prefix}{self.pattern}" if self.pattern else f"{self.stage_prefix}*"

    def routes(self, function: FunctionConfig) -> tuple[str, ...]:
        """Return every route key of a function, that of its predictions first.

        What the Open Inference Protocol asks of a server as a whole is for the first function
        that speaks it. A function without a route has none.
        """
        if not function.route:
            return ()
        speakers = [one.name for one in self.functions if "/v2" in one.paths]
        server = function.name in speakers[:1]
        return (function.route, *routes_of(function.name, function.paths, server=server))

    def variables(self, function: FunctionConfig) -> dict[str, str]:
        """Return the variables that tell the image's code what the file says of a function."""
        if function.custom:
            return {HANDLER_VARIABLE: function.handler}
        told = {}
        if function.paths:
            told[ROUTES_VARIABLE] = SEPARATOR.join(self.routes(function))
        if function.max_body != FunctionConfig.max_body:
            told["MLDEPLOY_MAX_BODY"] = str(function.max_body)
        if function.max_rows != FunctionConfig.max_rows:
            told["MLDEPLOY_MAX_ROWS"] = str(function.max_rows)
        return told

    def function_name(self, function: str) -> str:
        """Return a function's name in Lambda."""
        return f"{self.stage_prefix}{function}"
