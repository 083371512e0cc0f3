"""Reads the parts of an HTTP API: everything that mldeploy writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.resources.base import Reads
from mldeploy.resources.http_api.leftovers import (
    Leftover,
    OtherStage,
    OwnThrottling,
    UnusedAuthorizer,
    UnusedIntegration,
    UnusedPermission,
)
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
from mldeploy.resources.permissions import permits, policy_of, statements_of

Item = dict[str, Any]
"""From a response of AWS."""

_PARTS = ("routes", "integrations", "stages", "authorizers")
_THROTTLING = {"ThrottlingBurstLimit", "ThrottlingRateLimit"}


@dataclass(frozen=True)
class _Inside:
    """AWS's responses about the parts of an API.

    Attributes:
        api: its id.
        routes: GetRoutes' items, and so on.
        integrations: by id.
        stages: ours and other ones.
        authorizers: used or not.
        statements: {function: {id: statement}} of the desired functions' aliases.
    """

    api: str
    routes: list[Item]
    integrations: dict[str, Item]
    stages: list[Item]
    authorizers: list[Item]
    statements: dict[str, dict[str, Any]]

    @property
    def stage(self) -> Item:
        """Our stage; empty if it is missing."""
        return next((one for one in self.stages if one["StageName"] == STAGE), {})

    @property
    def targets(self) -> set[str]:
        """The ids of the integrations that routes refer to, existing or not."""
        return {_target(one) for one in self.routes}

    @property
    def guards(self) -> set[str]:
        """The ids of the authorizers that routes refer to."""
        return {one["AuthorizerId"] for one in self.routes if one.get("AuthorizerId")}


def read_wiring(
    api: str, wanted: tuple[Route, ...], reads: Reads, unrouted: tuple[str, ...] = ()
) -> Wiring:
    """Return routes, integrations, stage, and the permissions on the functions' aliases.

    Args:
        api: its id.
        wanted: the desired routes.
        reads: of AWS.
        unrouted: functions without a route.
    """
    functions = sorted({*(route.function for route in wanted), *unrouted})
    inside = _read_inside(api, functions, reads)
    rate, burst = _throttle(inside.stage)
    return Wiring(
        routes=tuple(sorted(_route(one, inside, reads.account) for one in inside.routes)),
        route_ids={one["RouteKey"]: one["RouteId"] for one in inside.routes},
        integrations={
            function: number
            for number, one in inside.integrations.items()
            if number in inside.targets and (function := function_of(one, reads.account))
        },
        authorizers={
            jwt: one["AuthorizerId"]
            for one in inside.authorizers
            if one["AuthorizerId"] in inside.guards and (jwt := jwt_of(one))
        },
        named={one["Name"]: one["AuthorizerId"] for one in inside.authorizers},
        targets=frozenset(inside.targets & inside.integrations.keys()),
        sids=frozenset((name, sid) for name, known in inside.statements.items() for sid in known),
        leftovers=tuple(_leftovers(inside, wanted)),
        stage=inside.stage.get("DefaultRouteSettings", {}) if inside.stage else None,
        deployment=deployment_of(inside.stage),
        rate=rate,
        burst=burst,
    )


def _read_inside(api: str, functions: list[str], reads: Reads) -> _Inside:
    reads.read_together(
        *(("apigatewayv2", f"get_{what}", {"ApiId": api}) for what in _PARTS),
        *(("lambda", "get_policy", policy_of(function)) for function in functions),
    )
    routes, integrations, stages, authorizers = (
        (reads.read("apigatewayv2", f"get_{what}", ApiId=api) or {}).get("Items", [])
        for what in _PARTS
    )
    return _Inside(
        api,
        routes,
        {one["IntegrationId"]: one for one in integrations},
        stages,
        authorizers,
        {function: statements_of(function, reads) for function in functions},
    )


def _route(route: Item, inside: _Inside, account: Account) -> Route:
    integration = inside.integrations.get(_target(route), {})
    function = function_of(integration, account)
    sid = statement_id(inside.api, route["RouteKey"])
    statement = inside.statements.get(function, {}).get(sid)
    return Route(
        route["RouteKey"],
        function,
        route.get("AuthorizationType", "NONE"),
        permits(statement, PRINCIPAL, source_arn(inside.api, route["RouteKey"], account)),
        (
            str(integration.get("PayloadFormatVersion", "")),
            int(integration.get("TimeoutInMillis", TIMEOUT_MS)),
        ),
        _jwt(route, inside.authorizers),
        tuple(route.get("AuthorizationScopes") or ()),
    )


def _target(route: Item) -> str:
    """Return the id of a route's integration, or ""."""
    return str(route.get("Target", "")).removeprefix("integrations/")


def _jwt(route: Item, authorizers: list[Item]) -> Jwt | None:
    """Return a route's authorizer; None if it has none or an unknown one."""
    if route.get("AuthorizationType") != "JWT":
        return None
    used = (one for one in authorizers if one["AuthorizerId"] == route.get("AuthorizerId"))
    return jwt_of(next(used, None))


def _throttle(stage: Item) -> tuple[float, int]:
    """Return a stage's throttling rate and burst; 0 if automatic deployments are off.

    Without automatic deployments no change would take effect, so such a stage is fixed.
    """
    settings = stage.get("DefaultRouteSettings", {}) if stage.get("AutoDeploy") else {}
    rate = float(settings.get("ThrottlingRateLimit", 0))
    return rate, int(settings.get("ThrottlingBurstLimit", 0))


def _leftovers(inside: _Inside, wanted: tuple[Route, ...]) -> Iterator[Leftover]:
    """Yield the parts that no desired route needs or that mldeploy doesn't set."""
    unused = inside.integrations.keys() - inside.targets
    yield from (UnusedIntegration(one) for one in sorted(unused))
    # Integrations left by a crash or by removed routes are used again.
    taken_up = {route.jwt.name for route in wanted if route.jwt}
    for one in inside.authorizers:
        if one["AuthorizerId"] not in inside.guards and one["Name"] not in taken_up:
            yield UnusedAuthorizer(one["AuthorizerId"])
    for key, settings in sorted((inside.stage.get("RouteSettings") or {}).items()):
        if settings.keys() & _THROTTLING:
            yield OwnThrottling(key)
    yield from (OtherStage(one["StageName"]) for one in inside.stages if one["StageName"] != STAGE)
    needed = {(route.function, statement_id(inside.api, route.key)) for route in wanted}
    for function, known in sorted(inside.statements.items()):
        for sid in sorted(known):
            if sid.startswith(SID_PREFIX) and (function, sid) not in needed:
                yield UnusedPermission(function, sid)
