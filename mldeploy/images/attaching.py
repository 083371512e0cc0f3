"""Attaches documents to an image by the registry's API, for which engines have no call.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Pushing manifests
with subject".
"""

from collections.abc import Iterable

from mldeploy.errors import MldeployError
from mldeploy.facts.media_types import OCI_INDEX, OCI_MANIFEST
from mldeploy.http.call import NoAnswerError
from mldeploy.http.repository import Repository
from mldeploy.images.attachments import (
    EMPTY,
    Document,
    Subject,
    fallback_tag,
    index_of,
    manifest_of,
)
from mldeploy.text.digests import registry_digest


def attach(documents: Iterable[Document], subject: Subject, repository: Repository) -> None:
    """Attach documents to their image; existing ones aren't changed.

    Args:
        documents: about the image.
        subject: the image.
        repository: of the image.

    Raises:
        MldeployError: MLD354.
    """
    try:
        _attach(tuple(documents), subject, repository)
    except MldeployError as error:
        hint = error.hint if isinstance(error, NoAnswerError) else ""
        raise MldeployError(
            "MLD354",
            "the image's bill of materials couldn't be stored beside it in the registry: "
            f"{error.message}",
            hint or "run the command again; the image wasn't tagged with the release",
        ) from error


def _attach(documents: tuple[Document, ...], subject: Subject, repository: Repository) -> None:
    for content in (EMPTY, *(one.content for one in documents)):
        repository.store(content)
    manifests = [manifest_of(one, subject) for one in documents]
    stored = [repository.put_manifest(registry_digest(one), OCI_MANIFEST, one) for one in manifests]
    # A registry with a referrers API says so.
    if all(one.subject == subject.digest for one in stored):
        return
    tag = fallback_tag(subject.digest)
    if repository.manifest(tag) is None:
        repository.put_manifest(tag, OCI_INDEX, index_of(documents, subject))
