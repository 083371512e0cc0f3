"""The inside of an HTTP API: routes, integrations, authorizers, permissions; mending them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mldeploy.aws.errors import error_code, error_message
from mldeploy.errors import MldeployError
from mldeploy.events import Note, Waiting
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.http_api.leftovers import (
    Leftover,
    UnusedAuthorizer,
    UnusedIntegration,
    UnwantedRoute,
)
from mldeploy.resources.http_api.parts import (
    PRINCIPAL,
    STAGE,
    Jwt,
    Route,
    alias_arn,
    authorizer_request,
    function_of,
    jwt_of,
    made_once,
    source_arn,
    statement_id,
)
from mldeploy.resources.permissions import forbid, permit

_DEPLOYS_SECONDS = 20.0
_SHOWS_SECONDS = 4.0
"""For which a success of an earlier deployment may hide what became of this one; not every change
needs a deployment."""


@dataclass(frozen=True)
class Wiring:
    """What was found inside an API, with the ids that changing it needs.

    Attributes:
        routes: as observed.
        route_ids: {route key: route id}.
        integrations: {function: integration id}, of those that point at an alias of ours.
        authorizers: {whose tokens: authorizer id}, of those that a route uses.
        named: {name: authorizer id} of all authorizers, right or wrong.
        targets: the ids of all integrations that a route uses, right or wrong.
        sids: {(function, statement id)} of permissions that are there, right or wrong.
        leftovers: what nothing uses any more.
        has_stage: whether the stage exists.
        deployment: id and message of the stage's last deployment, which was before this run's.
        rate: the stage's requests a second.
        burst: the stage's requests at once.
    """

    routes: tuple[Route, ...] = ()
    route_ids: dict[str, str] = field(default_factory=dict)
    integrations: dict[str, str] = field(default_factory=dict)
    authorizers: dict[Jwt, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    targets: frozenset[str] = frozenset()
    sids: frozenset[tuple[str, str]] = frozenset()
    leftovers: tuple[Leftover, ...] = ()
    has_stage: bool = False
    deployment: tuple[str, str] = ("", "")
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
                authorizers[route.jwt] = self._put_authorizer(api, route.jwt, context)
            authorizer = authorizers[route.jwt] if route.jwt else ""
            self._put_route(api, route, integrations[route.function], authorizer, context)
        self._remove_others(api, wanted, integrations, authorizers, context)

    def _remove_others(
        self,
        api: str,
        wanted: tuple[Route, ...],
        integrations: dict[str, str],
        authorizers: dict[Jwt, str],
        context: Context,
    ) -> None:
        """Delete the routes that aren't wanted, then what no route uses any more."""
        for key in sorted(self.route_ids.keys() - {route.key for route in wanted}):
            UnwantedRoute(self.route_ids[key]).remove(api, context)
        used = {integrations[route.function] for route in wanted if route.function in integrations}
        for integration in sorted(self.targets - used):
            UnusedIntegration(integration).remove(api, context)
        guards = {authorizers[route.jwt] for route in wanted if route.jwt}
        for authorizer in sorted(set(self.authorizers.values()) - guards):
            UnusedAuthorizer(authorizer).remove(api, context)

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
            context.clients.gateway.update_route(
                **settings,
                RouteId=self.route_ids[route.key],
                AuthorizationScopes=list(route.scopes),
            )
        else:
            context.clients.gateway.create_route(**settings)

    def _put_authorizer(self, api: str, jwt: Jwt, context: Context) -> str:
        """Make it, or mend the one that has its name: there can't be two of a name."""
        found = self.named.get(jwt.name)
        with _issuer_answers(jwt):
            if found is None:
                return _create_authorizer(api, jwt, context)
            context.clients.gateway.update_authorizer(
                ApiId=api, AuthorizerId=found, **authorizer_request(jwt)
            )
        return found

    def _permit(self, api: str, route: Route, context: Context) -> None:
        sid = statement_id(api, route.key)
        if (route.function, sid) in self.sids:
            forbid(route.function, sid, context)
        arn = source_arn(api, route.key, context.account)
        permit(route.function, sid, PRINCIPAL, arn, context)


def deployment_of(stage: dict[str, Any]) -> tuple[str, str]:
    """Return the id and the message of a stage's last deployment.

    Source: botocore's apigatewayv2 model, Stage; the message is kept with AutoDeploy only.
    """
    return stage.get("DeploymentId", ""), stage.get("LastDeploymentStatusMessage", "")


def require_deployed(name: str, api: str, before: Wiring, context: Context) -> None:
    """Look at the stage: a failed automatic deployment shows nowhere else.

    It comes a while after the changes, so what the stage said before isn't about this run.

    Raises:
        MldeployError: MLD430.
    """
    for waited in context.clients.polls(_DEPLOYS_SECONDS):
        stage = context.clients.gateway.get_stage(ApiId=api, StageName=STAGE)
        found = deployment_of(stage)
        _, message = found
        fails, earlier = "fail" in message.lower(), found == before.deployment
        if not message or not (fails or earlier):
            return
        if not earlier:
            raise MldeployError(
                "MLD430",
                f"API Gateway couldn't deploy {name}: {message}",
                "fix the route that it names in mldeploy.toml and deploy again",
            )
        if not fails and waited >= _SHOWS_SECONDS:
            return
        context.emit(Waiting("API Gateway's deployment", f"so far: {message}", waited))
    context.emit(Note(f"API Gateway said of an earlier deployment: {message}", "warning"))


def _create_integration(api: str, route: Route, context: Context) -> str:
    version, timeout = route.integration

    def make(gateway: Any) -> str:
        created = gateway.create_integration(
            ApiId=api,
            IntegrationType="AWS_PROXY",
            IntegrationUri=alias_arn(route.function, context.account),
            PayloadFormatVersion=version,
            TimeoutInMillis=timeout,
        )
        return str(created["IntegrationId"])

    def there(reads: Reads) -> str:
        found = reads.read("apigatewayv2", "get_integrations", ApiId=api) or {}
        ours = (one for one in found["Items"] if function_of(one, reads.account) == route.function)
        return next((str(one["IntegrationId"]) for one in ours), "")

    return made_once(make, there, context)


@contextmanager
def _issuer_answers(jwt: Jwt) -> Iterator[None]:
    """Say what to do where API Gateway can't read the issuer's keys, which it tries at once.

    It answers BadRequestException, "Caught exception when connecting to … for issuer …" or
    "Invalid issuer: …" (haandol/cognito-kakao-example#1).

    Raises:
        MldeployError: MLD434.
    """
    try:
        yield
    except Exception as error:
        told = error_message(error)
        if error_code(error) != "BadRequestException" or "issuer" not in told.lower():
            raise
        document = f"{jwt.issuer.rstrip('/')}/.well-known/openid-configuration"
        raise MldeployError(
            "MLD434",
            f"API Gateway can't read the keys of the issuer {jwt.issuer}: {told}",
            f"`curl {document}` from outside must answer with JSON whose `issuer` is "
            f"{jwt.issuer}; fix `issuer` in [api.jwt], then deploy again",
        ) from error


def _create_authorizer(api: str, jwt: Jwt, context: Context) -> str:
    def make(gateway: Any) -> str:
        created = gateway.create_authorizer(ApiId=api, **authorizer_request(jwt))
        return str(created["AuthorizerId"])

    def there(reads: Reads) -> str:
        found = reads.read("apigatewayv2", "get_authorizers", ApiId=api) or {}
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
