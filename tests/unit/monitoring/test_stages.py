"""When a stage expires."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from mldeploy.config import TAG_TTL
from mldeploy.monitoring.stages import stage_of
from mldeploy.monitoring.where import Live
from mldeploy.resources.log_group import FoundGroup

PREFIX = "mldeploy_iris_pr-1_"
MADE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

STAGES = {
    "it lives from the last release on": (["3d"], ["2026-03-05T00:00:00Z"], "2026-03-08T00:00:00Z"),
    "of several functions the last one that moved counts": (
        ["3d", "3d"],
        ["2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z"],
        "2026-03-09T00:00:00Z",
    ),
    "without a release it lives from its first log group on": (
        ["1h", "1h"], [], "2026-03-01T13:00:00Z",
    ),
    "so does one whose alias somebody described": (["1h"], ["words"], "2026-03-01T13:00:00Z"),
    "without a time to live it lives for ever": ([""], ["2026-03-05T00:00:00Z"], ""),
    "so does one with a function that has none": (["3d", ""], ["2026-03-05T00:00:00Z"], ""),
    "the longest of different ones counts": (
        ["1h", "3d"], ["2026-03-05T00:00:00Z"], "2026-03-08T00:00:00Z",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STAGES)
def test_when_a_stage_expires(case: str) -> None:
    """By the tags of its log groups and the times of its releases."""
    lives, moved, expires = STAGES[case]
    found = stage_of("pr-1", PREFIX, groups(lives), tuple(live(one) for one in moved))
    assert found.expires == expires


def groups(lives: Sequence[str]) -> list[FoundGroup]:
    return [
        FoundGroup(f"{PREFIX}f{number}", MADE + timedelta(days=number), {TAG_TTL: one})
        for number, one in enumerate(lives)
    ]


def live(moved: str) -> Live:
    return Live("f0", "r1", "1", moved)


def test_a_stage_is_named_by_the_file_s_names() -> None:
    """Functions without the prefix that AWS knows."""
    assert stage_of("pr-1", PREFIX, groups(["", ""]), ()).functions == ("f0", "f1")


@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2026-03-07T23:59:59Z", False),
        ("2026-03-08T00:00:00Z", True),
        ("2027-01-01T00:00:00Z", True),
    ],
)
def test_it_has_expired_when_its_time_is_over(now: str, *, over: bool) -> None:
    """To the second; one without a time to live never has."""
    moved = (live("2026-03-05T00:00:00Z"),)
    moment = datetime.fromisoformat(now)
    assert stage_of("pr-1", PREFIX, groups(["3d"]), moved).at(moment).expired is over
    assert not stage_of("pr-1", PREFIX, groups([""]), moved).at(moment).expired
