"""What an HTTP API is made of, and how its parts are named."""

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
"""API Gateway's own limit for an HTTP API's integration; the function's timeout is shorter."""
PRINCIPAL = "apigateway.amazonaws.com"
SID_PREFIX = "mldeploy-"
TOKEN_SOURCE = ("$request.header.Authorization",)
_ATTEMPTS_SECONDS = 20.0
# Botocore's apigatewayv2 model, Integration: what changes a request on its way, or an answer.
_FOREIGN = ("CredentialsArn", "RequestParameters", "ResponseParameters")


@dataclass(frozen=True, order=True)
class Jwt:
    """An authorizer that admits the tokens of an issuer. `source`: where it looks for them."""

    issuer: str
    audience: tuple[str, ...]
    source: tuple[str, ...] = field(default=TOKEN_SOURCE, repr=False)

    @property
    def name(self) -> str:
        """The authorizer's name; an API has each but once (aws-cdk#20170)."""
        return f"mldeploy-{short_hash(repr(self), 8)}"


@dataclass(frozen=True, order=True)
class Route:
    """A route and what makes it work.

    Attributes:
        key: such as "POST /predict".
        function: the function whose alias answers; "" where nothing does.
        auth: "NONE", "AWS_IAM" or "JWT".
        permitted: whether the alias lets this API and route in.
        integration: payload version and timeout (ms) of the integration.
        jwt: whose tokens, with auth "JWT".
        scopes: what the tokens must be for besides; nothing unless somebody asked for it.
    """

    key: str
    function: str
    auth: str = "NONE"
    permitted: bool = True
    integration: tuple[str, int] = (PAYLOAD, TIMEOUT_MS)
    jwt: Jwt | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cors:
    """Cross-origin rules, in one spelling and order.

    AWS gives the names of headers back in lower case (cdk-real-drift#257), and tools that live with
    it compare all four lists without case and order (terraform-provider-aws, aws_apigatewayv2_api).
    Browsers send origins in lower case and methods in capitals (Fetch standard), so nothing else
    would match.

    Attributes:
        origins: which may call.
        methods: with what.
        headers: that they may send.
        max_age: seconds.
        credentials: whether cookies go along; they don't.
        exposed: headers of answers that they may read; none beside the usual ones.
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
    """Read the rules out of GetApis' answer."""
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
    """Return what CreateApi and UpdateApi take."""
    return {
        "AllowOrigins": list(cors.origins),
        "AllowMethods": list(cors.methods),
        "AllowHeaders": list(cors.headers),
        "MaxAge": cors.max_age,
        "AllowCredentials": cors.credentials,
        "ExposeHeaders": list(cors.exposed),
    }


def jwt_of(authorizer: dict[str, Any] | None) -> Jwt | None:
    """Read whose tokens an authorizer admits."""
    found = (authorizer or {}).get("JwtConfiguration")
    if authorizer is None or not found:
        return None
    source = tuple(authorizer.get("IdentitySource", []))
    return Jwt(found.get("Issuer", ""), tuple(found.get("Audience", [])), source)


def authorizer_request(jwt: Jwt) -> dict[str, Any]:
    """Return what CreateAuthorizer and UpdateAuthorizer take.

    API Gateway developer guide, "JWT authorizers".
    """
    return {
        "AuthorizerType": "JWT",
        "IdentitySource": list(jwt.source),
        "JwtConfiguration": {"Issuer": jwt.issuer, "Audience": list(jwt.audience)},
        "Name": jwt.name,
    }


def made_once(make: Callable[[Any], str], there: Callable[[Reads], str], context: Context) -> str:
    """Make what has no name to be unique by, and take the one that is there if an answer was lost.

    botocore would repeat the POST after a lost answer and so make a second one: its retries are off
    for these calls, and each further attempt looks first.

    Args:
        make: makes it with the client that it gets, returns its id.
        there: looks, returns the id of one that is there, or "".
        context: what resources need.
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
    """Return the ARN that integrations point at, so that a release never touches the API."""
    return account.arn("lambda", f"function:{function}:{ALIAS}")


def function_of(integration: dict[str, Any], account: Account) -> str:
    """Return the function whose `live` alias an integration calls, or "".

    One that rewrites requests or answers, or calls as somebody else, isn't ours: another one is
    made in its place.
    """
    start, end = account.arn("lambda", "function:"), f":{ALIAS}"
    uri = str(integration.get("IntegrationUri", ""))
    if integration.get("IntegrationType") != "AWS_PROXY" or any(map(integration.get, _FOREIGN)):
        return ""
    ours = uri.startswith(start) and uri.endswith(end)
    return uri.removeprefix(start).removesuffix(end) if ours else ""


def statement_id(api: str, route_key: str) -> str:
    """Return the permission's id: a new API gets permissions of its own."""
    return f"{SID_PREFIX}{api}-{short_hash(route_key, 8)}"


def source_arn(api: str, route_key: str, account: Account) -> str:
    """Return the one route of the one API that may call the alias.

    The pattern is api/stage/METHOD/path, the stage `$default` written as it is
    (API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs").
    """
    method, _, path = route_key.partition(" ")
    where = f"{'*' if method == 'ANY' else method}{path}"
    return account.arn("execute-api", f"{api}/{STAGE}/{where}")
