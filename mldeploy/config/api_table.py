"""[api] of mldeploy.toml as pydantic models; the checks are as in `limits`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mldeploy.config import limits, routes
from mldeploy.config.api import ApiConfig, CorsConfig
from mldeploy.config.table import BURST, COMMAS, Table, bounds_of, within
from mldeploy.facts.quotas import CORS_MAX_AGE


class CorsTable(Table):
    """Which other origins may call the API from a browser."""

    allow_origins: Annotated[list[Annotated[str, AfterValidator(routes.origin)]], COMMAS] = []
    """Origins, such as https://example.com, or "*"."""

    allow_methods: Annotated[list[Annotated[str, AfterValidator(routes.method)]], COMMAS] = []
    """Methods, such as POST, or "*"."""

    allow_headers: Annotated[list[Annotated[str, AfterValidator(routes.header)]], COMMAS] = []
    """Headers, such as content-type, or "*"."""

    max_age: Annotated[int, within(CORS_MAX_AGE, "seconds"), bounds_of(CORS_MAX_AGE)] = (
        CorsConfig.max_age
    )
    """Seconds for which a browser remembers the answer."""


class JwtTable(Table):
    """Whose tokens the API admits."""

    issuer: Annotated[str, AfterValidator(routes.issuer)] | None = None
    """The issuer, an https URL as it stands in the tokens' `iss`."""

    audience: Annotated[list[str], COMMAS] = []
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

    burst: Annotated[int, within(BURST, "requests"), bounds_of(BURST)] = ApiConfig.burst
    """Requests at once, for the whole stage."""
