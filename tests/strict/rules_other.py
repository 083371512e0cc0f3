"""IAM and ECR, where moto 5.2.5 is laxer than AWS."""

from typing import Any

from moto.backends import get_backend
from moto.iam.models import AWSManagedPolicy

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, after, before


@after("iam:CreateRole")
def a_role_takes_time_to_spread(aws: StrictAws, call: Call, _parsed: dict[str, Any]) -> None:
    """IAM user guide, "Changes that I make …": for `a_new_role_is_not_assumable_yet`."""
    aws.state.fresh_roles[call.params["RoleName"]] = aws.state.role_refusals


@before("ecr:PutImage")
def an_immutable_tag_stays(_aws: StrictAws, call: Call) -> None:
    """PutImage API reference: ImageTagAlreadyExistsException."""
    name, tag = call.params["repositoryName"], call.params.get("imageTag")
    repository = get_backend("ecr")[ACCOUNT][REGION].repositories.get(name)
    if repository is None or repository.image_tag_mutability != "IMMUTABLE":
        return
    taken = [one for one in repository.images if tag in one.image_tags]
    if taken and taken[0].image_manifest != call.params["imageManifest"]:
        raise RefusedError(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{name}' repository and cannot be "
            "overwritten because the repository is immutable.",
        )


@before("ecr:GetDownloadUrlForLayer")
def a_configuration_is_handed_out_as_a_layer(aws: StrictAws, call: Call) -> dict[str, Any]:
    """Moto lacks the call. A test's HTTP answers the address with `aws.state.blobs`.

    GetDownloadUrlForLayer API reference: LayersNotFoundException, and a presigned address.
    """
    digest = call.params["layerDigest"]
    if digest not in aws.state.blobs:
        raise RefusedError("LayersNotFoundException", f"no layer {digest}")
    return {"downloadUrl": f"https://layers.test/{digest}", "layerDigest": digest}


@before("iam:PutRolePermissionsBoundary")
def a_boundary_is_a_policy_that_exists(_aws: StrictAws, call: Call) -> None:
    """PutRolePermissionsBoundary API reference: NoSuchEntity; AWS's own policies exist."""
    arn = call.params["PermissionsBoundary"]
    if ":policy/" not in arn:
        raise RefusedError("InvalidInput", f"ARN {arn} is not valid.")


@before("iam:AttachRolePolicy")
def the_policies_of_aws_are_there(_aws: StrictAws, call: Call) -> None:
    """AWS managed policies exist in every account; moto has them only if it is told to load them.

    IAM user guide, "AWS managed policies".
    """
    arn, backend = call.params["PolicyArn"], get_backend("iam")[ACCOUNT]["aws"]
    prefix = "arn:aws:iam::aws:policy/"
    if arn.startswith(prefix) and arn not in backend.managed_policies:
        path, _, name = f"/{arn.removeprefix(prefix)}".rpartition("/")
        times = dict.fromkeys(("CreateDate", "UpdateDate"), "2020-01-01T00:00:00+00:00")
        facts = {"DefaultVersionId": "v1", "Path": f"{path}/", "Document": {}, **times}
        backend.managed_policies[arn] = AWSManagedPolicy.from_data(name, ACCOUNT, REGION, facts)
