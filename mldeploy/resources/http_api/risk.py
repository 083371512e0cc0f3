"""The risk of an HTTP API's differences: see `risk`."""

from mldeploy.resources.http_api.leftovers import Leftover, OtherStage
from mldeploy.resources.http_api.parts import Cors, Route
from mldeploy.resources.risk import ENDANGERS, WIDENS


def routes_risk(before: Route | None, after: Route | None) -> str:
    """Return a route's risk: by its authorization, and by whether our function answers.

    A route that isn't desired has no permission to invoke a function.
    """
    if before is None:
        return ""
    if after is None:
        return "" if before.function else WIDENS
    if not before.function:
        return ENDANGERS
    opened = before.auth == "NONE" != after.auth
    return WIDENS if opened or (before.auth == after.auth and before.jwt != after.jwt) else ""


def cors_risk(before: Cors | None, after: Cors | None) -> str:
    """Return the risk of cross-origin rules: whether browsers allow more origins."""
    if before is None:
        return ""
    wanted = after or Cors()
    more = (
        {*before.origins} - {*wanted.origins},
        {*before.methods} - {*wanted.methods},
        {*before.headers} - {*wanted.headers},
        before.credentials and not wanted.credentials,
    )
    return WIDENS if any(more) else ""


def leftovers_risk(before: tuple[Leftover, ...], _after: tuple[Leftover, ...]) -> str:
    """Return the risk of leftovers: another stage has its own throttling, or none."""
    return WIDENS if any(isinstance(one, OtherStage) for one in before) else ""
