"""The parts of an HTTP API, and their names."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.aws.errors import error_code, may_be_repeated
from mldeploy.events import Waiting
from mldeploy.facts.quotas import GATEWAY_SECONDS
from mldeploy.resources.base import Context, Reads, short_hash
from mldeploy.resources.lambda_state import ALIAS

STAGE = "$default"
PAYLOAD = "2.0"
TIMEOUT_MS = GATEWAY_SECONDS * 1000
"""API Gateway's limit for an HTTP API's integration; the function's timeout is shorter."""
PRINCIPAL = "apigateway.amazonaws.com"
SID_PREFIX = "mldeploy-"
TOKEN_SOURCE = ("$request.header.Authorization",)
_ATTEMPTS_SECONDS = 20.0
# Settings that change a request or a response (botocore's apigatewayv2 model, Integration).
_FOREIGN = ("CredentialsArn", "RequestParameters", "ResponseParameters")


@dataclass(frozen=True, order=True)
class Jwt:
    """An authorizer that accepts an issuer's tokens. `source`: its identity source."""

    issuer: str
    audience: tuple[str, ...]
    source: tuple[str, ...] = field(default=TOKEN_SOURCE, repr=False)

    @property
    def name(self) -> str:
        """The authorizer's name, which is unique in an API (aws-cdk#20170)."""
        return f"mldeploy-{short_hash(repr(self), 8)}"


@dataclass(frozen=True, order=True)
class Route:
    """A route with its integration, permission and authorizer.

    Attributes:
        key: such as "POST /predict".
        function: whose alias it invokes; "" if none.
        auth: "NONE", "AWS_IAM" or "JWT".
        permitted: whether the alias's policy permits this API and route.
        integration: payload version and timeout (ms) of the integration.
        jwt: the authorizer, with auth "JWT".
        scopes: authorization scopes; mldeploy sets none.
    """

    key: str
    function: str
    auth: str = "NONE"
    permitted: bool = True
    integration: tuple[str, int] = (PAYLOAD, TIMEOUT_MS)
    jwt: Jwt | None = None
    scopes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return what a plan says of a route that comes or goes."""
        return f"{self.function or 'no function'}, auth {self.auth}"


@dataclass(frozen=True)
class Cors:
    """Cross-origin rules, with normalized case and order.

    AWS returns the names of headers in lower case (cdk-real-drift#257), and other tools compare all
    four lists regardless of case and order (terraform-provider-aws, aws_apigatewayv2_api). Browsers
    send origins in lower case and methods in upper case (Fetch standard), so nothing else would
    match.

    Attributes:
        origins: that may call the API.
        methods: that they may use.
        headers: that they may send.
        max_age: seconds.
        credentials: whether cookies are allowed; mldeploy allows none.
        exposed: response headers that they may read in addition to the default ones.
    """

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    max_age: int = 0
    credentials: bool = False
    exposed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("origins", "headers", "exposed"):
            one_way = sorted({one.lower() for one in getattr(self, name)})
            object.__setattr__(self, name, tuple(one_way))
        methods = sorted({one.upper() for one in self.methods})
        object.__setattr__(self, "methods", tuple(methods))


def cors_of(api: dict[str, Any]) -> Cors | None:
    """Return the rules in a GetApis response."""
    found = api.get("CorsConfiguration")
    if not found:
        return None
    return Cors(
        tuple(found.get("AllowOrigins", [])),
        tuple(found.get("AllowMethods", [])),
        tuple(found.get("AllowHeaders", [])),
        int(found.get("MaxAge", 0)),
        bool(found.get("AllowCredentials", False)),
        tuple(found.get("ExposeHeaders", [])),
    )


def cors_request(cors: Cors) -> dict[str, Any]:
    """Return the parameter of CreateApi and UpdateApi."""
    return {
        "AllowOrigins": list(cors.origins),
        "AllowMethods": list(cors.methods),
        "AllowHeaders": list(cors.headers),
        "MaxAge": cors.max_age,
        "AllowCredentials": cors.credentials,
        "ExposeHeaders": list(cors.exposed),
    }


def jwt_of(authorizer: dict[str, Any] | None) -> Jwt | None:
    """Return an authorizer's issuer and audience."""
    found = (authorizer or {}).get("JwtConfiguration")
    if authorizer is None or not found:
        return None
    source = tuple(authorizer.get("IdentitySource", []))
    return Jwt(found.get("Issuer", ""), tuple(found.get("Audience", [])), source)


def authorizer_request(jwt: Jwt) -> dict[str, Any]:
    """Return the parameters of CreateAuthorizer and UpdateAuthorizer.

    API Gateway developer guide, "JWT authorizers".
    """
    return {
        "AuthorizerType": "JWT",
        "IdentitySource": list(jwt.source),
        "JwtConfiguration": {"Issuer": jwt.issuer, "Audience": list(jwt.audience)},
        "Name": jwt.name,
    }


def made_once(make: Callable[[Any], str], there: Callable[[Reads], str], context: Context) -> str:
    """Create a part without a unique name once, even if a response is lost.

    botocore would repeat the POST after a lost response and create a second one, so its retries are
    off for these calls, and each retry looks for an existing one first.

    Args:
        make: creates it with a client and returns its id.
        there: returns the id of an existing one, or "".
        context: of the resources.
    """
    gateway = context.clients.client("apigatewayv2", retries=False)
    last: Exception | None = None
    for waited in context.clients.polls(_ATTEMPTS_SECONDS):
        try:
            return make(gateway)
        except Exception as error:
            if not may_be_repeated(error):
                raise
            last = error
            context.emit(Waiting("API Gateway", error_code(error) or "no answer", waited))
        if found := there(context.reads.again("apigatewayv2")):
            return found
    if last is None:
        raise AssertionError("polls() yields at least once")
    raise last


def alias_arn(function: str, account: Account) -> str:
    """Return the alias's ARN, which integrations use, so that a release doesn't change the API."""
    return account.arn("lambda", f"function:{function}:{ALIAS}")


def function_of(integration: dict[str, Any], account: Account) -> str:
    """Return the function whose `live` alias an integration invokes, or "".

    An integration that changes requests or responses, or uses other credentials, isn't ours and is
    replaced.
    """
    start, end = account.arn("lambda", "function:"), f":{ALIAS}"
    uri = str(integration.get("IntegrationUri", ""))
    if integration.get("IntegrationType") != "AWS_PROXY" or any(map(integration.get, _FOREIGN)):
        return ""
    ours = uri.startswith(start) and uri.endswith(end)
    return uri.removeprefix(start).removesuffix(end) if ours else ""


def statement_id(api: str, route_key: str) -> str:
    """Return the permission's statement id, which is specific to an API."""
    return f"{SID_PREFIX}{api}-{short_hash(route_key, 8)}"


def source_arn(api: str, route_key: str, account: Account) -> str:
    """Return the source ARN of a permission: one route of one API.

    The pattern is api/stage/METHOD/path, with the stage `$default` unescaped
    (API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs").
    """
    method, _, path = route_key.partition(" ")
    where = f"{'*' if method == 'ANY' else method}{path}"
    return account.arn("execute-api", f"{api}/{STAGE}/{where}")
