"""Functions of the project: [functions.<name>]."""

from dataclasses import dataclass, field

from mldeploy.config.references import Reference
from mldeploy.config.surroundings import VpcConfig
from mldeploy.config.triggers import HttpTrigger, NoTrigger, Trigger

DEFAULT_HANDLER = "endpoint.handler:handle"
"""The handler that `image_template/` brings: the model as a JSON endpoint."""


@dataclass(frozen=True)
class KeepWarm:
    """Warm-up events. `every`: such as "5 minutes". `instances`: environments, 1 to 5."""

    every: str = "5 minutes"
    instances: int = 1


@dataclass(frozen=True)
class FunctionConfig:
    """One Lambda function and what invokes it.

    Attributes:
        name: its name in the file.
        route: a route key of API Gateway, such as "POST /predict"; "" without a route.
        memory: MB, 128 to 10,240.
        timeout: seconds, 1 to 900; with a route up to 30.
        ephemeral_storage: MB of /tmp, 512 to 10,240.
        environment: variables of the function, together under 4 KB.
        secrets: variables whose values are read when an environment starts.
        handler: "module:function"; the module is in the image.
        model: a model's name; "" is the project's own.
        golden: golden examples for a handler of the user's own, a path inside the project.
        paths: what it serves beside its predictions, of `config.paths.PATHS`.
        max_body: bytes of a request's body that the model's handler takes.
        max_rows: rows of a request that it takes.
        keep_warm: None without warm-up events.
        provisioned_concurrency: environments that Lambda keeps ready; 0 for none.
        reserved_concurrency: the most executions at once; None for the account's limit.
        vpc: where it is attached to a VPC, or None.
        dead_letter: ARN of where asynchronous events go that failed, or "".
        tracing: whether X-Ray traces it.
        permissions: ids of statements of others in its policies, which stay.
    """

    name: str
    route: str
    memory: int = 1024
    timeout: int = 15
    ephemeral_storage: int = 512
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secrets: tuple[Reference, ...] = ()
    handler: str = DEFAULT_HANDLER
    model: str = ""
    golden: str | None = None
    paths: tuple[str, ...] = ()
    max_body: int = 1_000_000
    max_rows: int = 10_000
    keep_warm: KeepWarm | None = None
    provisioned_concurrency: int = 0
    reserved_concurrency: int | None = None
    vpc: VpcConfig | None = None
    dead_letter: str = ""
    tracing: bool = False
    permissions: tuple[str, ...] = ()

    @property
    def trigger(self) -> Trigger:
        """What invokes it."""
        return HttpTrigger(self.route) if self.route else NoTrigger()

    @property
    def custom(self) -> bool:
        """Whether a handler of the user's own answers, and not the model's."""
        return self.handler != DEFAULT_HANDLER
