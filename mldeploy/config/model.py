"""mldeploy.toml as pydantic models: the shape of the file, and its JSON schema.

Only `mldeploy.config.file` and the schema's test import this, late: pydantic costs 200 ms.
Defaults are those of the dataclasses in `config`.
"""

from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from mldeploy.config import (
    NAME,
    ApiConfig,
    Config,
    CorsConfig,
    DeployConfig,
    FunctionConfig,
    ImageConfig,
    KeepWarm,
    http,
    limits,
    warmth,
)

FROM_ENVIRON = "environ"
"""The validation context of `MLDEPLOY_*` variables, whose lists are separated by commas."""


def _split(value: object, info: ValidationInfo) -> object:
    """Turn "a, b" out of a variable into a list."""
    if info.context == FROM_ENVIRON and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _within(bounds: tuple[int, int], unit: str) -> AfterValidator:
    """Return the check of a whole number within bounds."""
    low, high = bounds

    def check(value: int) -> int:
        if not low <= value <= high:
            message = f"must be {low} to {high} {unit}"
            raise ValueError(message)
        return value

    return AfterValidator(check)


def _bounds(bounds: tuple[int, int]) -> Any:
    """Return what the JSON schema says of a whole number within bounds."""
    return Field(json_schema_extra={"minimum": bounds[0], "maximum": bounds[1]})


_BURST = (1, 2**31 - 1)  # botocore apigatewayv2: RouteSettings, a 32-bit integer
_COMMAS = BeforeValidator(_split)

Name = Annotated[
    str, AfterValidator(limits.name), Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})
]
Inside = Annotated[str, AfterValidator(limits.inside)]


class Table(BaseModel):
    """A table of the file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


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

    include: Annotated[list[Inside], _COMMAS] = []
    """Files and folders of the project that go into the image, at the same paths."""

    requirements: Annotated[list[Annotated[str, AfterValidator(limits.requirement)]], _COMMAS] = []
    """Further requirements, beside the model's own."""

    dockerfile: Inside | None = None
    """A Dockerfile of your own, relative to the project."""

    index_url: Annotated[str, AfterValidator(limits.index_url)] | None = None
    """The package index to install from. Credentials in it are never printed."""

    ca_bundle: str | None = None
    """A file of CA certificates for pip, absolute or relative to the project."""

    network: bool = ImageConfig.network
    """Whether the image may use the network while it is tried out. By default it has none."""


class ModelTable(Table):
    """A further model, beside the project's own."""

    train: Inside | None = None
    """The module that gives its estimator and its data. Without it: <the model's name>.py"""


class KeepWarmTable(Table):
    """Warm-up events, which keep environments from being taken away."""

    every: Annotated[str, AfterValidator(warmth.every)] = KeepWarm.every
    """How often, such as "5 minutes"."""

    instances: Annotated[int, AfterValidator(warmth.instances), _bounds(warmth.INSTANCES)] = (
        KeepWarm.instances
    )
    """How many environments are kept, by events at the same time."""


class FunctionTable(Table):
    """A Lambda function and its route."""

    route: Annotated[str, AfterValidator(http.route)] | None = None
    """The route in the HTTP API. Without it: POST /<the function's name>."""

    memory: Annotated[int, _within(limits.MEMORY, "MB"), _bounds(limits.MEMORY)] = (
        FunctionConfig.memory
    )
    """MB of memory; 1769 MB have one whole processor."""

    timeout: Annotated[int, _within(limits.TIMEOUT, "seconds"), _bounds(limits.TIMEOUT)] = (
        FunctionConfig.timeout
    )
    """Seconds; API Gateway itself gives up after 30."""

    ephemeral_storage: Annotated[
        int, _within(limits.EPHEMERAL_STORAGE, "MB"), _bounds(limits.EPHEMERAL_STORAGE)
    ] = FunctionConfig.ephemeral_storage
    """MB of /tmp."""

    environment: Annotated[
        dict[Annotated[str, AfterValidator(limits.variable)], str],
        AfterValidator(limits.environment),
    ] = {}
    """Environment variables, together under 4 KB."""

    handler: Annotated[str, AfterValidator(limits.handler)] = FunctionConfig.handler
    """The Python function that answers, as module:function."""

    model: Name | None = None
    """Which of [models] it serves. Without it: the project's own."""

    golden: Inside | None = None
    """A file of golden examples for a handler of your own, relative to the project."""

    keep_warm: Annotated[
        KeepWarmTable | None,
        BeforeValidator(warmth.table_of),
        Field(json_schema_extra=warmth.any_form),
    ] = None
    """Warm-up events: true, a time such as "5 minutes", or a table. Without it: none."""

    provisioned_concurrency: Annotated[
        int, AfterValidator(warmth.provisioned), _bounds(warmth.PROVISIONED)
    ] = FunctionConfig.provisioned_concurrency
    """Environments that Lambda keeps ready, and bills, all the time."""

    reserved_concurrency: (
        Annotated[int, AfterValidator(warmth.reserved), _bounds(warmth.RESERVED)] | None
    ) = FunctionConfig.reserved_concurrency
    """The most executions at once, a ceiling on cost. Without it: the account's limit."""


class CorsTable(Table):
    """Which other origins may call the API from a browser."""

    allow_origins: Annotated[list[Annotated[str, AfterValidator(http.origin)]], _COMMAS] = []
    """Origins, such as https://example.com, or "*"."""

    allow_methods: Annotated[list[Annotated[str, AfterValidator(http.method)]], _COMMAS] = []
    """Methods, such as POST, or "*"."""

    allow_headers: Annotated[list[Annotated[str, AfterValidator(http.header)]], _COMMAS] = []
    """Headers, such as content-type, or "*"."""

    max_age: Annotated[int, _within(limits.MAX_AGE, "seconds"), _bounds(limits.MAX_AGE)] = (
        CorsConfig.max_age
    )
    """Seconds for which a browser remembers the answer."""


class JwtTable(Table):
    """Whose tokens the API admits."""

    issuer: Annotated[str, AfterValidator(http.issuer)] | None = None
    """The issuer, an https URL as it stands in the tokens' `iss`."""

    audience: Annotated[list[str], _COMMAS] = []
    """What the tokens' `aud` or `client_id` may be; one of them must match."""


class ApiTable(Table):
    """The HTTP API in front of the functions."""

    auth: Literal["none", "iam", "jwt"] | None = None
    """Who may call: "none" (anybody), "iam" (signed requests), "jwt". There is no default."""

    jwt: JwtTable | None = None
    """Whose tokens are admitted, with auth = "jwt"."""

    cors: CorsTable | None = None
    """Without it no other origin may call from a browser."""

    rate: Annotated[
        float, AfterValidator(limits.rate), Field(json_schema_extra={"exclusiveMinimum": 0})
    ] = ApiConfig.rate
    """Requests a second, for the whole stage."""

    burst: Annotated[int, _within(_BURST, "requests"), _bounds(_BURST)] = ApiConfig.burst
    """Requests at once, for the whole stage."""


class RoleTable(Table):
    """The functions' execution role."""

    arn: Annotated[str, AfterValidator(limits.role_arn)] | None = None
    """A role of your own. Without it mldeploy makes one for each function."""

    permissions_boundary: Annotated[str, AfterValidator(limits.policy_arn)] | None = None
    """The ARN of a permissions boundary for the roles that mldeploy makes."""


class LogsTable(Table):
    """The functions' logs."""

    retention_days: Annotated[
        int,
        AfterValidator(limits.retention),
        Field(json_schema_extra={"enum": list(limits.RETENTION_DAYS)}),
    ] = Config.log_retention
    """Days for which CloudWatch keeps the logs."""


class DeployTable(Table):
    """How a new release gets its requests, and how many old ones stay."""

    keep: Annotated[int, _within(limits.KEEP, "versions"), _bounds(limits.KEEP)] = DeployConfig.keep
    """Versions of a function that are kept, with their images, to roll back to."""

    canary: Annotated[str, AfterValidator(limits.share)] | None = None
    """The share of the requests that a new release gets first, such as 10%."""

    canary_for: Annotated[str, AfterValidator(limits.duration)] = "10m"
    """How long a canary is watched before it gets all requests, such as 10m."""


class StageTable(Table):
    """Overrides of one stage."""

    project: StageProjectTable = StageProjectTable()
    image: ImageTable = ImageTable()
    models: dict[Name, ModelTable] = {}
    functions: dict[Name, FunctionTable] = {}
    deploy: DeployTable = DeployTable()
    api: ApiTable = ApiTable()
    role: RoleTable = RoleTable()
    logs: LogsTable = LogsTable()


class Settings(StageTable):
    """The settings of one stage, after or before overrides."""

    project: ProjectTable = ProjectTable()


class Document(Settings):
    """mldeploy.toml."""

    model_config = ConfigDict(json_schema_extra={"required": ["project"]})

    stages: dict[Name, StageTable] = {}
    """What a stage has otherwise than the rest of the file says."""


def shape_at(model: type[Table], path: tuple[str | int, ...]) -> Any:
    """Return the annotation of the value at a path: a Table, a dict, or a plain type."""
    here: Any = model
    for part in path:
        match get_origin(here):
            case None if isinstance(here, type) and issubclass(here, Table):
                field = here.model_fields.get(str(part))
                here = _bare(field.annotation) if field else None
            case origin if origin is dict:
                here = _bare(get_args(here)[1])
            case origin if origin is list:
                here = _bare(get_args(here)[0])
            case _:
                return None
    return here


def _bare(annotation: Any) -> Any:
    """Return an annotation without Annotated[…] and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    options = [option for option in get_args(annotation) if option is not type(None)]
    if type(None) in get_args(annotation) and len(options) == 1:
        return _bare(options[0])
    return annotation


def keys_at(model: type[Table], path: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys that a table may have, or () where any key may stand."""
    shape = shape_at(model, path)
    if isinstance(shape, type) and issubclass(shape, Table):
        return tuple(shape.model_fields)
    return ()


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of mldeploy.toml."""
    schema: dict[str, Any] = _tidy(Document.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _tidy(node: Any) -> Any:
    """Return a schema without what TOML can't say (null) and pydantic's made-up titles."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if not _noise(key, value, node)}
    options = [option for option in node.pop("anyOf", ()) if option != {"type": "null"}]
    tidy = {key: _tidy(value) for key, value in node.items()}
    return tidy | _tidy(options[0]) if options else tidy


def _noise(key: str, value: Any, node: dict[str, Any]) -> bool:
    """Tell whether a member of a schema says nothing to an editor."""
    match key:
        case "title":
            return isinstance(value, str)
        case "default":
            return value is None or "$ref" in node
        case _:
            return False
