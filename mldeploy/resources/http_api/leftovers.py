"""What doesn't belong in an HTTP API: each kind says what it is and takes itself away."""

from dataclasses import dataclass
from typing import Protocol

from mldeploy.aws.clients import missing_is_fine
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.parts import STAGE
from mldeploy.resources.lambda_state import ALIAS
from mldeploy.resources.permissions import forbid


class Leftover(Protocol):
    """A part that a crash, a lost reply or a removed route left behind, or somebody else set.

    Its text is what a plan shows.
    """

    def remove(self, api: str, context: Context) -> None:
        """Take it out of the API of this id; it may be gone already."""
        ...


@dataclass(frozen=True)
class OtherApi:
    """A second API that carries our tags."""

    other: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"api {self.other}"

    def remove(self, api: str, context: Context) -> None:  # noqa: ARG002 - it isn't inside
        """Delete that API with all that is in it."""
        delete_api(self.other, context)


@dataclass(frozen=True)
class UnwantedRoute:
    """A route of no function. It is a difference of `routes`, so plans never show this."""

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
    """A stage beside ours."""

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
    """A throttling of one route, such as "POST /predict"; only the whole stage's is ours."""

    route_key: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"throttling {self.route_key}"

    def remove(self, api: str, context: Context) -> None:
        """Delete it; the stage's holds again."""
        with missing_is_fine():
            context.clients.gateway.delete_route_settings(
                ApiId=api, StageName=STAGE, RouteKey=self.route_key
            )


@dataclass(frozen=True)
class UnusedPermission:
    """A statement that lets an API call a function's alias for a route that isn't wanted."""

    function: str
    statement: str

    def __str__(self) -> str:
        """Return what a plan shows."""
        return f"permission {self.statement} of {self.function} {ALIAS}"

    def remove(self, api: str, context: Context) -> None:  # noqa: ARG002 - the alias has it
        """Take it out of the alias's policy."""
        forbid(self.function, self.statement, context)


def delete_api(api: str, context: Context) -> None:
    """Delete an API with all that is in it; it may be gone already."""
    with missing_is_fine():
        context.clients.gateway.delete_api(ApiId=api)
