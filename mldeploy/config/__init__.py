"""The settings of `mldeploy.toml` as frozen data. `mldeploy.config.file` reads and checks them."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from mldeploy.config.about import a_contact, a_description, a_title
from mldeploy.config.api import ApiConfig as ApiConfig
from mldeploy.config.api import Auth as Auth
from mldeploy.config.api import CorsConfig as CorsConfig
from mldeploy.config.api import JwtConfig as JwtConfig
from mldeploy.config.batch import BatchConfig as BatchConfig
from mldeploy.config.deploying import DeployConfig as DeployConfig
from mldeploy.config.deploying import RoleConfig as RoleConfig
from mldeploy.config.deploying import SignConfig as SignConfig
from mldeploy.config.fields import Check, In, Reads, Schema, Spelt
from mldeploy.config.functions import FunctionConfig as FunctionConfig
from mldeploy.config.functions import KeepWarm as KeepWarm
from mldeploy.config.image import ImageConfig as ImageConfig
from mldeploy.config.image import ModelConfig as ModelConfig
from mldeploy.config.limits import region as a_region
from mldeploy.config.limits import retention, tag_key, tag_value
from mldeploy.config.limits import tags as all_tags
from mldeploy.config.names import DEFAULT_HANDLER as DEFAULT_HANDLER
from mldeploy.config.names import NAME as NAME
from mldeploy.config.paths import routes_of, with_heads
from mldeploy.config.stages import time_to_live
from mldeploy.config.surroundings import VpcConfig as VpcConfig
from mldeploy.config.texts import Inside, Name
from mldeploy.config.training import Publish as Publish
from mldeploy.config.training import TrainingConfig as TrainingConfig
from mldeploy.config.training import any_form, columns_or_all
from mldeploy.config.triggers import HttpTrigger
from mldeploy.config.variables import HANDLER_VARIABLE as HANDLER_VARIABLE
from mldeploy.config.variables import variables_of
from mldeploy.facts.quotas import RETENTION_DAYS

Architecture = Literal["x86_64", "arm64"]
Target = Literal["aws", "local"]
_Pairs = tuple[tuple[str, str], ...]
_Tags = dict[Annotated[str, Check(tag_key)], Annotated[str, Check(tag_value)]]

TAG_PROJECT = "mldeploy:project"
TAG_STAGE = "mldeploy:stage"
TAG_TTL = "mldeploy:ttl"

SECTION = "section"
"""The table, in `In`, of keys that only a section of [stages] has."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """A stage of a project, with all overrides applied.

    Attributes:
        root: the project's folder, absolute.
        file: the path of mldeploy.toml.
        stage: "dev" by default.
        pattern: of the stage's section, such as "pr-*"; "" without a pattern.
        region: "" if neither file nor flag specifies one.
        region_from: source of the region: a flag, a variable, "mldeploy.toml" or "the profile".
        profile: an AWS profile, or None.
        target: "aws", or "local" for the embedded AWS on this machine.
        python: "" for the Python used for training.
        architectures: those of the file's other stages.
        model: the selected model; "" for the project's own.
        others: the functions of other models, if one is selected.
    """

    root: Path
    file: Path
    region: Annotated[
        str,
        "The AWS region, such as eu-central-1. Default: AWS_REGION, then the profile's region.",
        In("project"),
        Check(a_region),
    ]
    python: Annotated[
        str,
        "The Python of the image. Default: the Python that trains.",
        In("project"),
        Spelt(Literal["3.11", "3.12", "3.13", "3.14"]),
    ]
    architecture: Annotated[
        Architecture, "The processor architecture of the image and the functions.", In("project")
    ] = "x86_64"
    train: Annotated[
        Inside,
        "The module that defines the estimator and the data, relative to the project.",
        In("project"),
    ] = "train.py"
    hooks: Annotated[
        Inside | None,
        "A module with `preprocess` or `postprocess`, for code that can't be part of the "
        "estimator.",
        In("project"),
    ] = None
    title: Annotated[
        str,
        "The title of the pages and of the OpenAPI document. Default: the model's name.",
        In("project"),
        Check(a_title),
    ] = ""
    description: Annotated[
        str,
        "What the API is for, on the pages and in the OpenAPI document.",
        In("project"),
        Check(a_description),
    ] = ""
    contact: Annotated[
        str,
        "Whom users ask: an email address or a URL, on the pages and in the OpenAPI document.",
        In("project"),
        Check(a_contact),
    ] = ""
    user_tags: Annotated[
        _Pairs,
        "Tags of every resource of a stage, in addition to mldeploy's own.",
        In("project", "tags"),
        Spelt(_Tags, {}, lambda tags: tuple(sorted(tags.items()))),
        Check(all_tags),
    ] = ()
    name: Annotated[
        Name,
        "The project's name, which is part of every AWS resource's name. The same in all stages.",
        In("project", stages=False),
    ]
    image: Annotated[ImageConfig, In("")] = field(default_factory=ImageConfig)
    training: Annotated[TrainingConfig, In("")] = field(default_factory=TrainingConfig)
    publish: Annotated[
        Publish,
        "Columns whose values are listed, true for all, false for none. Default: columns whose "
        "values are few and frequent.",
        In("publish", "categories"),
        Spelt(Any),
        Reads(columns_or_all),
        Schema(any_form),
    ] = None
    models: Annotated[tuple[ModelConfig, ...], In(""), Spelt(dict[Name, ModelConfig], {})] = ()
    functions: Annotated[tuple[FunctionConfig, ...], In(""), Spelt(dict[Name, FunctionConfig], {})]
    batch: Annotated[
        BatchConfig | None,
        "Batch scoring, `mldeploy batch`: a second function with the same image. Default: none.",
        In(""),
    ] = None
    deploy: Annotated[DeployConfig, In("")] = field(default_factory=DeployConfig)
    api: Annotated[ApiConfig, In("")]
    role: Annotated[RoleConfig, In("")] = field(default_factory=RoleConfig)
    sign: Annotated[SignConfig, In("")] = field(default_factory=SignConfig)
    log_retention: Annotated[
        int,
        "Days for which CloudWatch keeps the logs.",
        In("logs", "retention_days"),
        Check(retention),
        Schema({"enum": list(RETENTION_DAYS)}),
    ] = 30
    ttl: Annotated[
        str,
        "How long a stage exists after its last release, such as 3d. Default: without limit.",
        In(SECTION),
        Check(time_to_live),
    ] = ""
    stage: str
    profile: str | None
    model: str = ""
    others: tuple[FunctionConfig, ...] = ()
    target: Target = "aws"
    region_from: str = "mldeploy.toml"
    pattern: str = ""
    architectures: tuple[Architecture, ...] = ()

    @property
    def all_architectures(self) -> tuple[Architecture, ...]:
        """All architectures that a bundle may be built for, this stage's first."""
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
    def listed(self) -> tuple[FunctionConfig, ...]:
        """The functions that the file lists, without the one that [batch] adds."""
        return tuple(one for one in self.functions if not one.scores)

    @property
    def batches(self) -> FunctionConfig | None:
        """The function that scores in batches, or None."""
        return next((one for one in self.functions if one.scores), None)

    @property
    def routed(self) -> tuple[FunctionConfig, ...]:
        """The functions that the HTTP API invokes; if empty, there is no API."""
        return tuple(one for one in self.functions if isinstance(one.trigger, HttpTrigger))

    @property
    def api_functions(self) -> tuple[FunctionConfig, ...]:
        """The functions of all models, whichever is selected, by name."""
        return tuple(sorted((*self.functions, *self.others), key=lambda one: one.name))

    def of_model(self, name: str) -> "Config":
        """Return the project with only one model and its functions."""
        every = self.api_functions
        functions = tuple(one for one in every if one.model == name)
        others = tuple(one for one in every if one.model != name)
        found = next((one for one in self.models if one.name == name), None)
        chosen = replace(self, model=name, functions=functions, others=others)
        return replace(chosen, train=found.train, hooks=found.hooks) if found else chosen

    @property
    def included(self) -> tuple[str, ...]:
        """The user's files and folders for the image, including hooks."""
        hooks = (self.hooks,) if self.hooks else ()
        return tuple(dict.fromkeys((*self.image.include, *hooks)))

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """All tags of this stage's resources, sorted."""
        return tuple(
            sorted({**dict(self.user_tags), TAG_PROJECT: self.name, TAG_STAGE: self.stage}.items())
        )

    @property
    def repository_tags(self) -> tuple[tuple[str, str], ...]:
        """Tags of the ECR repository, which belongs to the project or to the stage, sorted."""
        stage = {TAG_STAGE: self.stage} if self.owns_repository else {}
        return tuple(sorted({TAG_PROJECT: self.name, **stage}.items()))

    @property
    def owns_repository(self) -> bool:
        """Whether this stage has its own repository."""
        return self.image.repository == "stage"

    @property
    def repository(self) -> str:
        """The ECR repository's name."""
        project = f"mldeploy/{self.name}"
        return f"{project}/{self.stage}" if self.owns_repository else project

    @property
    def repository_users(self) -> str:
        """Prefix of the names of all functions with images in the repository."""
        return self.stage_prefix if self.owns_repository else self.project_prefix

    @property
    def project_prefix(self) -> str:
        """Prefix of the names of all functions of the project, in all stages."""
        return f"mldeploy_{self.name}_"

    @property
    def stage_prefix(self) -> str:
        """Prefix of the names of all functions of this stage."""
        return f"{self.project_prefix}{self.stage}_"

    @property
    def stage_names(self) -> str:
        """Patterns of the names of all functions of this stage, or of its pattern's stages."""
        return f"{self.project_prefix}{self.pattern}" if self.pattern else f"{self.stage_prefix}*"

    def routes(self, function: FunctionConfig) -> tuple[str, ...]:
        """Return all route keys of a function, that of its predictions first.

        A HEAD route in the file belongs to its function.
        """
        first, *others = self.served_routes(function) or ("",)
        given = {one.route for one in self.api_functions}
        return (first, *with_heads(others, given)) if first else ()

    def served_routes(self, function: FunctionConfig) -> tuple[str, ...]:
        """Return the routes that a function serves, that of its predictions first, without HEAD.

        The first function with the Open Inference Protocol handles its requests about the server.
        A function without a route has none.
        """
        if not function.route:
            return ()
        speakers = [one.name for one in self.api_functions if "/v2" in one.paths]
        server = function.name in speakers[:1]
        return (function.route, *routes_of(function.name, function.paths, server=server))

    def variables(self, function: FunctionConfig) -> dict[str, str]:
        """Return the variables with a function's settings for the image's code."""
        title = self.title or function.model or self.name
        texts = {"title": title, "description": self.description, "contact": self.contact}
        routes = {one: self.served_routes(one) for one in (*self.api_functions, function)}
        return variables_of(function, texts, routes)

    def function_name(self, function: str) -> str:
        """Return a function's name in Lambda."""
        return f"{self.stage_prefix}{function}"
