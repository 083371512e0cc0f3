"""The HTTP API in front of the functions: [api]."""

from dataclasses import dataclass
from typing import Annotated, Literal

from mldeploy.config.fields import Check, Schema, Within
from mldeploy.config.limits import rate as a_rate
from mldeploy.config.routes import header, method, origin
from mldeploy.config.routes import issuer as an_issuer
from mldeploy.facts.quotas import CORS_MAX_AGE, INTEGER

Auth = Literal["none", "iam", "jwt"]

BURST = (1, INTEGER)  # botocore apigatewayv2: RouteSettings


@dataclass(frozen=True)
class CorsConfig:
    """The other origins that may call the API from a browser."""

    allow_origins: Annotated[
        tuple[Annotated[str, Check(origin)], ...],
        'Origins, such as https://example.com, or "*".',
    ] = ()
    allow_methods: Annotated[
        tuple[Annotated[str, Check(method)], ...], 'Methods, such as POST, or "*".'
    ] = ()
    allow_headers: Annotated[
        tuple[Annotated[str, Check(header)], ...], 'Headers, such as content-type, or "*".'
    ] = ()
    max_age: Annotated[
        int,
        "Seconds for which a browser caches the response to a preflight request.",
        Within(CORS_MAX_AGE, "seconds"),
    ] = 0


@dataclass(frozen=True)
class JwtConfig:
    """The tokens that the API accepts."""

    issuer: Annotated[
        str, "The issuer, an https URL, exactly as in the tokens' `iss`.", Check(an_issuer)
    ] = ""
    audience: Annotated[
        tuple[str, ...],
        "Accepted values of the tokens' `aud` or `client_id`; one must match.",
    ] = ()


@dataclass(frozen=True)
class ApiConfig:
    """The HTTP API in front of the functions."""

    auth: Annotated[
        Auth,
        'Who may call: "none" (anyone), "iam" (signed requests), "jwt" (tokens). There is no '
        "default.",
    ]
    cors: Annotated[
        CorsConfig | None, "CORS. Without it, browsers can't call the API from other origins."
    ] = None
    rate: Annotated[
        float,
        "Requests per second, for the whole stage.",
        Check(a_rate),
        Schema({"exclusiveMinimum": 0}),
    ] = 50.0
    burst: Annotated[
        int, "Concurrent requests, for the whole stage.", Within(BURST, "requests")
    ] = 100
    jwt: Annotated[
        JwtConfig | None, 'The issuer and audience of accepted tokens, for auth = "jwt".'
    ] = None
