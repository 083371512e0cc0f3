"""Fixes the parts of an HTTP API: routes, integrations, authorizers, permissions."""

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
"""How long the status of an earlier deployment may hide that of this one; not every change causes a
deployment."""


@dataclass(frozen=True)
class Wiring:
    """An API's observed parts, with the ids needed to change them.

    Attributes:
        routes: as observed.
        route_ids: {route key: route id}.
        integrations: {function: integration id}, of those that invoke our aliases.
        authorizers: {issuer and audience: authorizer id}, of those that a route uses.
        named: {name: authorizer id} of all authorizers, correct or not.
        targets: the ids of all integrations that a route uses, correct or not.
        sids: {(function, statement id)} of existing permissions, correct or not.
        leftovers: parts that are no longer used.
        stage: the settings of the stage's routes; None if it is missing.
        deployment: id and message of the stage's last deployment before this run.
        rate: the stage's throttling rate, requests per second.
        burst: the stage's throttling burst, requests.
    """

    routes: tuple[Route, ...] = ()
    route_ids: dict[str, str] = field(default_factory=dict)
    integrations: dict[str, str] = field(default_factory=dict)
    authorizers: dict[Jwt, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    targets: frozenset[str] = frozenset()
    sids: frozenset[tuple[str, str]] = frozenset()
    leftovers: tuple[Leftover, ...] = ()
    stage: dict[str, Any] | None = None
    deployment: tuple[str, str] = ("", "")
    rate: float = 0.0
    burst: int = 0

    @property
    def working(self) -> tuple[Route, ...]:
        """The routes that reach a function."""
        return tuple(route for route in self.routes if route.function and route.permitted)

    def apply(self, api: str, wanted: tuple[Route, ...], context: Context) -> None:
        """Create or fix the routes: integration, then permission, then route."""
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
        """Delete the routes that aren't desired, then parts that are no longer used."""
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
        """Create an authorizer, or fix the one with its name: names are unique."""
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

    Source: botocore's apigatewayv2 model, Stage; the message exists with AutoDeploy only.
    """
    return stage.get("DeploymentId", ""), stage.get("LastDeploymentStatusMessage", "")


def require_deployed(name: str, api: str, before: Wiring, context: Context) -> None:
    """Wait for the stage's automatic deployment; only the stage shows that one failed.

    The deployment follows a while after the changes, so an earlier status isn't about this run.

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
    """Raise an error with a fix if API Gateway can't read the issuer's keys.

    It responds with BadRequestException, "Caught exception when connecting to … for issuer …" or
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
