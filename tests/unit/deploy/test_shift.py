"""In which order a plan is carried out, what aliases note, and what goes back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mldeploy.deploy.shift import divided, former_routes, stamped, why_it_stays
from mldeploy.plan.diff import Change, Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Resource
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.parts import Route
from mldeploy.resources.log_group import LogGroup
from mldeploy.resources.provisioned import ProvisionedConcurrency
from mldeploy.resources.schedule import Schedule
from mldeploy.resources.version import Version

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOVED = "2026-03-01T12:00:00.000000Z"
LIVE = Alias("f", "old", version="1", moved="2026-02-01T00:00:00.000000Z", previous="older")


def plan_of(*changes: tuple[Resource | None, Resource | None]) -> Plan:
    return Plan(
        tuple(
            Change(
                "create" if before is None else "delete" if after is None else "update",
                before,
                after,
            )
            for before, after in changes
        )
    )


def test_what_takes_away_or_only_makes_quicker_waits_until_the_url_is_confirmed() -> None:
    """A request that meets the old release still finds all that it needs."""
    plan = plan_of(
        (None, LogGroup("f")),
        (Function("f", memory=128), Function("f", memory=256)),
        (None, Version("f", "new")),
        (LIVE, Alias("f", "new")),
        (None, ProvisionedConcurrency("f", 1)),
        (None, Schedule("f")),
        (Function("g"), None),
    )
    first, later = divided(plan)
    assert [one.subject.kind for one in first.changes] == [
        *("log group", "function", "version", "alias"),
    ]
    assert [one.step for one in later.changes] == [
        f"create provisioned concurrency {ProvisionedConcurrency('f').name}",
        f"create schedule {Schedule('f').name}",
        "delete function g",
    ]


STAMPS = {
    "an alias that moves notes when, and what it served": (LIVE, Alias("f", "new"), MOVED, "old"),
    "a first one has nothing to go back to": (None, Alias("f", "new"), MOVED, ""),
    "one that keeps its release keeps what is before it": (LIVE, Alias("f", "old"), MOVED, "older"),
    "a rollback has its own time": (
        LIVE, Alias("f", "older", moved="its own", previous="oldest"), "its own", "oldest",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STAMPS)
def test_what_an_alias_notes(case: str) -> None:
    """For the rollback, and for when a stage expires."""
    before, after, moved, previous = STAMPS[case]
    (change,) = stamped(plan_of((before, after)), NOW).changes
    assert isinstance(change.after, Alias)
    assert (change.after.moved, change.after.previous) == (moved, previous)
    assert (change.before, change.after) == (before, after)  # neither is compared


def test_other_changes_get_no_note() -> None:
    """Not even the deletion of an alias."""
    plan = plan_of((None, Function("f")), (LIVE, None))
    assert stamped(plan, NOW) == plan


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (LIVE, ""),
        (replace(LIVE, release="new"), ""),
        (replace(LIVE, release="new", lost=True), "the image that it served before is gone"),
        (replace(LIVE, release="new", by_hand=True), "mldeploy didn't publish the version"),
        (replace(LIVE, lost=True), ""),
    ],
    ids=["old", "new", "lost", "by hand", "lost, but of another release"],
)
def test_an_alias_goes_back_unless_that_would_be_worse(before: Alias, why: str) -> None:
    """It was moved to mend what it served."""
    found = why_it_stays(before, Alias("f", "new"))
    assert found.startswith(why) if why else not found


A, B = Route("POST /a", "f"), Route("POST /b", "f")
MOVED_A = replace(A, function="g")
ROUTES = {
    "a new route goes": (
        [A], [A, B], {"POST /a"}, [A],
        ["the route POST /b was removed: it is new in this deploy"],
    ),
    "a route that moved to another function returns": (
        [A], [MOVED_A], {"POST /a"}, [A], ["the route POST /a was restored"],
    ),
    "one that was removed returns": (
        [A, B], [A], {"POST /a", "POST /b"}, [A, B], ["the route POST /b was restored"],
    ),
    "one that didn't work before stays as it is": ([A], [MOVED_A], set(), [MOVED_A], []),
    "one that is let in is permitted, whatever was read of it": (
        [replace(A, permitted=False)], [A], {"POST /a"}, [A], [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ROUTES)
def test_routes_return(case: str) -> None:
    """To what answered before, as far as that worked."""
    old, now, let_in, routes, done = ROUTES[case]
    assert former_routes(old, now, let_in) == (tuple(routes), done)
