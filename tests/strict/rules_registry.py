"""ECR's images and settings, as other accounts and lifecycle policies make them."""

from typing import Any

from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, after, before


def _image(call: Call, wanted: dict[str, str]) -> Any:
    """Return moto's image of a tag or digest, or None."""
    repository = get_backend("ecr")[ACCOUNT][REGION].repositories.get(call.params["repositoryName"])
    for one in repository.images if repository else ():
        if wanted.get("imageDigest", one.get_image_digest()) != one.get_image_digest():
            continue
        if "imageTag" not in wanted or wanted["imageTag"] in one.image_tags:
            return one
    return None


@after("ecr:PutImage")
def an_image_takes_time_to_show(aws: StrictAws, _call: Call, parsed: dict[str, Any]) -> None:
    """acorn-io/runtime#1079: for `what_was_just_put_may_be_missing`."""
    digest = parsed["image"]["imageId"]["imageDigest"]
    aws.state.unseen[digest] = aws.state.image_reads
    aws.state.archived.discard(digest)  # "restored … by re-pushing", see `an_image_is_archived`


@before("ecr:DescribeImages")
def what_was_just_put_may_be_missing(aws: StrictAws, call: Call) -> None:
    """acorn-io/runtime#1079 (404 for a digest that was just written)."""
    for wanted in call.params.get("imageIds", []):
        image = _image(call, wanted)
        left = aws.state.unseen.get(image.get_image_digest(), 0) if image else 0
        if left and not aws.is_ours:
            aws.state.unseen[image.get_image_digest()] = left - 1
            name = call.params["repositoryName"]
            raise RefusedError(
                "ImageNotFoundException",
                f"The image with imageId {wanted} does not exist within the repository with "
                f"name '{name}' in the registry with id '{ACCOUNT}'",
            )


@before("ecr:UpdateImageStorageClass")
def an_image_is_archived(aws: StrictAws, call: Call) -> dict[str, Any]:
    """Botocore's ecr model, and the user guide's "Archiving an image"; moto lacks the call."""
    image = _image(call, call.params["imageId"])
    if image is None:
        raise RefusedError("ImageNotFoundException", "no such image")
    aws.state.archived.add(image.get_image_digest())
    return {"imageStatus": "ARCHIVED"}


@after("ecr:DescribeImages")
def archived_images_are_described(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """ECR user guide, "Archiving an image"; lists have active images only (DescribeImages, filter).

    An image that is named is described with its status.
    """
    found = parsed["imageDetails"]
    for one in found:
        gone = one["imageDigest"] in aws.state.archived
        one["imageStatus"] = "ARCHIVED" if gone else "ACTIVE"
    if not call.params.get("imageIds"):
        parsed["imageDetails"] = [one for one in found if one["imageStatus"] == "ACTIVE"]


@after("ecr:DescribeRepositories")
def enhanced_scanning_is_the_registrys(
    _aws: StrictAws, _call: Call, parsed: dict[str, Any]
) -> None:
    """steampipe-mod-aws-compliance#762: it reads false."""
    registry = get_backend("ecr")[ACCOUNT][REGION].registry_scanning_configuration
    if registry.get("scanType") == "ENHANCED":
        for one in parsed["repositories"]:
            one["imageScanningConfiguration"] = {"scanOnPush": False}
