"""What a request meets: route → integration → permission → alias → version → image.

It is read out of moto's own store, for it is looked at after every change.
"""

from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION
from tests.strict.lambda_store import aliases, functions, storage

_STAGE = "$default"


@dataclass(frozen=True)
class Met:
    """What answers a request: a release, on the image with this digest."""

    release: str
    digest: str


class BrokenChain(Exception):  # noqa: N818 - it is what was found
    """A route that clients can call and that leads nowhere."""


@dataclass(frozen=True)
class Route:
    """A route: the API's name and id, which clients know, and the route's key."""

    api: str
    id: str
    key: str

    @property
    def where(self) -> tuple[str, str]:
        """What it is called whatever the id."""
        return self.api, self.key


Served = dict[Route, Met]
"""What answers, by route."""


def by_place(found: Served) -> dict[tuple[str, str], Met]:
    """Return what answers, whatever the ids of the APIs."""
    return {route.where: met for route, met in found.items()}


def served(aws: StrictAws) -> Served:
    """Resolve every route of every API.

    Raises:
        BrokenChain: with the link that is missing.
    """
    found: Served = {}
    for api in _apis():
        if _STAGE not in api.stages:
            continue  # nobody can call it
        for route in api.routes.values():
            found[Route(api.name, api.api_id, route.route_key)] = _met(aws, api, route)
    return found


def images() -> set[str]:
    """Return the digests of the project's images."""
    repository = get_backend("ecr")[ACCOUNT][REGION].repositories.get("mldeploy/iris")
    return {image.get_image_digest() for image in repository.images} if repository else set()


def _apis() -> list[Any]:
    return list(get_backend("apigatewayv2")[ACCOUNT][REGION].apis.values())


def _met(aws: StrictAws, api: Any, route: Any) -> Met:
    where = f"{route.route_key} of API {api.api_id}"
    integration = api.integrations.get(str(route.target).removeprefix("integrations/"))
    if integration is None:
        raise BrokenChain(f"{where}: there is no integration {route.target}")
    name, _, qualifier = integration.integration_uri.rpartition(":function:")[2].partition(":")
    if name not in functions():
        raise BrokenChain(f"{where}: unknown function {name}")
    alias = aliases(name).get(qualifier)
    if alias is None:
        raise BrokenChain(f"{where}: {name} has no alias {qualifier!r}")
    if not _permitted(aws, api.api_id, route.route_key, (name, qualifier)):
        raise BrokenChain(f"{where}: {name}:{qualifier} doesn't let it in")
    return _version(aws, where, name, str(alias.function_version))


def _permitted(aws: StrictAws, api: str, key: str, which: tuple[str, str]) -> bool:
    method, _, path = key.partition(" ")
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{_STAGE}/{method}{path}"
    return any(
        statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn") == arn
        for statement in aws.state.policies.get(which, [])
    )


def _version(aws: StrictAws, where: str, name: str, number: str) -> Met:
    version = storage()._get_version(name, number)
    if number == "$LATEST" or version is None:
        raise BrokenChain(f"{where}: {name} has no version {number}")
    if aws.state.pending.get((name, number)):
        raise BrokenChain(f"{where}: version {number} of {name} is still Pending")
    digest = aws.state.digests[name, number]
    if digest not in images():
        raise BrokenChain(f"{where}: the image {digest} of {name}:{number} is gone from ECR")
    return Met(str(version.environment_vars.get("MLDEPLOY_RELEASE", "")), digest)
