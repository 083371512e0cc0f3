"""Reads a repository's images, for kinds that need a digest."""

import json
import re
from collections.abc import Callable
from typing import Any

from mldeploy.aws.clients import missing_is_fine
from mldeploy.errors import MldeployError
from mldeploy.events import Waiting
from mldeploy.facts.media_types import INDEX_TYPES, MANIFEST_TYPES, OCI_MANIFEST
from mldeploy.facts.thresholds import IMAGE_SECONDS
from mldeploy.images.attachments import FALLBACK
from mldeploy.images.attachments import subject_of as subject_of_tag
from mldeploy.images.builder import INCOMING
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.manifests import Manifest, refusal

_BESIDE = re.compile(r"^([0-9a-f]{32})-[0-9a-f]{12}$")


def tagged(repository: str, tag: str, reads: Reads) -> dict[str, Any] | None:
    """Return ECR's description of the image with this tag, or None."""
    image = _described(repository, {"imageTag": tag}, reads)
    return image if image and _can_be_pulled(image) else None


def in_the_way(repository: str, tag: str, reads: Reads) -> bool:
    """Return whether an immutable tag belongs to an image that can't be deployed."""
    found = _described(repository, {"imageTag": tag}, reads)
    return found is not None and (
        not _can_be_pulled(found) or bool(why_refused(repository, found, reads))
    )


def written(
    repository: str,
    tag: str,
    right: Callable[[str], bool],
    context: Context,
    find: Callable[[str, str, Reads], dict[str, Any] | None] = tagged,
) -> dict[str, Any] | None:
    """Return the image of a tag that was just set, once ECR shows the right digest.

    A tag is immutable, so a cached response is enough.

    Args:
        repository: its name.
        tag: of the image.
        right: returns whether a digest is the right one.
        context: for ECR.
        find: looks for the image.

    Returns:
        The image, or ECR's last response if it doesn't show it within `IMAGE_SECONDS` seconds;
        None for no such tag.
    """
    found = find(repository, tag, context.reads)
    if found is not None and right(str(found["imageDigest"])):
        return found
    for waited in context.clients.polls(IMAGE_SECONDS, every=2.0):
        found = find(repository, tag, context.reads.again("ecr"))
        if found is not None and right(str(found["imageDigest"])):
            break
        context.emit(Waiting(f"{repository}:{tag}", "ECR doesn't show the image yet", waited))
    return found


def _can_be_pulled(image: dict[str, Any]) -> bool:
    """Return whether an image is in ECR's standard storage; pulls of others return 404.

    Sources: botocore's ecr model, ImageStatus (ACTIVE, ARCHIVED, ACTIVATING);
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
    """
    return bool(image.get("imageStatus", "ACTIVE") == "ACTIVE")


def why_refused(repository: str, image: dict[str, Any], reads: Reads) -> str:
    """Return why Lambda refuses an image that ECR describes, or "".

    ECR's description contains the manifest's media type. Only OCI manifests are read, because they
    may have layers of Docker's types; mldeploy itself tags Docker manifests when it fixes one.
    """
    media_type = str(image.get("imageManifestMediaType", ""))
    if media_type in INDEX_TYPES:
        return refusal(Manifest("", media_type))
    if media_type != OCI_MANIFEST:
        return ""
    manifest = read_manifest(repository, {"imageDigest": image["imageDigest"]}, reads)
    return refusal(manifest) if manifest else ""


def refused_error(name: str, why: str) -> MldeployError:
    """Return the error of an image that Lambda refuses.

    Lambda responds "The image manifest, config or layer media type for the source image … is not
    supported" (docker/buildx#1533).
    """
    return MldeployError(
        "MLD414",
        f"{name} was pushed as {why}, which Lambda refuses",
        "run the command again, which pushes it again; if it stays so, build for one platform, "
        "with gzip layers and without attestations",
    )


def read_manifest(repository: str, image: dict[str, str], reads: Reads) -> Manifest | None:
    """Return an image's manifest as it was pushed, or None if ECR has no such image.

    Args:
        repository: its name.
        image: {"imageTag": …} or {"imageDigest": …}.
        reads: of ECR.
    """
    answer = reads.read(
        "ecr",
        "batch_get_image",
        repositoryName=repository,
        imageIds=[image],
        # ECR converts a manifest whose type isn't listed here (ECR user guide, "Container image
        # manifest format support").
        acceptedMediaTypes=[*MANIFEST_TYPES, *INDEX_TYPES],
    )
    if not answer or not answer["images"]:
        return None
    found = answer["images"][0]
    manifest = Manifest(found["imageManifest"], found.get("imageManifestMediaType", ""))
    named = manifest.media_type or str(manifest.content.get("mediaType", ""))
    return Manifest(manifest.text, named)


def tag_beside(tag: str, digest: str) -> str:
    """Return the derived tag for an image if the tag itself belongs to an image that isn't ours."""
    return f"{tag}-{digest.removeprefix('sha256:')[:12]}"


def tags_of(repository: str, digest: str, reads: Reads) -> tuple[str, ...]:
    """Return a digest's tags, or those they derive from; none if it is gone."""
    image = _described(repository, {"imageDigest": digest}, reads)
    found = lasting_tags(image) if image and _can_be_pulled(image) else ()
    return tuple(dict.fromkeys(_BESIDE.sub(r"\1", one) for one in found))


def lasting_tags(image: dict[str, Any]) -> tuple[str, ...]:
    """Return an image's tags without temporary ones and those of documents."""
    passing = (INCOMING, FALLBACK)
    return tuple(sorted(tag for tag in image.get("imageTags", []) if not tag.startswith(passing)))


def left_tags(images: list[dict[str, Any]]) -> list[str]:
    """Return the temporary tags that killed deploys have left on images with a lasting tag."""
    named = [image["imageTags"] for image in images if lasting_tags(image)]
    return [tag for tags in named for tag in tags if tag.startswith(INCOMING)]


def is_there(repository: str, digest: str, reads: Reads) -> bool:
    """Return whether a repository has an image with this digest, tagged or not, to pull."""
    image = _described(repository, {"imageDigest": digest}, reads)
    return image is not None and _can_be_pulled(image)


def _described(repository: str, image: dict[str, str], reads: Reads) -> dict[str, Any] | None:
    answer = reads.read("ecr", "describe_images", repositoryName=repository, imageIds=[image])
    details = answer["imageDetails"] if answer else []
    return dict(details[0]) if details else None


def all_images(repository: str, reads: Reads) -> list[dict[str, Any]]:
    """Return ECR's descriptions of all images of a repository that can be pulled, oldest first.

    Documents aren't included.
    """
    return [one for one in _all(repository, reads) if not subject_of(one)]


def all_documents(repository: str, reads: Reads) -> list[dict[str, Any]]:
    """Return ECR's descriptions of images' documents and of their indexes."""
    return [one for one in _all(repository, reads) if subject_of(one)]


def subject_of(image: dict[str, Any]) -> str:
    """Return the digest of the image that a document describes, or "".

    Source: botocore's ecr model, ImageDetail.subjectManifestDigest.
    """
    named = map(subject_of_tag, image.get("imageTags", []))
    return str(image.get("subjectManifestDigest") or next(filter(None, named), ""))


def _all(repository: str, reads: Reads) -> list[dict[str, Any]]:
    answer = reads.read("ecr", "describe_images", repositoryName=repository)
    images = filter(_can_be_pulled, answer["imageDetails"] if answer else [])
    return sorted(images, key=lambda image: image["imagePushedAt"])


def delete_images(repository: str, digests: list[str], context: Context) -> None:
    """Delete images with all their tags.

    ECR accepts 100 per call (ECR API reference, BatchDeleteImage).
    """
    for start in range(0, len(digests), 100):
        context.clients.ecr.batch_delete_image(
            repositoryName=repository,
            imageIds=[{"imageDigest": one} for one in digests[start : start + 100]],
        )


def untag(repository: str, tags: list[str], context: Context) -> None:
    """Remove tags, and an image with its last tag; they may already be gone."""
    with missing_is_fine():
        context.clients.ecr.batch_delete_image(
            repositoryName=repository, imageIds=[{"imageTag": tag} for tag in tags]
        )


def size_of(repository: str, digest: str, reads: Reads) -> int | None:
    """Return an image's compressed size in ECR in bytes, or None if it is gone."""
    image = _described(repository, {"imageDigest": digest}, reads)
    return int(image["imageSizeInBytes"]) if image and "imageSizeInBytes" in image else None


def labels_of(repository: str, digest: str, reads: Reads) -> dict[str, str]:
    """Return an image's labels; empty if there is no such image, or if they can't be read.

    They are in the image's configuration, which is downloaded from ECR like a layer.
    """
    manifest = read_manifest(repository, {"imageDigest": digest}, reads)
    if manifest is None or not manifest.configuration:
        return {}
    try:
        found = json.loads(blob_of(repository, manifest.configuration, reads))["config"]["Labels"]
    except (KeyError, MldeployError, RecursionError, TypeError, ValueError):
        return {}
    return dict(found or {})


def blob_of(repository: str, digest: str, reads: Reads) -> str:
    """Return a layer or configuration as text, "" if there is none.

    Raises:
        MldeployError: MLD5xx if the download fails.
    """
    layer = reads.read(
        "ecr", "get_download_url_for_layer", repositoryName=repository, layerDigest=digest
    )
    if not layer:
        return ""
    return reads.download(str(layer["downloadUrl"]))


def repository_uri(repository: str, reads: Reads) -> str:
    """Return the repository's URI from ECR."""
    answer = reads.read("ecr", "describe_repositories", repositoryNames=[repository])
    if not answer or not answer["repositories"]:
        raise MldeployError(
            "MLD411", f"ECR has no repository {repository}", "run `mldeploy push`, then deploy"
        )
    return str(answer["repositories"][0]["repositoryUri"])
