"""What differences of an HTTP API mean: see `risk`."""

from mldeploy.resources.http_api.leftovers import Leftover, OtherStage
from mldeploy.resources.http_api.parts import Cors, Route
from mldeploy.resources.risk import ENDANGERS, WIDENS


def routes_risk(before: Route | None, after: Route | None) -> str:
    """Judge a route: who may call it, and whether a function of ours answers.

    One that isn't wanted and calls a function is let in by no permission of ours any more.
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
    """Judge cross-origin rules: which pages of others a browser lets in."""
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
    """Judge what is left over: a further stage has a throttling of its own, or none."""
    return WIDENS if any(isinstance(one, OtherStage) for one in before) else ""
