"""The functions of a project: [functions.<name>]."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from mldeploy.config.fields import Check, Reads, Schema, Spelt, Within, bounds
from mldeploy.config.limits import BODY, ROWS, variable
from mldeploy.config.limits import environment as an_environment
from mldeploy.config.limits import handler as a_handler
from mldeploy.config.names import DEFAULT_HANDLER
from mldeploy.config.paths import PATHS
from mldeploy.config.references import Reference, Source
from mldeploy.config.routes import any_form as any_route
from mldeploy.config.routes import route_or_false
from mldeploy.config.surroundings import VpcConfig, statement, target
from mldeploy.config.texts import Inside, Name
from mldeploy.config.triggers import HttpTrigger, NoTrigger, Trigger
from mldeploy.config.warmth import (
    INSTANCES,
    PROVISIONED,
    RESERVED,
    any_form,
    provisioned,
    reserved,
    table_of,
)
from mldeploy.config.warmth import every as how_often
from mldeploy.config.warmth import instances as how_many
from mldeploy.facts.quotas import EPHEMERAL_STORAGE, MEMORY, TIMEOUT

_Pairs = tuple[tuple[str, str], ...]
_Variables = dict[Annotated[str, Check(variable)], str | Source]


@dataclass(frozen=True)
class KeepWarm:
    """Warm-up events, which keep environments running."""

    every: Annotated[str, 'The interval of the events, such as "5 minutes".', Check(how_often)] = (
        "5 minutes"
    )
    instances: Annotated[
        int,
        "How many environments are kept warm, by simultaneous events.",
        Check(how_many),
        bounds(INSTANCES),
    ] = 1


@dataclass(frozen=True)
class FunctionConfig:
    """A Lambda function and its trigger.

    Attributes:
        name: of its table.
        route: "" without one.
        secrets: environment variables whose values are read when an environment starts;
            `environment` contains the others.
        scores: the function whose model it scores in batches; "" if the file lists it.
        reads: prefixes of S3 objects that it may read.
        writes: prefixes of S3 objects that it may read, write and delete.
    """

    name: str
    route: Annotated[
        str,
        "The route in the HTTP API, or false for none. Default: POST /<the function's name>.",
        Spelt(str | bool | None),
        Reads(route_or_false),
        Schema(any_route),
    ]
    memory: Annotated[int, "Memory in MB; 1769 MB give one full vCPU.", Within(MEMORY, "MB")] = 1024
    timeout: Annotated[
        int,
        "The timeout in seconds; at most 30 with a route, because API Gateway then times out.",
        Within(TIMEOUT, "seconds"),
    ] = 15
    ephemeral_storage: Annotated[
        int, "The size of /tmp in MB.", Within(EPHEMERAL_STORAGE, "MB")
    ] = 512
    environment: Annotated[
        _Pairs,
        "Environment variables, in total under 4 KB: texts, and references to secrets.",
        Spelt(_Variables, {}),
        Check(an_environment),
    ] = field(default=(), repr=False)
    secrets: tuple[Reference, ...] = ()
    handler: Annotated[
        str, "The Python function that handles events, as module:function.", Check(a_handler)
    ] = DEFAULT_HANDLER
    model: Annotated[
        Name, "The model of [models] that it serves. Default: the project's own model."
    ] = ""
    golden: Annotated[
        Inside | None,
        "A file of golden examples for your own handler, relative to the project.",
    ] = None
    paths: Annotated[
        tuple[str, ...],
        "Paths that it serves in addition to predictions: pages, documents, other protocols.",
        Spelt(tuple[Literal[PATHS], ...], ()),
    ] = ()
    max_body: Annotated[
        int,
        "The largest request body in bytes; a larger one is refused with 413.",
        Within(BODY, "bytes"),
    ] = 1_000_000
    max_rows: Annotated[
        int, "The most rows of a request; more are refused with 413.", Within(ROWS, "rows")
    ] = 10_000
    extra_columns: Annotated[
        str,
        "Columns of a request that the model doesn't have. Without it: ignored at /invocations, as "
        "MLflow does, and refused elsewhere.",
        Spelt(Literal["refuse", "ignore"] | None),
    ] = ""
    keep_warm: Annotated[
        KeepWarm | None,
        'Warm-up events: true, a time such as "5 minutes", or a table. Default: none.',
        Reads(table_of),
        Schema(any_form),
    ] = None
    provisioned_concurrency: Annotated[
        int,
        "Environments that Lambda keeps ready and bills all the time.",
        Check(provisioned),
        bounds(PROVISIONED),
    ] = 0
    reserved_concurrency: Annotated[
        int | None,
        "The most concurrent executions, which limits the cost. Default: the account's limit.",
        Check(reserved),
        bounds(RESERVED),
    ] = None
    vpc: Annotated[
        VpcConfig | None,
        "The VPC in which it runs. Default: none, with access to the internet.",
    ] = None
    dead_letter: Annotated[
        str,
        "The ARN of an SQS queue or SNS topic for failed asynchronous events.",
        Check(target),
    ] = ""
    tracing: Annotated[bool, "Whether X-Ray traces its invocations."] = False
    permissions: Annotated[
        tuple[Annotated[str, Check(statement)], ...],
        "Ids of other statements that its resource policies may contain. All others are removed.",
    ] = ()
    scores: str = ""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    @property
    def trigger(self) -> Trigger:
        """Its trigger."""
        return HttpTrigger(self.route) if self.route else NoTrigger()

    @property
    def custom(self) -> bool:
        """Whether it has a user's handler instead of the model's."""
        return self.handler != DEFAULT_HANDLER
