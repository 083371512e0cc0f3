"""The inside of an HTTP API: routes, integrations, permissions, stage; reading and mending."""

from dataclasses import dataclass, field, replace
from typing import Any

from mldeploy.aws import missing_is_fine
from mldeploy.resources.base import Context
from mldeploy.resources.http_api_parts import (
    SID_PREFIX,
    STAGE,
    TIMEOUT_MS,
    Jwt,
    Route,
    alias_arn,
    authorizer_request,
    jwt_of,
    made_once,
    source_arn,
    statement_id,
)
from mldeploy.resources.lambda_state import ALIAS
from mldeploy.resources.permissions import forbid, permit, permits, policy_of, statements_of

_PARTS = ("routes", "integrations", "stages", "authorizers")
_PRINCIPAL = "apigateway.amazonaws.com"


@dataclass(frozen=True)
class Wiring:
    """What was found inside an API, with the ids that changing it needs.

    Attributes:
        routes: as observed.
        route_ids: {route key: route id}.
        integrations: {function: integration id}, of those that point at an alias of ours.
        authorizers: {whose tokens: authorizer id}, of those that a route uses.
        targets: the ids of all integrations that a route uses, right or wrong.
        sids: {(function, statement id)} of permissions that are there, right or wrong.
        leftovers: what nothing uses any more.
        has_stage: whether the stage exists.
        rate: the stage's requests a second.
        burst: the stage's requests at once.
    """

    routes: tuple[Route, ...] = ()
    route_ids: dict[str, str] = field(default_factory=dict)
    integrations: dict[str, str] = field(default_factory=dict)
    authorizers: dict[Jwt, str] = field(default_factory=dict)
    targets: frozenset[str] = frozenset()
    sids: frozenset[tuple[str, str]] = frozenset()
    leftovers: tuple[str, ...] = ()
    has_stage: bool = False
    rate: float = 0.0
    burst: int = 0

    @property
    def working(self) -> tuple[Route, ...]:
        """The routes that reach a function."""
        return tuple(route for route in self.routes if route.function and route.permitted)

    def apply(self, api: str, wanted: tuple[Route, ...], context: Context) -> None:
        """Make the routes what is wanted: integration, then permission, then route."""
        there = {route.key: route for route in self.routes}
        integrations, authorizers = dict(self.integrations), dict(self.authorizers)
        for route in wanted:
            before = there.get(route.key)
            if before == route:
                continue
            if before is None or not before.permitted:
                self._permit(api, route, context)
            if route.function not in integrations:
                integrations[route.function] = _create_integration(api, route, context)
            elif before is not None and before.integration != route.integration:
                _mend_integration(api, integrations[route.function], route, context)
            if route.jwt and route.jwt not in authorizers:
                authorizers[route.jwt] = _create_authorizer(api, route.jwt, context)
            authorizer = authorizers[route.jwt] if route.jwt else ""
            self._put_route(api, route, integrations[route.function], authorizer, context)
        for key in sorted(self.route_ids.keys() - {route.key for route in wanted}):
            with missing_is_fine():
                context.clients.gateway.delete_route(ApiId=api, RouteId=self.route_ids[key])
        used = {integrations[route.function] for route in wanted if route.function in integrations}
        for integration in sorted(self.targets - used):
            with missing_is_fine():
                context.clients.gateway.delete_integration(ApiId=api, IntegrationId=integration)
        for jwt in sorted(self.authorizers.keys() - {route.jwt for route in wanted}):
            with missing_is_fine():
                context.clients.gateway.delete_authorizer(
                    ApiId=api, AuthorizerId=self.authorizers[jwt]
                )

    def _put_route(
        self, api: str, route: Route, integration: str, authorizer: str, context: Context
    ) -> None:
        settings = {
            "ApiId": api,
            "RouteKey": route.key,
            "Target": f"integrations/{integration}",
            "AuthorizationType": route.auth,
            **({"AuthorizerId": authorizer} if authorizer else {}),
        }
        if route.key in self.route_ids:
            context.clients.gateway.update_route(**settings, RouteId=self.route_ids[route.key])
        else:
            context.clients.gateway.create_route(**settings)

    def _permit(self, api: str, route: Route, context: Context) -> None:
        sid = statement_id(api, route.key)
        if (route.function, sid) in self.sids:
            forbid(route.function, sid, context)
        arn = source_arn(api, route.key, context)
        permit(route.function, sid, _PRINCIPAL, arn, context)


def _create_integration(api: str, route: Route, context: Context) -> str:
    version, timeout = route.integration

    def make(gateway: Any) -> str:
        created = gateway.create_integration(
            ApiId=api,
            IntegrationType="AWS_PROXY",
            IntegrationUri=alias_arn(route.function, context),
            PayloadFormatVersion=version,
            TimeoutInMillis=timeout,
        )
        return str(created["IntegrationId"])

    def there() -> str:
        found = context.clients.read("apigatewayv2", "get_integrations", ApiId=api) or {}
        ours = (one for one in found["Items"] if _function_of(one, context) == route.function)
        return next((str(one["IntegrationId"]) for one in ours), "")

    return made_once(make, there, context)


def _create_authorizer(api: str, jwt: Jwt, context: Context) -> str:
    def make(gateway: Any) -> str:
        created = gateway.create_authorizer(ApiId=api, **authorizer_request(jwt))
        return str(created["AuthorizerId"])

    def there() -> str:
        found = context.clients.read("apigatewayv2", "get_authorizers", ApiId=api) or {}
        ours = (one for one in found["Items"] if jwt_of(one) == jwt)
        return next((str(one["AuthorizerId"]) for one in ours), "")

    return made_once(make, there, context)


def _mend_integration(api: str, integration: str, route: Route, context: Context) -> None:
    version, timeout = route.integration
    context.clients.gateway.update_integration(
        ApiId=api,
        IntegrationId=integration,
        PayloadFormatVersion=version,
        TimeoutInMillis=timeout,
    )


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
    guards = {one.get("AuthorizerId") for one in routes}
    targets = {one.get("Target", "").removeprefix("integrations/") for one in routes}
    statements = {
        function: statements_of(function, context)
        for function in sorted({r.function for r in wanted})
    }
    throttle = (stage or {}).get("DefaultRouteSettings", {})
    # Without automatic deployment nothing that is changed here would reach a client, so such
    # a stage counts as one with no settings and is put right.
    deploys = bool(stage and stage.get("AutoDeploy"))
    in_use = {
        _function_of(one, context): one["IntegrationId"]
        for one in found
        if one["IntegrationId"] in targets and _function_of(one, context)
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
        targets=frozenset(targets & by_id.keys()),
        sids=frozenset((name, sid) for name, known in statements.items() for sid in known),
        leftovers=(
            *(f"integration {one}" for one in sorted(by_id.keys() - targets)),
            *(
                f"authorizer {one['AuthorizerId']}"
                for one in authorizers
                if one["AuthorizerId"] not in guards
            ),
            *_stale_permissions(api, wanted, statements),
        ),
        has_stage=stage is not None,
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
    function = _function_of(integration, context)
    statement = statements.get(function, {}).get(statement_id(api, route["RouteKey"]))
    return Route(
        route["RouteKey"],
        function,
        route.get("AuthorizationType", "NONE"),
        permits(statement, _PRINCIPAL, source_arn(api, route["RouteKey"], context)),
        (
            str(integration.get("PayloadFormatVersion", "")),
            int(integration.get("TimeoutInMillis", TIMEOUT_MS)),
        ),
    )


def _jwt(route: dict[str, Any], authorizers: list[dict[str, Any]]) -> Jwt | None:
    """Return whose tokens a route admits; None where it asks for none, or nobody can tell."""
    if route.get("AuthorizationType") != "JWT":
        return None
    used = (one for one in authorizers if one["AuthorizerId"] == route.get("AuthorizerId"))
    return jwt_of(next(used, None))


def _function_of(integration: dict[str, Any], context: Context) -> str:
    """Return the function whose `live` alias an integration calls, or ""."""
    start, end = context.account.arn("lambda", "function:"), f":{ALIAS}"
    uri = str(integration.get("IntegrationUri", ""))
    if integration.get("IntegrationType") != "AWS_PROXY":
        return ""
    ours = uri.startswith(start) and uri.endswith(end)
    return uri.removeprefix(start).removesuffix(end) if ours else ""


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
