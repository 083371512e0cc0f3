"""Which releases are verified before an alias moves."""

from dataclasses import replace

import pytest

from mldeploy.deploy.prove import new_releases
from mldeploy.plan.diff import Action, Change
from mldeploy.resources.alias import Alias, Canary

OLD, NEW = Alias("f", "old"), Alias("f", "new")
TRIED = replace(OLD, canary=Canary("new", 0.1))

CHANGES = {
    "a first release": (None, NEW, ["new"]),
    "one that replaces another": (OLD, NEW, ["new"]),
    "one that is tried out": (OLD, TRIED, ["new"]),
    "both, where neither was served": (Alias("f", "older"), TRIED, ["old", "new"]),
    "a canary that gets all requests, once more": (TRIED, NEW, ["new"]),
    "not the one that gets them back": (TRIED, OLD, []),
    "not the one that is served": (OLD, replace(OLD, weights="50% to version 3"), []),
    "nothing where the alias goes": (OLD, None, []),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_verified(case: str) -> None:
    """Whatever gets requests and had none in full before."""
    before, after, releases = CHANGES[case]
    action: Action = "create" if before is None else "delete" if after is None else "update"
    assert new_releases(Change(action, before, after)) == releases
