"""Reads an image's bill of materials from ECR."""

import json
from collections.abc import Iterator
from typing import Any

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.facts.media_types import OCI_INDEX
from mldeploy.images.sbom import MEDIA_TYPE
from mldeploy.resources.base import Reads
from mldeploy.resources.ecr_images import all_documents, blob_of, read_manifest, subject_of
from mldeploy.text.digests import registry_digest


def bill_of(repository: str, digest: str, reads: Reads) -> dict[str, Any] | None:
    """Return an image's bill of materials, or None.

    Args:
        repository: its name.
        digest: of the image.
        reads: of ECR.

    Raises:
        MldeployError: MLD355 if the document's digest doesn't match its manifest, or if it
            describes
            another image.
    """
    for content in _manifests(repository, digest, reads):
        named = content.get("subject", {}).get("digest")
        if named == digest and content.get("artifactType") == MEDIA_TYPE:
            layer = str(content["layers"][0]["digest"])
            return _checked(blob_of(repository, layer, reads), layer, digest)
    return None


def _manifests(repository: str, digest: str, reads: Reads) -> Iterator[dict[str, Any]]:
    """Yield the manifests of an image's documents."""
    there = [one for one in all_documents(repository, reads) if subject_of(one) == digest]
    for one in there:
        manifest = read_manifest(repository, {"imageDigest": one["imageDigest"]}, reads)
        if manifest is None:
            continue
        if manifest.media_type != OCI_INDEX:
            yield manifest.content
            continue
        for child in manifest.content.get("manifests", []):
            found = read_manifest(repository, {"imageDigest": child["digest"]}, reads)
            if found:
                yield found.content


def _checked(text: str, layer: str, digest: str) -> dict[str, Any]:
    """Return a document after checking its layer's digest and its image."""
    if layer != registry_digest(text.encode()):
        raise _other(digest, "its SHA-256 isn't the one of its manifest")
    try:
        bill = json.loads(text)
        about = bill["metadata"]["component"]["hashes"][0]["content"]
    except (IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise _other(digest, "it isn't one that mldeploy writes") from error
    if f"sha256:{about}" != digest:
        raise _other(digest, "it is about another image")
    return dict(bill)


def _other(digest: str, why: str) -> MldeployError:
    return MldeployError(
        "MLD355",
        f"the bill of materials of {digest[:19]} can't be taken: {why}",
        "look into the repository for who may push to it; a new release gets a new bill",
        exit_code=ExitCode.FAILURE,
    )
