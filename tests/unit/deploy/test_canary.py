"""When a canary begins, how long it is watched, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import pytest

from mldeploy.config import DeployConfig
from mldeploy.deploy.canary import (
    Verdict,
    conclusion,
    is_decided,
    promotes,
    remaining_seconds,
    taken_back,
    with_canary,
)
from mldeploy.errors import MldeployError
from mldeploy.monitoring.evidence import Decision, Look, Minute, Outcome, decide
from mldeploy.plan.diff import Change, Plan
from mldeploy.resources.alias import Alias, Canary

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIVE = Alias("f", "old", version="1")
CANARY = Canary("new", 0.1, "2026-03-01T11:55:00Z", 600)
TRIED = replace(LIVE, canary=CANARY)
QUICK = 300.0
"""Milliseconds from which on a request is slow."""


def verdict(outcome: Outcome, because: str = "") -> Verdict:
    return Verdict("f", Decision(outcome, because), Look())


Figures = tuple[int, int, int]
FATES: dict[str, tuple[Figures, Figures, float | None, Literal["back", "promote"], bool]] = {
    "a canary with 5 errors in 50 requests is taken back": (
        (50, 5, 0), (450, 0, 0), QUICK, "back", False,
    ),
    "one that fails as often as the old release is promoted": (
        (50, 5, 0), (450, 45, 0), QUICK, "back", True,
    ),
    "one without an error is promoted": ((50, 0, 0), (450, 0, 0), QUICK, "back", True),
    "one error in 50 requests proves nothing": ((50, 1, 0), (450, 0, 0), QUICK, "back", True),
    "2 errors in 50 requests are suspicious, and that is enough not to promote": (
        (50, 2, 0), (450, 0, 0), QUICK, "back", False,
    ),
    "unless doubtful ones are to be promoted": (
        (50, 2, 0), (450, 0, 0), QUICK, "promote", True,
    ),
    "a slow one is taken back, whatever becomes of doubtful ones": (
        (50, 0, 25), (450, 0, 0), QUICK, "promote", False,
    ),
    "one that got too few requests is taken back": (
        (49, 0, 0), (450, 0, 0), QUICK, "back", False,
    ),
    "so is one whose old release got too few": ((50, 0, 0), (49, 0, 0), QUICK, "back", False),
    "so is one whose latency can't be compared": (
        (50, 0, 0), (450, 0, 0), None, "back", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("fate", FATES)
def test_what_becomes_of_a_canary(fate: str) -> None:
    """Figures of one minute of the new and the old release: (requests, failed, slow)."""
    new, old, limit, doubtful, promoted = FATES[fate]
    decision = decide(Look((Minute(*old),), (Minute(*new),), limit), least=50)
    settings = DeployConfig(canary_requests=50, canary_inconclusive=doubtful)
    assert promotes([Verdict("f", decision, Look())], settings) is promoted


@pytest.mark.parametrize(
    ("outcomes", "promoted"),
    [
        (("good", "good"), True),
        (("good", "worse"), False),
        (("good", "inconclusive"), False),
    ],
)
def test_releases_are_promoted_together_or_not_at_all(
    outcomes: tuple[Outcome, ...], *, promoted: bool
) -> None:
    """One function's release that isn't good takes the others' back."""
    assert promotes([verdict(one) for one in outcomes], DeployConfig()) is promoted


@pytest.mark.parametrize(
    ("outcomes", "over", "decided"),
    [
        (("worse",), False, True),
        (("good", "worse"), False, True),
        (("good",), False, False),
        (("good", "good"), True, True),
        (("inconclusive",), True, False),
        (("good", "inconclusive"), True, False),
    ],
)
def test_a_bad_canary_ends_early_and_a_doubtful_one_late(
    outcomes: tuple[Outcome, ...], *, over: bool, decided: bool
) -> None:
    """A good one has its whole time; figures of an inconclusive one may still come."""
    assert is_decided([verdict(one) for one in outcomes], over=over) is decided


UPDATES = {
    "a new release gets its share first": (
        LIVE, Alias("f", "new"), 0.1,
        replace(Alias("f", "old"), canary=Canary("new", 0.1, "2026-03-01T12:00:00Z", 600)),
    ),
    "without a share it gets all requests": (LIVE, Alias("f", "new"), 0.0, Alias("f", "new")),
    "the same release needs no canary": (
        replace(LIVE, weights="50% to version 3"), Alias("f", "old"), 0.1, Alias("f", "old"),
    ),
    "a first release has none beside it": (None, Alias("f", "new"), 0.1, Alias("f", "new")),
}  # fmt: skip


@pytest.mark.parametrize("name", UPDATES)
def test_a_canary_begins_where_a_release_is_replaced(name: str) -> None:
    """What the plan does to the alias."""
    before, after, share, wanted = UPDATES[name]
    change = Change("update" if before else "create", before, after)
    (found,) = with_canary(Plan((change,)), share, 600, NOW).changes
    assert found.after == wanted
    canary = found.after.canary if isinstance(found.after, Alias) else None
    assert wanted.canary is None or (canary and canary.started == wanted.canary.started)
    assert wanted.canary is None or (canary and canary.seconds == 600)


@pytest.mark.parametrize("beside", [True, False])
def test_jobs_have_a_canary_only_beside_requests(*, beside: bool) -> None:
    """They tell nothing of a release, so alone a batch function would have an undecided one."""
    batch = Change("update", replace(LIVE, function="f-batch"), Alias("f-batch", "new"))
    changes = (batch, *([Change("update", LIVE, Alias("f", "new"))] if beside else []))
    found = with_canary(Plan(changes), 0.1, 600, NOW).changes[0].after
    assert isinstance(found, Alias)
    assert (found.canary is not None) is beside


def test_a_canary_in_progress_goes_on_where_its_release_is_deployed() -> None:
    """Nothing is changed before it is decided."""
    change = Change("update", TRIED, Alias("f", "new"))
    assert with_canary(Plan((change,)), 0.1, 600, NOW).changes == ()


def test_a_canary_in_progress_is_in_the_way_of_another_release() -> None:
    """MLD462 names both."""
    change = Change("update", TRIED, Alias("f", "newer"))
    with pytest.raises(MldeployError) as raised:
        with_canary(Plan((change,)), 0.1, 600, NOW)
    assert raised.value.code == "MLD462"
    assert "release new 10%" in raised.value.message
    assert "release newer" in raised.value.message


@pytest.mark.parametrize(
    ("started", "seconds", "remaining"),
    [
        ("2026-03-01T11:55:00Z", 600, 300.0),
        ("2026-03-01T11:00:00Z", 600, 0.0),
        ("somebody's words", 600, 600.0),
    ],
)
def test_what_is_left_of_its_time(started: str, seconds: int, remaining: float) -> None:
    """A description that can't be read lets it begin now."""
    alias = replace(LIVE, canary=Canary("new", 0.1, started, seconds))
    assert remaining_seconds(alias, NOW) == remaining
    assert remaining_seconds(LIVE, NOW) == 0.0


@pytest.mark.parametrize(("good", "release"), [(True, "new"), (False, "old")])
def test_its_end_gives_one_release_all_requests(*, good: bool, release: str) -> None:
    """The new one if it is good, else the old one; no weight is left."""
    (change,) = conclusion([TRIED], good=good).changes
    assert change == Change("update", TRIED, Alias("f", release))


@pytest.mark.parametrize(
    ("outcomes", "code", "named"),
    [
        (("inconclusive", "worse"), "MLD506", "g"),
        (("good", "inconclusive"), "MLD520", "g"),
    ],
)
def test_the_error_names_what_was_decisive(
    outcomes: tuple[Outcome, ...], code: str, named: str
) -> None:
    """A worse release comes before a doubtful one."""
    verdicts = [
        replace(verdict(one, f"because of {name}"), function=name)
        for name, one in zip("fg", outcomes, strict=True)
    ]
    error = taken_back(verdicts)
    assert error.code == code
    assert f"{named}: because of {named}" in error.message
    assert len(error.details) == 2
