"""Reads what is deployed through AWS's API.

The clients cache reads until the cache is cleared.
"""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mldeploy.aws.clients import Clients
from mldeploy.config import ApiConfig, CorsConfig
from mldeploy.local.api.routes import DEFAULT

STAGE = "$default"


@dataclass(frozen=True)
class Target:
    """The target of a route.

    Attributes:
        function: its name, or "" if it isn't one of ours.
        qualifier: an alias or a version.
        auth: "NONE", "AWS_IAM" or "JWT".
        permitted: whether the function's policy permits this route.
    """

    function: str = ""
    qualifier: str = ""
    auth: str = "NONE"
    permitted: bool = False


@dataclass(frozen=True)
class Api:
    """An HTTP API. `routes`: targets by route key."""

    settings: ApiConfig
    routes: tuple[tuple[str, Target], ...] = ()


@dataclass(frozen=True)
class Share:
    """A version, and its share of an alias's traffic."""

    version: str
    weight: float


@dataclass(frozen=True)
class Version:
    """A version of a function to run.

    Attributes:
        function: its name.
        number: or "$LATEST".
        arn: of the version.
        manifest: of its image.
        command: the handler; "" for the image's own.
        memory: MB.
        timeout: seconds.
        ephemeral_storage: MB.
        variables: of its environment.
        reserved: reserved concurrency, or None.
        log_group: its name.
    """

    function: str
    number: str
    arn: str
    manifest: str
    command: str
    memory: int
    timeout: int
    ephemeral_storage: int
    variables: tuple[tuple[str, str], ...]
    reserved: int | None
    log_group: str

    @property
    def region(self) -> str:
        """Its region."""
        return self.arn.split(":")[3]


def read_api(api: str, clients: Clients) -> Api:
    """Return an HTTP API with its stage, routes, integrations and permissions."""
    found = clients.observation.read("apigatewayv2", "get_api", ApiId=api) or {}
    stages = {one["StageName"]: one for one in _items("stages", api, clients)}
    throttle = stages.get(STAGE, {}).get("DefaultRouteSettings", {})
    settings = ApiConfig(
        auth="none",
        cors=_cors(found.get("CorsConfiguration")),
        rate=float(throttle.get("ThrottlingRateLimit", ApiConfig.rate)),
        burst=int(throttle.get("ThrottlingBurstLimit", ApiConfig.burst)),
    )
    if STAGE not in stages:
        return Api(settings)
    integrations = {one["IntegrationId"]: one for one in _items("integrations", api, clients)}
    routes = tuple(
        (one["RouteKey"], _target(api, one, integrations, clients))
        for one in _items("routes", api, clients)
    )
    return Api(settings, routes)


def _items(what: str, api: str, clients: Clients) -> list[dict[str, Any]]:
    answer = clients.observation.read("apigatewayv2", f"get_{what}", ApiId=api)
    return list(answer["Items"]) if answer else []


def _cors(found: dict[str, Any] | None) -> CorsConfig | None:
    if not found:
        return None
    return CorsConfig(
        tuple(found.get("AllowOrigins", ())),
        tuple(found.get("AllowMethods", ())),
        tuple(found.get("AllowHeaders", ())),
        int(found.get("MaxAge", 0)),
    )


def _target(
    api: str, route: dict[str, Any], integrations: dict[str, dict[str, Any]], clients: Clients
) -> Target:
    integration = integrations.get(route.get("Target", "").removeprefix("integrations/"), {})
    _, _, named = integration.get("IntegrationUri", "").rpartition(":function:")
    function, _, qualifier = named.removesuffix("/invocations").partition(":")
    return Target(
        function,
        qualifier,
        route.get("AuthorizationType", "NONE"),
        bool(function) and _permitted(api, route["RouteKey"], function, qualifier, clients),
    )


def _permitted(api: str, key: str, function: str, qualifier: str, clients: Clients) -> bool:
    """Return whether the policy permits API Gateway to invoke on behalf of a route.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    asked = {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}
    answer = clients.observation.read("lambda", "get_policy", **asked)
    statements = json.loads(answer["Policy"])["Statement"] if answer else []
    method, _, path = ("* /*" if key == DEFAULT else key).partition(" ")
    wanted = f"{api}/{STAGE}/{'*' if method == 'ANY' else method}{path}"
    return any(_allows(one, wanted) for one in statements)


def _allows(statement: dict[str, Any], wanted: str) -> bool:
    principal = statement.get("Principal", {})
    service = principal.get("Service") if isinstance(principal, dict) else principal
    condition = statement.get("Condition", {}).get("ArnLike", {})
    pattern = condition.get("AWS:SourceArn") or condition.get("aws:SourceArn") or "*"
    return service in {"apigateway.amazonaws.com", "*"} and fnmatchcase(
        wanted, pattern.rpartition(":")[2].replace("[", "[[]")
    )


def shares_of(function: str, qualifier: str, clients: Clients) -> tuple[Share, ...]:
    """Return the versions behind an alias, a number or ""; none if it doesn't exist."""
    if not qualifier or qualifier == "$LATEST" or qualifier.isdecimal():
        return (Share(qualifier or "$LATEST", 1.0),)
    alias = clients.observation.read("lambda", "get_alias", FunctionName=function, Name=qualifier)
    if alias is None:
        return ()
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    others = tuple(Share(number, float(weight)) for number, weight in weights.items())
    rest = 1.0 - sum(one.weight for one in others)
    return (Share(alias["FunctionVersion"], rest), *others)


def read_version(function: str, number: str, clients: Clients) -> Version | None:
    """Return a version with its image's manifest; None if it doesn't exist."""
    answer = clients.observation.read(
        "lambda", "get_function", FunctionName=function, Qualifier=number
    )
    if answer is None:
        return None
    found = answer["Configuration"]
    command = found.get("ImageConfigResponse", {}).get("ImageConfig", {}).get("Command") or [""]
    variables = found.get("Environment", {}).get("Variables", {})
    return Version(
        function=function,
        number=number,
        arn=found["FunctionArn"],
        manifest=_manifest(answer["Code"], clients),
        command=command[0],
        memory=int(found["MemorySize"]),
        timeout=int(found["Timeout"]),
        ephemeral_storage=int(found["EphemeralStorage"]["Size"]),
        variables=tuple(sorted(variables.items())),
        reserved=_reserved(function, clients),
        log_group=found["LoggingConfig"]["LogGroup"],
    )


def _reserved(function: str, clients: Clients) -> int | None:
    answer = (
        clients.observation.read("lambda", "get_function_concurrency", FunctionName=function) or {}
    )
    found = answer.get("ReservedConcurrentExecutions")
    return int(found) if found is not None else None


def _manifest(code: dict[str, Any], clients: Clients) -> str:
    """Return the manifest of a function's image; "" if it is gone from the registry."""
    name, _, digest = code.get("ResolvedImageUri", "").partition("@")
    answer = clients.observation.read(
        "ecr",
        "batch_get_image",
        repositoryName=name.partition("/")[2],
        imageIds=[{"imageDigest": digest}],
    )
    images = answer["images"] if answer else []
    return str(images[0]["imageManifest"]) if images else ""
