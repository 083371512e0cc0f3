"""Image manifests in a registry: whether Lambda accepts them, and how to fix them.

A manifest, its configuration and its layers each have a media type, of Docker or of OCI. Lambda
accepts only a single image whose types belong to the same family (Lambda developer guide, "Create a
Lambda function using a container image", requirements: Docker image manifest V2 schema 2, or OCI;
no multi-architecture images). Docker 28.5 with the containerd image store pushes images of its
classic builder as OCI manifests with layers of both families.
"""

import json
from dataclasses import dataclass
from typing import Any

from mldeploy.facts.media_types import (
    DOCKER_CONFIGURATION,
    DOCKER_MANIFEST,
    INDEX_TYPES,
    MANIFEST_TYPES,
    OCI_CONFIGURATION,
    OCI_MANIFEST,
)
from mldeploy.text.digests import registry_digest

_OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
_DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
_IN_DOCKER = {
    OCI_MANIFEST: DOCKER_MANIFEST,
    OCI_CONFIGURATION: DOCKER_CONFIGURATION,
    _OCI_LAYER: _DOCKER_LAYER,
    f"{_OCI_LAYER}+gzip": f"{_DOCKER_LAYER}.gzip",
}
"""OCI's types and Docker's for the same bytes.

Sources: https://github.com/opencontainers/image-spec/blob/main/media-types.md, "Compatibility
Matrix"; Docker's plain tar is `MediaTypeUncompressedLayer` of distribution's manifest/schema2.
"""
_OCI = {*_IN_DOCKER, f"{_OCI_LAYER}+zstd"}
_DOCKER = set(_IN_DOCKER.values())


@dataclass(frozen=True)
class Manifest:
    """A manifest's exact text in the registry, and its media type."""

    text: str
    media_type: str

    @property
    def digest(self) -> str:
        """Its digest in a registry."""
        return registry_digest(self.text.encode())

    @property
    def content(self) -> dict[str, Any]:
        """The parsed manifest; empty if it is invalid."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def configuration(self) -> str:
        """The digest of the image's configuration, or ""."""
        return str(self.content.get("config", {}).get("digest", ""))

    @property
    def is_index(self) -> bool:
        """Whether it is an index of other manifests."""
        return self.media_type in INDEX_TYPES


def refusal(manifest: Manifest) -> str:
    """Return why Lambda refuses a manifest, or ""."""
    if manifest.is_index:
        return "an index of several manifests"
    if manifest.media_type not in MANIFEST_TYPES:
        return f"a manifest of the type {manifest.media_type or '(none)'}"
    content = manifest.content
    if not isinstance(content.get("config"), dict) or not isinstance(content.get("layers"), list):
        return "a manifest without a configuration or layers"
    types = [manifest.media_type, *_parts(content)]
    unknown = [one for one in types if one not in _OCI | _DOCKER]
    if unknown:
        return f"a part of the type {unknown[0] or '(none)'}"
    if set(types) <= _OCI or set(types) <= _DOCKER:
        return ""
    return "one manifest with media types of Docker and of OCI"


def mended(manifest: Manifest) -> Manifest | None:
    """Return the manifest with only Docker's media types, or None if that isn't possible.

    The configuration and the layers don't change, only their media types.
    """
    content = manifest.content
    types = _parts(content) if manifest.media_type in MANIFEST_TYPES else []
    if not types or any(one not in _DOCKER and one not in _IN_DOCKER for one in types):
        return None
    body = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": _in_docker(content["config"]),
        "layers": [_in_docker(one) for one in content["layers"]],
    }
    return Manifest(json.dumps(body, indent=3), DOCKER_MANIFEST)


def _in_docker(part: dict[str, Any]) -> dict[str, Any]:
    media_type = part["mediaType"]
    return {
        "mediaType": _IN_DOCKER.get(media_type, media_type),
        "size": part["size"],
        "digest": part["digest"],
    }


def _parts(content: dict[str, Any]) -> list[str]:
    """Return the types of the configuration and of the layers."""
    try:
        return [str(one.get("mediaType", "")) for one in (content["config"], *content["layers"])]
    except (AttributeError, KeyError, TypeError):
        return []


def manifest_for(index: Manifest, architecture: str) -> str:
    """Return the digest of an index's manifest for Linux on an architecture, or "".

    Attestations are in an index as manifests for the platform "unknown"
    (docs.docker.com, "Image attestation storage").
    """
    named = [one for one in index.content.get("manifests", []) if isinstance(one, dict)]
    images = [one for one in named if one.get("mediaType", OCI_MANIFEST) in MANIFEST_TYPES]
    for one in images:
        platform = one.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == ("linux", architecture):
            return str(one.get("digest", ""))
    # An index of one manifest may omit its platform.
    alone = [one for one in images if not one.get("platform")]
    return str(alone[0].get("digest", "")) if len(images) == len(alone) == 1 else ""
