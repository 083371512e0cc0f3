"""Text of plans: their place and their consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldeploy.facts.prices import price_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mldeploy.monitoring.where import Live, Where
    from mldeploy.plan.consequences import Consequences, ModelChange
    from mldeploy.render.words import Rows

Line = tuple[str, bool]
"""A text, and whether it is a warning."""


def where_rows(where: Where) -> Rows:
    """Return the place of a plan as labels and values."""
    found = () if where.live is None else where.live or (None,)
    stage = f"{where.stage} (expires {where.ttl} after its last release)" if where.ttl else ""
    return (
        ("project", where.project),
        ("stage", stage or where.stage),
        ("account", f"{where.account} ({where.alias})" if where.alias else where.account),
        ("region", f"{where.region} (from {where.region_from})"),
        ("target", where.target),
        *(("live", _live(one) if one else "nothing") for one in found),
    )


def _live(live: Live) -> str:
    canary = f"canary of release {live.canary} in progress" if live.canary else ""
    since = f"since {live.since}" if live.since else ""
    facts = (f"version {live.version}", since, live.metric, canary)
    return ", ".join((f"{live.function}: release {live.release}", *filter(None, facts)))


def meaning_lines(meaning: Consequences | None) -> tuple[Line, ...]:
    """Return the text of a plan's consequences."""
    return tuple(_lines(meaning)) if meaning else ()


def _lines(meaning: Consequences) -> Iterator[Line]:
    for one in meaning.models:
        yield from _model_lines(one)
    for text in meaning.opened:
        yield text, text.startswith("becomes PUBLIC")
    for text in meaning.readable:
        yield text, False
    if meaning.ceiling is not None:
        yield _cost(meaning.ceiling, meaning.region), False


def _model_lines(change: ModelChange) -> Iterator[Line]:
    yield f"model of {change.function}: {_sizes(change)}", False
    if not change.known:
        yield "    the live image has no description of its model to compare", False
    for text in change.differences:
        breaking = text in change.breaking
        yield f"    {'BREAKING: ' if breaking else ''}{text}", breaking


def _sizes(change: ModelChange) -> str:
    live, new = change.live_bytes, change.new_bytes
    before = "unknown" if live is None else f"{live / 1e6:.0f} MB"
    after = "known after the build" if new is None else f"{new / 1e6:.0f} MB"
    return f"image in ECR {before} → {after}"


def _cost(ceiling: float, region: str) -> str:
    listed = price_list(region)
    amount = f"${ceiling:.2f}" if ceiling < 10 else f"${ceiling:,.0f}"  # noqa: PLR2004 - cents
    return (
        f"requests can cost up to {amount} per hour, if all requests that [api] rate allows run "
        f"until their timeout (list prices of {listed.region}, {listed.month}); a lower rate, "
        "timeout, memory "
        "or reserved_concurrency lowers it"
    )
