"""Checks a pushed image, fixes its manifest if necessary, and tags it with the release's tag.

A push goes to a temporary tag. The release's tag is immutable and is set through ECR's API, on a
manifest that Lambda accepts and that contains what was built. A deploy that is killed in between
leaves an unused tag, and the next deploy starts over.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mldeploy.aws.errors import error_code, error_message
from mldeploy.errors import MldeployError
from mldeploy.events import Note
from mldeploy.images.attachments import Subject
from mldeploy.images.builder import INCOMING, Built, ImageRef, RepositoryTarget
from mldeploy.images.documents import documents_of
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.ecr_images import (
    read_manifest,
    refused_error,
    tag_beside,
    tagged,
    untag,
    why_refused,
    written,
)
from mldeploy.resources.image_proof import is_proven, pushed
from mldeploy.resources.manifests import Manifest, manifest_for, mended, refusal

_TAKEN = {"ImageAlreadyExistsException", "ImageTagAlreadyExistsException"}


@dataclass(frozen=True)
class Arrival:
    """A pushed image and its location.

    Attributes:
        repository: its name.
        tag: the release's tag, to be set.
        incoming: the temporary tag of the push.
        built: the image that was built.
        pushed: what the engine reported about the push.
        target: the repository with a login.
    """

    repository: str
    tag: str
    incoming: str
    built: Built
    pushed: ImageRef
    target: RepositoryTarget

    @property
    def name(self) -> str:
        """Repository and tag, in Docker's notation."""
        return f"{self.repository}:{self.tag}"


def incoming_tag(tag: str) -> str:
    """Return a unique tag for a push, because the repository's tags are immutable."""
    return f"{INCOMING}{tag[:12]}-{secrets.token_hex(4)}"


def name_release(arrival: Arrival, context: Context) -> str:
    """Tag the pushed image with the release's tag, and remove the temporary tag.

    If the tag is used by an image that isn't proved to be ours, a tag derived from it is used.

    Returns:
        The digest of the release's image, which is recorded on this machine.

    Raises:
        MldeployError: MLD413 if ECR has another image than the one built, or none; MLD414 for a
            manifest
            that Lambda refuses and that can't be fixed.
    """
    try:
        arrived = _arrived(arrival, context)
        good = _good(arrival, arrived, context)
        _document(arrival, good, context)
        digest = _named(arrival, good, context)
    except Exception:
        with suppress(Exception):  # the first error is the one to report
            untag(arrival.repository, [arrival.incoming], context)
        raise
    try:
        untag(arrival.repository, [arrival.incoming], context)
    except Exception as error:  # noqa: BLE001 - whatever it is, the release has its tag
        text = " ".join(error_message(error).split())[:300]
        context.emit(Note(f"the tag {arrival.incoming} couldn't be removed: {text}", "warning"))
    return digest


def _arrived(arrival: Arrival, context: Context) -> Manifest:
    """Return ECR's manifest of the temporary tag; the engine's digest is only a hint."""
    hint = arrival.pushed.digest
    found = written(arrival.repository, arrival.incoming, hint.__eq__ if hint else bool, context)
    manifest = _manifest(arrival, found["imageDigest"], context.reads) if found else None
    if found is None or manifest is None:
        raise _other(arrival, "nothing")
    if manifest.digest != found["imageDigest"]:
        raise _other(arrival, f"a manifest that isn't the one of {found['imageDigest']}")
    return manifest


def _manifest(arrival: Arrival, digest: str, reads: Reads) -> Manifest | None:
    return read_manifest(arrival.repository, {"imageDigest": digest}, reads)


def _good(arrival: Arrival, arrived: Manifest, context: Context) -> Manifest:
    """Return the manifest to tag as the release."""
    why = refusal(arrived)
    one: Manifest | None = arrived
    if arrived.is_index:
        child = manifest_for(arrived, arrival.built.spec.architecture)
        one = _manifest(arrival, child, context.reads) if child else None
        if one is None:
            missing = f"{why}, none of which is for {arrival.built.spec.platform}"
            raise refused_error(arrival.name, missing)
    if one is None or not _is_what_was_built(arrival, arrived, one):
        raise _other(arrival, arrived.digest)
    good = one if not refusal(one) else mended(one)
    if good is None:
        raise refused_error(arrival.name, refusal(one))
    if good is not one:
        _put(arrival, good, context)
    if good is not arrived:
        context.emit(Note(f"the engine pushed {why}: fixed in ECR, without another upload"))
    return good


def _is_what_was_built(arrival: Arrival, arrived: Manifest, one: Manifest) -> bool:
    """Return whether an image is the one that was built.

    Docker's classic store and Podman identify an image by its configuration, the containerd store
    by its manifest or index. The digest that the engine reported for the push is accepted, too.
    """
    names = {arrival.built.image_id, arrival.pushed.digest}
    return not names.isdisjoint({arrived.digest, one.digest, one.configuration})


def _document(arrival: Arrival, good: Manifest, context: Context) -> None:
    """Store an image's documents in ECR before it gets a release's tag."""
    subject = Subject(good.digest, good.media_type, len(good.text.encode()))
    documents = documents_of(arrival.built.spec, good.digest)
    with context.clients.observation.outdates("ecr"):
        context.builder.attach(documents, subject, arrival.target)


def _put(arrival: Arrival, good: Manifest, context: Context, **tag: str) -> None:
    """Store a manifest whose blobs were already pushed."""
    context.clients.ecr.put_image(
        repositoryName=arrival.repository,
        imageManifest=good.text,
        imageManifestMediaType=good.media_type,
        imageDigest=good.digest,
        **tag,
    )


def _named(arrival: Arrival, good: Manifest, context: Context) -> str:
    """Tag a manifest with the release's tag, or one derived from it; return the digest."""
    tag = arrival.tag
    found = tagged(arrival.repository, tag, context.reads)
    if found is None:
        found = _give_tag(arrival, tag, good, context)
    if found["imageDigest"] != good.digest:
        if _rival_is_ours(arrival, found, context.reads):
            return str(found["imageDigest"])
        tag = tag_beside(arrival.tag, good.digest)
        found = tagged(arrival.repository, tag, context.reads) or _give_tag(
            arrival, tag, good, context
        )
    if found["imageDigest"] != good.digest:
        raise _other(arrival, found["imageDigest"])
    pushed(arrival.repository, arrival.tag, context.account).record(good.digest)
    return good.digest


def _give_tag(arrival: Arrival, tag: str, good: Manifest, context: Context) -> dict[str, Any]:
    """Tag a manifest and wait until ECR shows it; return ECR's description, even after an error."""
    try:
        _put(arrival, good, context, imageTag=tag)
    except Exception as error:
        # Also the response to botocore's retry if the first response was lost.
        if error_code(error) not in _TAKEN:
            raise
        found = tagged(arrival.repository, tag, context.reads.again("ecr"))
        if found is not None:
            return found
    found = written(arrival.repository, tag, good.digest.__eq__, context)
    if found is None:
        raise _other(arrival, "nothing")
    return found


def _rival_is_ours(arrival: Arrival, found: dict[str, Any], reads: Reads) -> bool:
    """Return whether another deploy has tagged its own image of the same content.

    Raises:
        MldeployError: MLD414 if Lambda refuses that image.
    """
    digest = str(found["imageDigest"])
    if not is_proven(arrival.repository, arrival.tag, digest, reads):
        return False
    why = why_refused(arrival.repository, found, reads)
    if why:
        raise refused_error(arrival.name, why)
    reads.emit(Note(f"another deploy has pushed {arrival.name} meanwhile: its image is used"))
    return True


def _other(arrival: Arrival, has: str) -> MldeployError:
    told = arrival.pushed.digest or "no digest"
    return MldeployError(
        "MLD413",
        f"{arrival.built.image_id[:19]} was pushed as {arrival.name} (the engine told {told}), "
        f"but ECR had {has}",
        "run the command again; if it stays so, look at the registry's proxy",
    )
