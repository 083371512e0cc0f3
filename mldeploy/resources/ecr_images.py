"""Reading images of a repository, for the kinds that need a digest."""

from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.resources.base import Context

INDEX_TYPES = (
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
)


def tagged(repository: str, tag: str, context: Context) -> dict[str, Any] | None:
    """Return ECR's description of the image that has this tag, or None."""
    return _described(repository, {"imageTag": tag}, context)


def tags_of(repository: str, digest: str, context: Context) -> tuple[str, ...]:
    """Return the tags of a digest; none where it is gone."""
    image = _described(repository, {"imageDigest": digest}, context)
    return tuple(sorted(image.get("imageTags", []))) if image else ()


def _described(repository: str, image: dict[str, str], context: Context) -> dict[str, Any] | None:
    answer = context.clients.read(
        "ecr", "describe_images", repositoryName=repository, imageIds=[image]
    )
    details = answer["imageDetails"] if answer else []
    return dict(details[0]) if details else None


def all_images(repository: str, context: Context) -> list[dict[str, Any]]:
    """Return ECR's descriptions of all images of a repository, oldest first."""
    answer = context.clients.read("ecr", "describe_images", repositoryName=repository)
    images = answer["imageDetails"] if answer else []
    return sorted(images, key=lambda image: image["imagePushedAt"])


def delete_images(repository: str, digests: list[str], context: Context) -> None:
    """Delete images with all their tags.

    ECR takes 100 a call (ECR API reference, BatchDeleteImage).
    """
    for start in range(0, len(digests), 100):
        context.clients.ecr.batch_delete_image(
            repositoryName=repository,
            imageIds=[{"imageDigest": one} for one in digests[start : start + 100]],
        )


def deployable_uri(repository: str, tag: str, context: Context) -> str:
    """Return `uri@sha256:…` of a tag: Lambda resolves a tag once and then never again.

    Raises:
        MldeployError: MLD411 where ECR has no such tag.
    """
    context.clients.forget()
    image = tagged(repository, tag, context)
    if image is None:
        raise MldeployError(
            "MLD411", f"ECR has no image {repository}:{tag}", "run `mldeploy push`, then deploy"
        )
    return f"{repository_uri(repository, context)}@{image['imageDigest']}"


def repository_uri(repository: str, context: Context) -> str:
    """Return the repository's address as ECR gives it."""
    answer = context.clients.read("ecr", "describe_repositories", repositoryNames=[repository])
    if not answer or not answer["repositories"]:
        raise MldeployError(
            "MLD411", f"ECR has no repository {repository}", "run `mldeploy push`, then deploy"
        )
    return str(answer["repositories"][0]["repositoryUri"])
