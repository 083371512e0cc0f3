"""mldeploy.toml as pydantic models.

Only its neighbours in `mldeploy.config` import this, late: pydantic costs 200 ms.
Defaults are those of the dataclasses in `config`.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from mldeploy.config import (
    Config,
    FunctionConfig,
    ImageConfig,
    KeepWarm,
    limits,
    routes,
    surroundings,
    warmth,
)
from mldeploy.config.api_table import ApiTable
from mldeploy.config.deploy_table import DeployTable, RoleTable, SignTable
from mldeploy.config.paths import PATHS
from mldeploy.config.stages import SECTION, section_name, time_to_live
from mldeploy.config.table import COMMAS, Inside, Name, Table, Value, bounds_of, within
from mldeploy.config.training_table import PublishTable, TrainingTable
from mldeploy.facts import quotas


class StageProjectTable(Table):
    """The project's settings that a stage may change."""

    region: Annotated[str, AfterValidator(limits.region)] | None = None
    """The AWS region, such as eu-central-1. Without it: AWS_REGION, then the profile's."""

    python: Literal["3.11", "3.12", "3.13", "3.14"] | None = None
    """The Python of the image. Without it: the Python that trains."""

    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """The processor of the image and the functions."""

    train: Inside = "train.py"
    """The module that gives the estimator and the data, relative to the project."""

    hooks: Inside | None = None
    """A module with `preprocess` or `postprocess`, for what the estimator can't hold."""

    tags: Annotated[
        dict[
            Annotated[str, AfterValidator(limits.tag_key)],
            Annotated[str, AfterValidator(limits.tag_value)],
        ],
        AfterValidator(limits.tags),
    ] = {}
    """Tags of every resource of a stage, beside mldeploy's own."""


class ProjectTable(StageProjectTable):
    """The project."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})

    name: Name | None = None
    """The project's name: every AWS resource carries it. The same in all stages."""


class ImageTable(Table):
    """How the image is made."""

    base: Annotated[str, AfterValidator(limits.image_name)] | None = None
    """The base image. Without it: AWS's own for the bundle's Python."""

    include: Annotated[list[Inside], COMMAS] = []
    """Files and folders of the project that go into the image, at the same paths."""

    requirements: Annotated[list[Annotated[str, AfterValidator(limits.requirement)]], COMMAS] = []
    """Further requirements, beside the model's own."""

    dockerfile: Inside | None = None
    """A Dockerfile of your own, relative to the project."""

    index_url: Annotated[str, AfterValidator(limits.index_url)] | None = None
    """The package index to install from. Credentials in it are never printed."""

    insecure_index: bool = ImageConfig.insecure_index
    """Whether packages may come over http, where anybody on the way can replace them."""

    ca_bundle: str | None = None
    """A file of CA certificates for pip, absolute or relative to the project."""

    network: bool = ImageConfig.network
    """Whether the image may use the network while it is tried out. By default it has none."""

    prune: bool = ImageConfig.prune
    """Whether the requirements' tests and sources for compilers are left out of the image."""

    repository: Literal["project", "stage"] = ImageConfig.repository
    """Whose ECR repository images go to: the project's, which stages share, or the stage's own."""


class ModelTable(Table):
    """A further model, beside the project's own."""

    train: Inside | None = None
    """The module that gives its estimator and its data. Without it: <the model's name>.py"""

    hooks: Inside | None = None
    """A module with its `preprocess` or `postprocess`."""


class KeepWarmTable(Table):
    """Warm-up events, which keep environments from being taken away."""

    every: Annotated[str, AfterValidator(warmth.every)] = KeepWarm.every
    """How often, such as "5 minutes"."""

    instances: Annotated[int, AfterValidator(warmth.instances), bounds_of(warmth.INSTANCES)] = (
        KeepWarm.instances
    )
    """How many environments are kept, by events at the same time."""


class VpcTable(Table):
    """Where in a VPC a function runs."""

    subnets: Annotated[
        list[Annotated[str, AfterValidator(surroundings.subnet)]],
        COMMAS,
        AfterValidator(surroundings.subnets),
    ] = []
    """Ids of subnets, in more than one zone if it can be."""

    security_groups: Annotated[
        list[Annotated[str, AfterValidator(surroundings.group)]],
        COMMAS,
        AfterValidator(surroundings.groups),
    ] = []
    """Ids of security groups."""


class FunctionTable(Table):
    """A Lambda function and what invokes it."""

    route: Annotated[
        str | bool | None,
        BeforeValidator(routes.route_or_false),
        Field(json_schema_extra=routes.any_form),
    ] = None
    """The route in the HTTP API, or false for none. Without it: POST /<the function's name>."""

    memory: Annotated[int, within(quotas.MEMORY, "MB"), bounds_of(quotas.MEMORY)] = (
        FunctionConfig.memory
    )
    """MB of memory; 1769 MB have one whole processor."""

    timeout: Annotated[int, within(quotas.TIMEOUT, "seconds"), bounds_of(quotas.TIMEOUT)] = (
        FunctionConfig.timeout
    )
    """Seconds; with a route up to 30, after which API Gateway gives up."""

    ephemeral_storage: Annotated[
        int, within(quotas.EPHEMERAL_STORAGE, "MB"), bounds_of(quotas.EPHEMERAL_STORAGE)
    ] = FunctionConfig.ephemeral_storage
    """MB of /tmp."""

    environment: Annotated[
        dict[Annotated[str, AfterValidator(limits.variable)], Value],
        AfterValidator(limits.environment),
    ] = {}
    """Environment variables, together under 4 KB: texts, and references to secrets."""

    handler: Annotated[str, AfterValidator(limits.handler)] = FunctionConfig.handler
    """The Python function that answers, as module:function."""

    model: Name | None = None
    """Which of [models] it serves. Without it: the project's own."""

    golden: Inside | None = None
    """A file of golden examples for a handler of your own, relative to the project."""

    paths: Annotated[list[Literal[PATHS]], COMMAS] = []  # type: ignore[valid-type]
    """What it serves beside its predictions: a page for people, documents, other protocols."""

    max_body: Annotated[int, within(limits.BODY, "bytes"), bounds_of(limits.BODY)] = (
        FunctionConfig.max_body
    )
    """Bytes of a request's body; a longer one is refused with 413."""

    max_rows: Annotated[int, within(limits.ROWS, "rows"), bounds_of(limits.ROWS)] = (
        FunctionConfig.max_rows
    )
    """Rows of a request; more are refused with 413."""

    keep_warm: Annotated[
        KeepWarmTable | None,
        BeforeValidator(warmth.table_of),
        Field(json_schema_extra=warmth.any_form),
    ] = None
    """Warm-up events: true, a time such as "5 minutes", or a table. Without it: none."""

    provisioned_concurrency: Annotated[
        int, AfterValidator(warmth.provisioned), bounds_of(warmth.PROVISIONED)
    ] = FunctionConfig.provisioned_concurrency
    """Environments that Lambda keeps ready, and bills, all the time."""

    reserved_concurrency: (
        Annotated[int, AfterValidator(warmth.reserved), bounds_of(warmth.RESERVED)] | None
    ) = FunctionConfig.reserved_concurrency
    """The most executions at once, a ceiling on cost. Without it: the account's limit."""

    vpc: VpcTable | None = None
    """Where in a VPC it runs. Without it: in none, with access to the internet."""

    dead_letter: Annotated[str, AfterValidator(surroundings.target)] | None = None
    """The ARN of an SQS queue or SNS topic for asynchronous events that failed."""

    tracing: bool = FunctionConfig.tracing
    """Whether X-Ray traces its invocations."""

    permissions: Annotated[
        list[Annotated[str, AfterValidator(surroundings.statement)]], COMMAS
    ] = []
    """Ids of statements that others put into its resource policies. Others are removed."""


class LogsTable(Table):
    """The functions' logs."""

    retention_days: Annotated[
        int,
        AfterValidator(limits.retention),
        Field(json_schema_extra={"enum": list(quotas.RETENTION_DAYS)}),
    ] = Config.log_retention
    """Days for which CloudWatch keeps the logs."""


class StageTable(Table):
    """Overrides of one stage."""

    project: StageProjectTable = StageProjectTable()
    image: ImageTable = ImageTable()
    training: TrainingTable = TrainingTable()
    publish: PublishTable = PublishTable()
    models: dict[Name, ModelTable] = {}
    functions: dict[Name, FunctionTable] = {}
    deploy: DeployTable = DeployTable()
    api: ApiTable = ApiTable()
    role: RoleTable = RoleTable()
    sign: SignTable = SignTable()
    logs: LogsTable = LogsTable()


class SectionTable(StageTable):
    """A section of [stages]."""

    ttl: Annotated[str, AfterValidator(time_to_live)] | None = None
    """How long a stage lives after its last release, such as 3d. Without it: for ever."""


class Settings(StageTable):
    """The settings of one stage, after or before overrides."""

    project: ProjectTable = ProjectTable()


class Document(Settings):
    """mldeploy.toml."""

    model_config = ConfigDict(json_schema_extra={"required": ["project"]})

    stages: dict[
        Annotated[
            str,
            AfterValidator(section_name),
            Field(json_schema_extra={"pattern": SECTION}),
        ],
        SectionTable,
    ] = {}
    """What a stage has otherwise than the rest of the file says; "pr-*" is for pr-1, pr-2, …"""
