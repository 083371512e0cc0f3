"""Parts that don't belong in an HTTP API: each kind describes and removes itself."""

from dataclasses import dataclass
from typing import Protocol

from mldeploy.aws.clients import missing_is_fine
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.parts import STAGE
from mldeploy.resources.lambda_state import ALIAS
from mldeploy.resources.permissions import forbid


class Leftover(Protocol):
    """A part left by a crash, a lost response or a removed route, or not managed by mldeploy.

    Plans show its text.
    """

    def remove(self, api: str, context: Context) -> None:
        """Remove it from the API with this id; it may already be gone."""
        ...


@dataclass(frozen=True)
class OtherApi:
    """A second API with our tags."""

    other: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"api {self.other}"

    def remove(self, api: str, context: Context) -> None:  # noqa: ARG002 - it isn't inside
        """Delete that API with all its parts."""
        delete_api(self.other, context)


@dataclass(frozen=True)
class UnwantedRoute:
    """A route without a function. It is a difference of `routes`, so plans don't show it here."""

    route: str

    def remove(self, api: str, context: Context) -> None:
        """Delete it."""
        with missing_is_fine():
            context.clients.gateway.delete_route(ApiId=api, RouteId=self.route)


@dataclass(frozen=True)
class UnusedIntegration:
    """An integration that no route uses."""

    integration: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"integration {self.integration}"

    def remove(self, api: str, context: Context) -> None:
        """Delete it."""
        with missing_is_fine():
            context.clients.gateway.delete_integration(ApiId=api, IntegrationId=self.integration)


@dataclass(frozen=True)
class UnusedAuthorizer:
    """An authorizer that no route uses."""

    authorizer: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"authorizer {self.authorizer}"

    def remove(self, api: str, context: Context) -> None:
        """Delete it."""
        with missing_is_fine():
            context.clients.gateway.delete_authorizer(ApiId=api, AuthorizerId=self.authorizer)


@dataclass(frozen=True)
class OtherStage:
    """A stage other than ours."""

    stage: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"stage {self.stage}"

    def remove(self, api: str, context: Context) -> None:
        """Delete it."""
        with missing_is_fine():
            context.clients.gateway.delete_stage(ApiId=api, StageName=self.stage)


@dataclass(frozen=True)
class OwnThrottling:
    """Throttling of one route, such as "POST /predict"; mldeploy only sets the stage's."""

    route_key: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"throttling {self.route_key}"

    def remove(self, api: str, context: Context) -> None:
        """Delete it, so that the stage's applies."""
        with missing_is_fine():
            context.clients.gateway.delete_route_settings(
                ApiId=api, StageName=STAGE, RouteKey=self.route_key
            )


@dataclass(frozen=True)
class UnusedPermission:
    """A statement that permits an API to invoke an alias for a route that isn't desired."""

    function: str
    statement: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"permission {self.statement} of {self.function} {ALIAS}"

    def remove(self, api: str, context: Context) -> None:  # noqa: ARG002 - the alias has it
        """Remove it from the alias's policy."""
        forbid(self.function, self.statement, context)


def delete_api(api: str, context: Context) -> None:
    """Delete an API with all its parts; it may already be gone."""
    with missing_is_fine():
        context.clients.gateway.delete_api(ApiId=api)
