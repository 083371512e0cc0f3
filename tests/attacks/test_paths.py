"""A digest comes from a manifest, which anybody may have pushed: it must not lead anywhere else."""

import json
from pathlib import Path

import pytest

from mldeploy.embedded.images import HereImage, locate, store

DIGESTS = [
    "sha256:../../secret",
    "../secret",
    "sha256:" + "A" * 64,
    "sha256:" + "0" * 63,
    "",
    "/etc",
]


@pytest.mark.parametrize("digest", DIGESTS)
def test_a_digest_is_no_path(digest: str, tmp_path: Path) -> None:
    """A file beside the folder isn't read, whatever a manifest says."""
    cloud = tmp_path / "cloud"
    cloud.mkdir()
    manifest = json.loads(store(cloud, HereImage("id"), {}, "amd64"))
    assert locate(cloud, json.dumps(manifest)).engine == "id"
    (kept,) = (cloud / "blobs").iterdir()
    for place in (tmp_path / "secret.json", cloud / "secret.json", cloud / "blobs" / ".json"):
        place.write_bytes(kept.read_bytes())
    manifest["config"]["digest"] = digest
    with pytest.raises(FileNotFoundError):
        locate(cloud, json.dumps(manifest))
