"""The inside of an HTTP API as AWS has it: everything that is written is read."""

from dataclasses import replace
from typing import Any

from mldeploy.resources.base import Context
from mldeploy.resources.http_api.parts import (
    PRINCIPAL,
    SID_PREFIX,
    STAGE,
    TIMEOUT_MS,
    Jwt,
    Route,
    function_of,
    jwt_of,
    source_arn,
    statement_id,
)
from mldeploy.resources.http_api.wiring import Wiring, deployment_of
from mldeploy.resources.lambda_state import ALIAS
from mldeploy.resources.permissions import permits, policy_of, statements_of

_PARTS = ("routes", "integrations", "stages", "authorizers")
_THROTTLING = ("ThrottlingBurstLimit", "ThrottlingRateLimit")


def read_wiring(api: str, wanted: tuple[Route, ...], context: Context) -> Wiring:
    """Read routes, integrations, stage, and the permissions on the wanted functions' aliases."""
    read = context.clients.read
    functions = sorted({route.function for route in wanted})
    context.clients.read_together(
        *(("apigatewayv2", f"get_{what}", {"ApiId": api}) for what in _PARTS),
        *(("lambda", "get_policy", policy_of(function)) for function in functions),
    )
    routes = (read("apigatewayv2", "get_routes", ApiId=api) or {}).get("Items", [])
    found = (read("apigatewayv2", "get_integrations", ApiId=api) or {}).get("Items", [])
    stages = (read("apigatewayv2", "get_stages", ApiId=api) or {}).get("Items", [])
    authorizers = (read("apigatewayv2", "get_authorizers", ApiId=api) or {}).get("Items", [])
    stage = next((one for one in stages if one["StageName"] == STAGE), None)
    by_id = {one["IntegrationId"]: one for one in found}
    # What a crash left, or what routes were taken off, is used again.
    taken_up = {route.jwt.name for route in wanted if route.jwt}
    guards = {one.get("AuthorizerId") for one in routes}
    targets = {one.get("Target", "").removeprefix("integrations/") for one in routes}
    statements = {function: statements_of(function, context) for function in functions}
    throttle = (stage or {}).get("DefaultRouteSettings", {})
    # Without automatic deployment nothing that is changed here would reach a client, so such
    # a stage counts as one with no settings and is put right.
    deploys = bool(stage and stage.get("AutoDeploy"))
    in_use = {
        function_of(one, context): one["IntegrationId"]
        for one in found
        if one["IntegrationId"] in targets and function_of(one, context)
    }
    return Wiring(
        routes=tuple(
            sorted(
                replace(_route(api, one, by_id, statements, context), jwt=_jwt(one, authorizers))
                for one in routes
            )
        ),
        route_ids={one["RouteKey"]: one["RouteId"] for one in routes},
        integrations=in_use,
        authorizers={
            jwt: str(one["AuthorizerId"])
            for one in authorizers
            if one["AuthorizerId"] in guards and (jwt := jwt_of(one))
        },
        named={str(one["Name"]): str(one["AuthorizerId"]) for one in authorizers},
        targets=frozenset(targets & by_id.keys()),
        sids=frozenset((name, sid) for name, known in statements.items() for sid in known),
        leftovers=(
            *(f"integration {one}" for one in sorted(by_id.keys() - targets)),
            *(
                f"authorizer {one['AuthorizerId']}"
                for one in authorizers
                if one["AuthorizerId"] not in guards and one["Name"] not in taken_up
            ),
            *_throttled_routes(stage or {}),
            *(f"stage {one['StageName']}" for one in stages if one["StageName"] != STAGE),
            *_stale_permissions(api, wanted, statements),
        ),
        has_stage=stage is not None,
        deployment=deployment_of(stage or {}),
        rate=float(throttle.get("ThrottlingRateLimit", 0)) if deploys else 0.0,
        burst=int(throttle.get("ThrottlingBurstLimit", 0)) if deploys else 0,
    )


def _route(
    api: str,
    route: dict[str, Any],
    integrations: dict[str, dict[str, Any]],
    statements: dict[str, dict[str, Any]],
    context: Context,
) -> Route:
    integration = integrations.get(route.get("Target", "").removeprefix("integrations/"), {})
    function = function_of(integration, context)
    statement = statements.get(function, {}).get(statement_id(api, route["RouteKey"]))
    return Route(
        route["RouteKey"],
        function,
        route.get("AuthorizationType", "NONE"),
        permits(statement, PRINCIPAL, source_arn(api, route["RouteKey"], context)),
        (
            str(integration.get("PayloadFormatVersion", "")),
            int(integration.get("TimeoutInMillis", TIMEOUT_MS)),
        ),
        scopes=tuple(route.get("AuthorizationScopes") or ()),
    )


def _jwt(route: dict[str, Any], authorizers: list[dict[str, Any]]) -> Jwt | None:
    """Return whose tokens a route admits; None where it asks for none, or nobody can tell."""
    if route.get("AuthorizationType") != "JWT":
        return None
    used = (one for one in authorizers if one["AuthorizerId"] == route.get("AuthorizerId"))
    return jwt_of(next(used, None))


def _throttled_routes(stage: dict[str, Any]) -> tuple[str, ...]:
    """Name the routes whose throttling isn't the stage's, which is the only one that we set."""
    settings = stage.get("RouteSettings") or {}
    return tuple(
        f"throttling {key}" for key in sorted(settings) if set(_THROTTLING) & settings[key].keys()
    )


def _stale_permissions(
    api: str, wanted: tuple[Route, ...], statements: dict[str, dict[str, Any]]
) -> tuple[str, ...]:
    """Name the permissions of ours that no wanted route needs."""
    needed = {(route.function, statement_id(api, route.key)) for route in wanted}
    return tuple(
        f"permission {sid} of {function} {ALIAS}"
        for function, known in sorted(statements.items())
        for sid in sorted(known)
        if sid.startswith(SID_PREFIX) and (function, sid) not in needed
    )
