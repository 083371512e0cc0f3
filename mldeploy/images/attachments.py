"""Documents attached to an image in its registry: manifests with the image as their subject.

The image's own manifest doesn't refer to them, because Lambda refuses an index.
Source: https://github.com/opencontainers/image-spec/blob/main/manifest.md, "Guidelines for Artifact
Usage"; the distribution specification, "Referrers Tag Schema".
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mldeploy.facts.media_types import OCI_INDEX, OCI_MANIFEST
from mldeploy.text.digests import registry_digest

EMPTY = b"{}"
_EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
FALLBACK = "sha256-"
_TAG = re.compile(r"sha256-([0-9a-f]{64})(\.\w+)?", re.ASCII)


@dataclass(frozen=True)
class Subject:
    """The image that documents describe. `size`: bytes of its manifest."""

    digest: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Document:
    """A document about an image."""

    media_type: str
    content: bytes


def manifest_of(document: Document, subject: Subject) -> bytes:
    """Return the manifest of a document."""
    body = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": document.media_type,
        "config": _descriptor(_EMPTY_TYPE, EMPTY),
        "layers": [_descriptor(document.media_type, document.content)],
        "subject": {
            "mediaType": subject.media_type,
            "digest": subject.digest,
            "size": subject.size,
        },
    }
    return json.dumps(body, sort_keys=True).encode()


def index_of(documents: Iterable[Document], subject: Subject) -> bytes:
    """Return the index of an image's documents, for a registry without a referrers API."""
    named = [
        {**_descriptor(OCI_MANIFEST, manifest_of(one, subject)), "artifactType": one.media_type}
        for one in documents
    ]
    body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": named}
    return json.dumps(body, sort_keys=True).encode()


def fallback_tag(digest: str) -> str:
    """Return the tag of the index of an image's documents."""
    return digest.replace(":", "-")


def subject_of(tag: str) -> str:
    """Return the digest of the image that a fallback tag refers to, or "".

    This includes cosign's tags, such as `sha256-….sig`.
    """
    found = _TAG.fullmatch(tag)
    return f"sha256:{found[1]}" if found else ""


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    digest = registry_digest(content)
    return {"mediaType": media_type, "digest": digest, "size": len(content)}
