"""From a push to the release's tag: what arrives is checked, mended where it must be, then named.

A push goes to a throw-away tag. The release's own tag, which is immutable, is given through ECR's
API, to a manifest that Lambda takes and that holds what was built. So a deploy that dies anywhere
in between leaves a tag that nobody reads, and the next one begins anew.
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
    """What was pushed, and where.

    Attributes:
        repository: its name.
        tag: the release's, which the image is to have.
        incoming: the throw-away tag of the push.
        built: what was to arrive.
        pushed: what the engine told of the push.
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
        """Repository and tag, as `docker` writes them."""
        return f"{self.repository}:{self.tag}"


def incoming_tag(tag: str) -> str:
    """Return a tag for one push, which no other push has: a repository's tags are immutable."""
    return f"{INCOMING}{tag[:12]}-{secrets.token_hex(4)}"


def name_release(arrival: Arrival, context: Context) -> str:
    """Give the release's tag to the image that arrived, and take the throw-away tag back.

    Where the tag names an image that isn't proved to be ours, the new one gets a tag beside it.

    Returns:
        The digest of the release's image, which this machine has on record then.

    Raises:
        MldeployError: MLD413 where something else arrived than was built, or nothing; MLD414 for
            a manifest that Lambda refuses and that can't be mended.
    """
    try:
        arrived = _arrived(arrival, context)
        good = _good(arrival, arrived, context)
        _document(arrival, good, context)
        digest = _named(arrival, good, context)
    except Exception:
        with suppress(Exception):  # what went wrong first is told
            untag(arrival.repository, [arrival.incoming], context)
        raise
    try:
        untag(arrival.repository, [arrival.incoming], context)
    except Exception as error:  # noqa: BLE001 - whatever it is, the release has its tag
        text = " ".join(error_message(error).split())[:300]
        context.emit(Note(f"the tag {arrival.incoming} couldn't be removed: {text}", "warning"))
    return digest


def _arrived(arrival: Arrival, context: Context) -> Manifest:
    """Return what ECR has under the throw-away tag: ECR tells, the engine's digest is a hint."""
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
    """Return the manifest that the release is to have, of what arrived."""
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
    """Tell whether an image is the one that was built.

    Docker's own store and Podman name an image by its configuration, the containerd store by its
    manifest or index. What the engine told of the push may stand for that.
    """
    names = {arrival.built.image_id, arrival.pushed.digest}
    return not names.isdisjoint({arrived.digest, one.digest, one.configuration})


def _document(arrival: Arrival, good: Manifest, context: Context) -> None:
    """Store the documents about an image beside it: whatever has a release's tag has them."""
    subject = Subject(good.digest, good.media_type, len(good.text.encode()))
    documents = documents_of(arrival.built.spec, good.digest)
    with context.clients.observation.outdates("ecr"):
        context.builder.attach(documents, subject, arrival.target)


def _put(arrival: Arrival, good: Manifest, context: Context, **tag: str) -> None:
    """Store a manifest; what was pushed before holds its parts."""
    context.clients.ecr.put_image(
        repositoryName=arrival.repository,
        imageManifest=good.text,
        imageManifestMediaType=good.media_type,
        imageDigest=good.digest,
        **tag,
    )


def _named(arrival: Arrival, good: Manifest, context: Context) -> str:
    """Name a manifest by the release's tag, or by one beside it; return the release's digest."""
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
    """Tag a manifest, and wait until ECR shows it; return what ECR has, whatever the answer was."""
    try:
        _put(arrival, good, context, imageTag=tag)
    except Exception as error:
        # Also the answer to botocore's second attempt, where the first one's was lost.
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
    """Tell whether another deploy has given the tag to its own image of the same content.

    Raises:
        MldeployError: MLD414 where Lambda refuses that one.
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
