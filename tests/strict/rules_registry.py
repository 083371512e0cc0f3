"""ECR's images and settings, as other accounts and lifecycle policies make them."""

import hashlib
import json
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


@before("ecr:PutImage")
def a_digest_is_of_the_manifest(_aws: StrictAws, call: Call) -> None:
    """PutImage API reference: ImageDigestDoesNotMatchException."""
    given = call.params.get("imageDigest")
    if given and given != _sha256(call.params["imageManifest"]):
        raise RefusedError(
            "ImageDigestDoesNotMatchException",
            "The digest you specified doesn't match the digest of the image",
        )


@after("ecr:PutImage")
def moto_names_a_manifest_by_its_bytes(_aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """ECR API reference, PutImage; OCI specification, "Digests". moto hashes something else."""
    repository = get_backend("ecr")[ACCOUNT][REGION].repositories[call.params["repositoryName"]]
    text = call.params["imageManifest"]
    for one in repository.images:
        if one.image_manifest == text:
            one._image_digest = _sha256(text)
    parsed["image"]["imageId"]["imageDigest"] = _sha256(text)


def _sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


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


@after("ecr:DescribeImages")
def referrers_are_described(_aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's ecr model, ImageDetail.subjectManifestDigest; moto lacks it."""
    for one in parsed["imageDetails"]:
        image = _image(call, {"imageDigest": one["imageDigest"]})
        subject = json.loads(image.image_manifest).get("subject") if image else None
        if subject:
            one["subjectManifestDigest"] = subject["digest"]


@before("ecr:BatchDeleteImage")
def an_index_keeps_its_manifests(aws: StrictAws, call: Call) -> None:
    """ECR API reference, ImageFailure: ImageReferencedByManifestList."""
    repository = get_backend("ecr")[ACCOUNT][REGION].repositories.get(call.params["repositoryName"])
    wanted = {one.get("imageDigest") for one in call.params["imageIds"]}
    for one in repository.images if repository and not aws.is_ours else ():
        children = json.loads(one.image_manifest).get("manifests", [])
        named = wanted & {child["digest"] for child in children}
        assert not named or one.get_image_digest() in wanted, "an index names it"


@after("ecr:DescribeRepositories")
def enhanced_scanning_is_the_registrys(
    _aws: StrictAws, _call: Call, parsed: dict[str, Any]
) -> None:
    """steampipe-mod-aws-compliance#762: it reads false."""
    registry = get_backend("ecr")[ACCOUNT][REGION].registry_scanning_configuration
    if registry.get("scanType") == "ENHANCED":
        for one in parsed["repositories"]:
            one["imageScanningConfiguration"] = {"scanOnPush": False}


@before("lambda:CreateFunction", "lambda:UpdateFunctionCode")
def lambda_takes_one_consistent_manifest(_aws: StrictAws, call: Call) -> None:
    """docker/buildx#1533: an index, also one made by attestations alone; a mixed manifest.

    Lambda developer guide, "Create a Lambda function using a container image", requirements.
    """
    uri = (call.params.get("Code") or call.params).get("ImageUri", "")
    name, _, digest = uri.partition("/")[2].partition("@")
    image = _image(Call("ecr", "", {"repositoryName": name}), {"imageDigest": digest})
    if image is None:
        return
    body = json.loads(image.image_manifest)
    parts = [body.get("config", {}), *body.get("layers", [])]
    types = [image.image_manifest_media_type, *(one.get("mediaType", "") for one in parts)]
    families = {
        "docker" if ".docker." in one else "oci" if ".oci." in one else one for one in types
    }
    if "config" not in body or len(families) > 1:
        raise RefusedError(
            "InvalidParameterValueException",
            "The image manifest, config or layer media type for the source image "
            f"{uri} is not supported.",
        )


@after("ecr:UploadLayerPart")
def what_is_uploaded_is_kept(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """UploadLayerPart API reference; moto keeps the sizes alone."""
    kept = aws.state.uploads.get(parsed["uploadId"], b"")
    aws.state.uploads[parsed["uploadId"]] = kept + call.params["layerPartBlob"]


@after("ecr:CompleteLayerUpload")
def what_is_uploaded_is_handed_out(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """GetDownloadUrlForLayer API reference: see `a_configuration_is_handed_out_as_a_layer`."""
    text = aws.state.uploads.pop(call.params["uploadId"])
    aws.state.blobs[parsed["layerDigest"]] = text.decode()
