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
    """Warm-up events, which keep environments from being taken away."""

    every: Annotated[str, 'How often, such as "5 minutes".', Check(how_often)] = "5 minutes"
    instances: Annotated[
        int,
        "How many environments are kept, by events at the same time.",
        Check(how_many),
        bounds(INSTANCES),
    ] = 1


@dataclass(frozen=True)
class FunctionConfig:
    """A Lambda function and what invokes it.

    Attributes:
        name: of its table.
        route: "" without one.
        secrets: of its environment variables those whose values are read when an environment
            starts; `environment` has the others.
    """

    name: str
    route: Annotated[
        str,
        "The route in the HTTP API, or false for none. Without it: POST /<the function's name>.",
        Spelt(str | bool | None),
        Reads(route_or_false),
        Schema(any_route),
    ]
    memory: Annotated[
        int, "MB of memory; 1769 MB have one whole processor.", Within(MEMORY, "MB")
    ] = 1024
    timeout: Annotated[
        int,
        "Seconds; with a route up to 30, after which API Gateway gives up.",
        Within(TIMEOUT, "seconds"),
    ] = 15
    ephemeral_storage: Annotated[int, "MB of /tmp.", Within(EPHEMERAL_STORAGE, "MB")] = 512
    environment: Annotated[
        _Pairs,
        "Environment variables, together under 4 KB: texts, and references to secrets.",
        Spelt(_Variables, {}),
        Check(an_environment),
    ] = field(default=(), repr=False)
    secrets: tuple[Reference, ...] = ()
    handler: Annotated[
        str, "The Python function that answers, as module:function.", Check(a_handler)
    ] = DEFAULT_HANDLER
    model: Annotated[Name, "Which of [models] it serves. Without it: the project's own."] = ""
    golden: Annotated[
        Inside | None,
        "A file of golden examples for a handler of your own, relative to the project.",
    ] = None
    paths: Annotated[
        tuple[str, ...],
        "What it serves beside its predictions: a page for people, documents, other protocols.",
        Spelt(tuple[Literal[PATHS], ...], ()),
    ] = ()
    max_body: Annotated[
        int, "Bytes of a request's body; a longer one is refused with 413.", Within(BODY, "bytes")
    ] = 1_000_000
    max_rows: Annotated[
        int, "Rows of a request; more are refused with 413.", Within(ROWS, "rows")
    ] = 10_000
    extra_columns: Annotated[
        str,
        "Columns of a request that the model doesn't have. Without it: ignored at /invocations, as "
        "MLflow does, and refused elsewhere.",
        Spelt(Literal["refuse", "ignore"] | None),
    ] = ""
    keep_warm: Annotated[
        KeepWarm | None,
        'Warm-up events: true, a time such as "5 minutes", or a table. Without it: none.',
        Reads(table_of),
        Schema(any_form),
    ] = None
    provisioned_concurrency: Annotated[
        int,
        "Environments that Lambda keeps ready, and bills, all the time.",
        Check(provisioned),
        bounds(PROVISIONED),
    ] = 0
    reserved_concurrency: Annotated[
        int | None,
        "The most executions at once, a ceiling on cost. Without it: the account's limit.",
        Check(reserved),
        bounds(RESERVED),
    ] = None
    vpc: Annotated[
        VpcConfig | None,
        "Where in a VPC it runs. Without it: in none, with access to the internet.",
    ] = None
    dead_letter: Annotated[
        str,
        "The ARN of an SQS queue or SNS topic for asynchronous events that failed.",
        Check(target),
    ] = ""
    tracing: Annotated[bool, "Whether X-Ray traces its invocations."] = False
    permissions: Annotated[
        tuple[Annotated[str, Check(statement)], ...],
        "Ids of statements that others put into its resource policies. Others are removed.",
    ] = ()

    @property
    def trigger(self) -> Trigger:
        """What invokes it."""
        return HttpTrigger(self.route) if self.route else NoTrigger()

    @property
    def custom(self) -> bool:
        """Whether a handler of the user's own answers, and not the model's."""
        return self.handler != DEFAULT_HANDLER
