"""Where a rollback goes, of which functions, and what it notes for the next one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mldeploy.errors import MldeployError
from mldeploy.monitoring.releases import facts_of_note, released, way_back
from mldeploy.resources.alias import Alias, Canary
from mldeploy.resources.lambda_state import RELEASE

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MOVED = "2026-03-01T12:00:00.000000Z"
FIRST, SECOND = "2026-02-01T00:00:00.000000Z", "2026-02-02T00:00:00.000000Z"
HISTORY = {
    "f": {"1": "aaaa1", "2": "bbbb2", "3": "cccc3"},
    "g": {"1": "aaaa1", "2": "dddd4"},
}
F = Alias("f", "cccc3", version="3", moved=SECOND, previous="bbbb2")
G = Alias("g", "dddd4", version="2", moved=SECOND, previous="aaaa1")

ROLLBACKS = {
    "one function goes back to what it served before": ((F,), None, {"f": "bbbb2"}),
    "which needn't be the version before": (
        (replace(F, previous="aaaa1"),), None, {"f": "aaaa1"},
    ),
    "a release that was pruned is passed over": (
        (replace(F, previous="pruned"),), None, {"f": "bbbb2"},
    ),
    "functions that moved together go back together": ((F, G), None, {"f": "bbbb2", "g": "aaaa1"}),
    "one that moved alone goes back alone": ((F, replace(G, moved=FIRST)), None, {"f": "bbbb2"}),
    "a canary is undone, and nothing else": (
        (replace(F, canary=Canary("dddd4", 0.1)), replace(G, weights="50% to version 1")),
        None, {"f": "cccc3"},
    ),
    "a release is named by the beginning of its id": ((F, G), "aaaa", {"f": "aaaa1", "g": "aaaa1"}),
    "functions that don't have it stay": ((F, G), "bbbb2", {"f": "bbbb2"}),
    "or by a version's number, of one function": ((F,), "1", {"f": "aaaa1"}),
    "the release that is live changes nothing": ((F,), "cccc3", {}),
    "but naming it takes weights of somebody else away": (
        (replace(F, weights="50% to version 1"),), "cccc3", {"f": "cccc3"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ROLLBACKS)
def test_where_a_rollback_goes(case: str) -> None:
    """What aliases serve afterwards, without a canary or a weight."""
    aliases, wanted, found = ROLLBACKS[case]
    plan = way_back(aliases, wanted, HISTORY.__getitem__, NOW, whole=True)
    moved = [one.after for one in plan.changes if isinstance(one.after, Alias)]
    assert {one.function: one.release for one in moved} == found
    assert not [one for one in moved if one.canary or one.weights]


def test_a_rollback_notes_what_the_next_one_needs() -> None:
    """When it was done, what it took back, and the release that is older still."""
    (change,) = way_back([F], None, HISTORY.__getitem__, NOW, whole=True).changes
    after = change.after
    assert isinstance(after, Alias)
    assert (after.moved, after.undid, after.previous) == (MOVED, SECOND, "aaaa1")


def test_a_rollback_of_one_function_takes_no_deploy_back() -> None:
    """The others still serve what came with it."""
    (change,) = way_back([F], None, HISTORY.__getitem__, NOW, whole=False).changes
    assert isinstance(change.after, Alias)
    assert change.after.undid == ""


def test_a_rollback_that_died_half_way_is_finished_by_the_next() -> None:
    """The function that it had left goes back, noted as if the first run had done it."""
    begun = "2026-02-28T00:00:00.000000Z"
    done = replace(F, release="bbbb2", version="2", moved=begun, undid=SECOND)
    (change,) = way_back([done, G], None, HISTORY.__getitem__, NOW, whole=True).changes
    after = change.after
    assert isinstance(after, Alias)
    assert (after.function, after.release, after.moved) == ("g", "aaaa1", begun)


def test_a_finished_rollback_can_be_rolled_back_further() -> None:
    """Two in a row go two releases back."""
    done = [
        replace(F, release="bbbb2", version="2", moved=MOVED, undid=SECOND, previous="aaaa1"),
        replace(G, release="aaaa1", version="1", moved=MOVED, undid=SECOND, previous=""),
    ]
    with pytest.raises(MldeployError, match="g has no release before version 1"):
        way_back(done, None, HISTORY.__getitem__, NOW, whole=True)
    (change,) = way_back(done[:1], None, HISTORY.__getitem__, NOW, whole=True).changes
    assert isinstance(change.after, Alias)
    assert change.after.release == "aaaa1"


@pytest.mark.parametrize(
    ("aliases", "wanted", "code", "text"),
    [
        ((replace(F, release="aaaa1", version="1", previous=""),), None, "MLD460", "f has no"),
        ((F, G), "ffff", "MLD461", "use one of these"),
        ((F,), "aaa", "MLD461", "use one of these"),
        ((F, G), "1", "MLD461", "pass --function with a version number"),
        ((F,), "9", "MLD461", "use one of these"),
    ],
    ids=["the first release", "an unknown one", "three letters", "a number of two", "a number"],
)
def test_what_there_is_no_way_back_to(
    aliases: tuple[Alias, ...], wanted: str | None, code: str, text: str
) -> None:
    """The error says what there is, or why it is ambiguous."""
    with pytest.raises(MldeployError) as raised:
        way_back(aliases, wanted, HISTORY.__getitem__, NOW, whole=True)
    assert raised.value.code == code
    assert text in raised.value.message + (raised.value.hint or "")


SHARES = {
    "the live version has all requests": (Alias("f", "new", version="2"), 1.0, False),
    "an old one has none": (Alias("f", "newer", version="3"), 0.0, False),
    "one that is tried out has its share": (
        Alias("f", "old", version="1", canary=Canary("new", 0.1)), 0.1, True,
    ),
    "the live one has the rest beside a canary": (
        Alias("f", "new", version="2", canary=Canary("newer", 0.1)), 0.9, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHARES)
def test_the_share_of_a_release(case: str) -> None:
    """Of version 2, which carries the release "new"."""
    alias, share, canary = SHARES[case]
    version = {"Version": "2", "Environment": {"Variables": {RELEASE: "new"}}}
    found = released(alias, version, "sha256:1")
    assert (found.release, found.share, found.canary) == ("new", share, canary)


@pytest.mark.parametrize(
    ("note", "facts"),
    [
        ("model=0123 git=abc r2=0.9667", {"model": "0123", "git": "abc", "r2": "0.9667"}),
        ("somebody's own words", {}),
        ("", {}),
    ],
)
def test_a_version_s_description_has_facts(note: str, facts: dict[str, str]) -> None:
    """Unless somebody else wrote it."""
    assert facts_of_note(note) == facts
