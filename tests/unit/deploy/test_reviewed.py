"""What differs between a plan that was reviewed and the one that would be carried out."""

from typing import Any

import pytest

from mldeploy.deploy.reviewed import differing

THEN: dict[str, Any] = {
    "mldeploy": "1.0",
    "place": {"project": "iris", "stage": "dev"},
    "images": {"predict": "t1"},
    "configuration": "c",
    "wanted": {"function f": "1", "alias f": "1"},
    "observed": {"function f": "0"},
    "unfinished": False,
}

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    "another version of mldeploy": ({"mldeploy": "1.1"}, ["mldeploy: 1.0 → 1.1"]),
    "another stage": (
        {"place": {"project": "iris", "stage": "prod"}}, ["stage: dev → prod"],
    ),
    "another model": ({"images": {"predict": "t2"}}, ["image of predict: t1 → t2"]),
    "a further function": (
        {"images": {"predict": "t1", "check": "t3"}}, ["image of check: (none) → t3"],
    ),
    "a setting": (
        {"configuration": "d"}, ["the configuration: mldeploy.toml, a variable or a flag"],
    ),
    "a resource in AWS": ({"observed": {"function f": "2"}}, ["in AWS: function f is another"]),
    "one that came": (
        {"observed": {"function f": "0", "alias f": "1"}}, ["in AWS: alias f is new"],
    ),
    "one that went": ({"observed": {}}, ["in AWS: function f is gone"]),
    "what is wanted": (
        {"wanted": {"function f": "2", "alias f": "1"}}, ["wanted: function f is another"],
    ),
    "a canary that began": ({"unfinished": True}, ["in AWS: whether a canary is in progress"]),
    "the most telling first": (
        {"observed": {}, "mldeploy": "1.1", "images": {"predict": "t2"}},
        ["mldeploy: 1.0 → 1.1", "image of predict: t1 → t2", "in AWS: function f is gone"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_moved_since_the_review(case: str) -> None:
    """As sentences of the error."""
    changed, found = CASES[case]
    assert list(differing({**THEN, **changed}, THEN)) == found


def test_a_file_that_lacks_a_part_differs_in_it() -> None:
    """Somebody may have shortened it."""
    assert list(differing(THEN, {"mldeploy": "1.0"})) == [
        "project: (none) → iris",
        "stage: (none) → dev",
        "image of predict: (none) → t1",
        "the configuration: mldeploy.toml, a variable or a flag",
        "in AWS: function f is new",
        "wanted: alias f is new",
        "wanted: function f is new",
        "in AWS: whether a canary is in progress",
    ]
