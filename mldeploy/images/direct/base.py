"""Reads an image's manifest and configuration from a registry."""

import json
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.facts.media_types import INDEX_TYPES
from mldeploy.http.repository import Repository
from mldeploy.images.direct.document import Base, base_from, unusable


def read_base(source: Repository, reference: str, name: str, platform: str) -> Base:
    """Read a base image's manifest and configuration; in an index, those of the platform.

    Args:
        source: the image's repository.
        reference: its tag or digest.
        name: its name in messages.
        platform: "linux/amd64" or "linux/arm64".

    Raises:
        MldeployError: MLD358 to MLD360.
    """
    media_type, manifest = _manifest(source, reference, name)
    if media_type in INDEX_TYPES:
        media_type, manifest = _manifest(source, _child_of(manifest, platform, name), name)
    configuration = source.small_blob(_configuration_of(manifest, name))
    return base_from(name, media_type, manifest, configuration)


def labels_of(source: Repository, digest: str) -> dict[str, str]:
    """Return an image's labels; empty if they can't be read.

    Args:
        source: the image's repository.
        digest: of its manifest.
    """
    try:
        _, manifest = _manifest(source, digest, digest)
        configuration = json.loads(source.small_blob(_configuration_of(manifest, digest)))
        labels = (configuration.get("config") or {}).get("Labels") or {}
        return {str(name): str(value) for name, value in labels.items()}
    except (MldeployError, ValueError, AttributeError):
        return {}


def _manifest(source: Repository, reference: str, name: str) -> tuple[str, bytes]:
    found = source.manifest(reference)
    if found is None:
        raise unusable(name, "it isn't in its registry")
    return found


def _configuration_of(manifest: bytes, name: str) -> str:
    try:
        return str(json.loads(manifest)["config"]["digest"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise unusable(name, "its manifest can't be read") from error


def _child_of(index: bytes, platform: str, name: str) -> str:
    """Return the digest of an index's manifest for a platform."""
    wanted = tuple(platform.split("/"))
    try:
        for one in json.loads(index)["manifests"]:
            given: dict[str, Any] = one.get("platform") or {}
            if (given.get("os"), given.get("architecture")) == wanted:
                return str(one["digest"])
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise unusable(name, "its index can't be read") from error
    raise unusable(name, f"it has no variant for {platform}")
