"""Derives the HTTP API from the configuration."""

from typing import Any

from mldeploy.config import Config
from mldeploy.resources.http_api.parts import Cors, Jwt, Route

_AUTH = {"none": "NONE", "iam": "AWS_IAM", "jwt": "JWT"}


def api_name(config: Config) -> str:
    """Return the name of a stage's API."""
    return config.stage_prefix.rstrip("_")


def fields_of(config: Config) -> dict[str, Any]:
    """Return the fields of `HttpApi` that the configuration decides."""
    cors = config.api.cors
    jwt = Jwt(config.api.jwt.issuer, config.api.jwt.audience) if config.api.jwt else None
    routes = [
        Route(route, config.function_name(one.name), _AUTH[config.api.auth], jwt=jwt)
        for one in config.routed
        for route in config.routes(one)
    ]
    return {
        "name": api_name(config),
        "routes": tuple(sorted(routes)),
        "cors": Cors(cors.allow_origins, cors.allow_methods, cors.allow_headers, cors.max_age)
        if cors
        else None,
        "rate": config.api.rate,
        "burst": config.api.burst,
        "tags": config.tags,
        "unrouted": unrouted(config),
    }


def unrouted(config: Config) -> tuple[str, ...]:
    """Return the names in Lambda of the functions without a route."""
    return tuple(config.function_name(one.name) for one in config.functions if not one.route)
