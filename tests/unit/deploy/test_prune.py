"""What a deploy removes afterwards: versions, images, and the documents beside them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mldeploy.deploy.prune import candidates, orphans, superseded
from mldeploy.facts.thresholds import YOUNG
from mldeploy.resources.alias import Alias

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RELEASES = {"1": "a", "2": "b", "3": "c", "4": "d"}

VERSIONS = {
    "the newest stay": (2, Alias("f", "d", version="4"), ["1", "2"]),
    "all stay where there aren't more than are kept": (4, Alias("f", "d", version="4"), []),
    "the live one stays, however old": (1, Alias("f", "a", version="1"), ["2", "3"]),
    "the one that a rollback goes back to stays": (
        1, Alias("f", "d", version="4", previous="b"), ["1", "3"],
    ),
    "without an alias only the newest stay": (3, None, ["1"]),
}  # fmt: skip


@pytest.mark.parametrize("case", VERSIONS)
def test_old_versions_go(case: str) -> None:
    """Four versions; so many are kept."""
    keep, alias, gone = VERSIONS[case]
    assert superseded(RELEASES, keep, alias) == gone


def test_a_version_without_a_release_is_none_to_go_back_to() -> None:
    """An alias that remembers none keeps none."""
    assert superseded({"1": "", "2": "b"}, 1, Alias("f", "b", version="2")) == ["1"]


def image(name: str, minutes: float, *tags: str) -> dict[str, Any]:
    return {
        "imageDigest": name,
        "imagePushedAt": NOW - timedelta(minutes=minutes),
        **({"imageTags": list(tags)} if tags else {}),
    }


IMAGES = {
    "old ones, if there are more than are kept": (
        [image("a", 90, "t1"), image("b", 80, "t2"), image("c", 70, "t3")], 2, ["a", "b", "c"],
    ),
    "no young one, which a deploy may have pushed that still runs": (
        [image("a", 90, "t1"), image("b", 59, "t2"), image("c", 0, "t3")], 1, ["a"],
    ),
    "none of few": ([image("a", 90, "t1"), image("b", 80, "t2")], 2, []),
    "of few those that pushes have left": (
        [image("a", 90, "t1"), image("b", 80, "incoming-1"), image("c", 80)], 3, ["b", "c"],
    ),
    "not even those while they are young": ([image("b", 10, "incoming-1")], 3, []),
    "a release's image isn't a push's, whatever tag it has besides": (
        [image("a", 90, "incoming-1", "t1")], 3, [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IMAGES)
def test_images_that_may_go(case: str) -> None:
    """Unless something uses them."""
    images, keep, found = IMAGES[case]
    assert candidates(images, keep, NOW) == found


def test_an_image_is_young_for_an_hour() -> None:
    """To the second."""
    assert candidates([image("a", 60, "t")], 0, NOW) == []
    assert candidates([image("a", 60, "t")], 0, NOW + timedelta(seconds=1)) == ["a"]
    assert timedelta(hours=1) == YOUNG


def test_documents_go_with_their_image_and_their_index_goes_first() -> None:
    """ECR deletes no manifest that an index names."""
    documents: list[dict[str, Any]] = [
        {"imageDigest": "signature", "subjectManifestDigest": "sha256:gone"},
        {"imageDigest": "index", "subjectManifestDigest": "sha256:gone", "imageTags": ["sha256-x"]},
        {"imageDigest": "another's", "subjectManifestDigest": "sha256:kept"},
    ]
    assert orphans(documents, {"sha256:kept"}) == [["index"], ["signature"]]
    assert orphans(documents, {"sha256:kept", "sha256:gone"}) == [[], []]
