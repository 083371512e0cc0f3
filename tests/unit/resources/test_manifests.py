"""Manifests as registries keep them: what Lambda takes, and what can be made of the others."""

import json
from typing import Any

import pytest

from mldeploy.resources.manifests import Manifest, manifest_for, mended, refusal

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
CONFIGS = {
    "docker": "application/vnd.docker.container.image.v1+json",
    "oci": "application/vnd.oci.image.config.v1+json",
}
LAYERS = {
    "docker": "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "docker plain": "application/vnd.docker.image.rootfs.diff.tar",
    "docker foreign": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "oci": "application/vnd.oci.image.layer.v1.tar+gzip",
    "oci plain": "application/vnd.oci.image.layer.v1.tar",
    "oci zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
}


def manifest(media_type: str, config: str, *layers: str, named: bool = True) -> Manifest:
    body: dict[str, Any] = {
        "schemaVersion": 2,
        "config": {"mediaType": CONFIGS[config], "size": 9, "digest": "sha256:c"},
        "layers": [
            {"mediaType": LAYERS[kind], "size": number, "digest": f"sha256:{number}"}
            for number, kind in enumerate(layers)
        ],
    }
    if named:
        body["mediaType"] = media_type
    return Manifest(json.dumps(body), media_type)


TAKEN = [
    manifest(DOCKER, "docker", "docker"),
    manifest(DOCKER, "docker", "docker", "docker plain"),
    manifest(OCI, "oci", "oci", "oci plain"),
    manifest(OCI, "oci", "oci", named=False),
    manifest(OCI, "oci", "oci zstd"),
]
MIXED = [
    # What Docker 28.5 with a containerd store pushed of an image of its classic builder.
    manifest(OCI, "oci", "docker plain", "docker", "oci"),
    manifest(OCI, "docker", "docker"),
    manifest(OCI, "docker", "oci"),
    manifest(DOCKER, "oci", "docker"),
    manifest(DOCKER, "docker", "oci"),
]


@pytest.mark.parametrize("one", TAKEN)
def test_a_manifest_of_one_family_stays_as_it_is(one: Manifest) -> None:
    """Docker's and OCI's types are taken, each with its own kind."""
    assert refusal(one) == ""


@pytest.mark.parametrize("one", MIXED)
def test_a_mixed_manifest_is_mended_without_touching_the_image(one: Manifest) -> None:
    """Configuration and layers keep digest, size and order; only their types change."""
    assert "Docker and of OCI" in refusal(one)
    new = mended(one)
    assert new is not None
    assert refusal(new) == ""
    assert new.media_type == new.content["mediaType"] == DOCKER
    assert new.content["config"]["mediaType"] == CONFIGS["docker"]
    before, after = one.content, new.content
    for old, part in zip(
        (before["config"], *before["layers"]), (after["config"], *after["layers"]), strict=True
    ):
        assert (part["digest"], part["size"]) == (old["digest"], old["size"])
        plain = old["mediaType"].endswith("tar")
        assert part["mediaType"].endswith("tar") == plain
        assert "docker" in part["mediaType"]


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (manifest(DOCKER, "docker", "docker", "docker foreign"), "foreign.diff"),
        (manifest(OCI, "oci", "docker", "oci zstd"), "Docker and of OCI"),
        (Manifest("{}", DOCKER), "without a configuration"),
        (Manifest("no JSON", OCI), "without a configuration"),
        (Manifest("[]", OCI), "without a configuration"),
        (Manifest("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"), "v1+pretty"),
        (Manifest("{}", ""), "(none)"),
    ],
)
def test_what_cannot_be_mended_is_said(one: Manifest, says: str) -> None:
    """Layers that aren't in the registry, another compression, and what is no manifest."""
    assert says in refusal(one)
    assert mended(one) is None


INDEX = "application/vnd.oci.image.index.v1+json"
ATTESTATION = {
    "mediaType": OCI,
    "digest": "sha256:att",
    "platform": {"os": "unknown", "architecture": "unknown"},
    "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
}


def entry(digest: str, architecture: str, **more: str) -> dict[str, Any]:
    platform = {"os": "linux", "architecture": architecture, **more}
    return {"mediaType": OCI, "digest": digest, "platform": platform}


@pytest.mark.parametrize(
    ("entries", "digest"),
    [
        ([ATTESTATION, entry("sha256:a", "amd64")], "sha256:a"),
        ([entry("sha256:b", "arm64", variant="v8"), entry("sha256:a", "amd64")], "sha256:a"),
        ([{"mediaType": OCI, "digest": "sha256:a"}], "sha256:a"),
        ([{"digest": "sha256:a"}], "sha256:a"),
        ([{"digest": "sha256:a"}, ATTESTATION], ""),
        ([{"digest": "sha256:a"}, {"digest": "sha256:b"}], ""),
        ([entry("sha256:b", "arm64"), ATTESTATION], ""),
        (
            [
                {
                    **entry("sha256:a", "amd64"),
                    "platform": {"os": "windows", "architecture": "amd64"},
                }
            ],
            "",
        ),
        ([{**entry("sha256:a", "amd64"), "mediaType": INDEX}], ""),
        ([ATTESTATION], ""),
        ([], ""),
        (["no entry"], ""),
    ],
)
def test_an_index_gives_the_platforms_own_manifest(entries: list[Any], digest: str) -> None:
    """Not the attestation, not another platform's, and none where it is a guess."""
    index = Manifest(json.dumps({"manifests": entries}), INDEX)
    assert "index" in refusal(index)
    assert mended(index) is None
    assert manifest_for(index, "amd64") == digest


def test_a_digest_is_of_the_bytes() -> None:
    """OCI distribution specification, "Digests": what `printf '{}' | sha256sum` says."""
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert Manifest("{}", OCI).digest == f"sha256:{empty}"
