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
    """Which other origins may call the API from a browser."""

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
        int, "Seconds for which a browser remembers the answer.", Within(CORS_MAX_AGE, "seconds")
    ] = 0


@dataclass(frozen=True)
class JwtConfig:
    """Whose tokens the API admits."""

    issuer: Annotated[
        str, "The issuer, an https URL as it stands in the tokens' `iss`.", Check(an_issuer)
    ] = ""
    audience: Annotated[
        tuple[str, ...],
        "What the tokens' `aud` or `client_id` may be; one of them must match.",
    ] = ()


@dataclass(frozen=True)
class ApiConfig:
    """The HTTP API in front of the functions."""

    auth: Annotated[
        Auth,
        'Who may call: "none" (anybody), "iam" (signed requests), "jwt". There is no default.',
    ]
    cors: Annotated[CorsConfig | None, "Without it no other origin may call from a browser."] = None
    rate: Annotated[
        float,
        "Requests a second, for the whole stage.",
        Check(a_rate),
        Schema({"exclusiveMinimum": 0}),
    ] = 50.0
    burst: Annotated[int, "Requests at once, for the whole stage.", Within(BURST, "requests")] = 100
    jwt: Annotated[JwtConfig | None, 'Whose tokens are admitted, with auth = "jwt".'] = None
