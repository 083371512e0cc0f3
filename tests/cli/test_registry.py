"""Deploys while ECR's reads lag behind its writes, or somebody has archived an image."""

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes
from tests.support.stacks import RegistryOnly

REPOSITORY = "mldeploy/iris"


@pytest.mark.parametrize("reads", [1, 3])
def test_a_late_read_takes_no_tag_back(reads: int, command: Command, aws: StrictAws) -> None:
    """ECR may answer 404 for what was just pushed: a deploy waits, and deletes nothing."""
    aws.state.image_reads = reads
    code, _ = command("deploy")
    assert code == 0
    deletes = [one for one in aws.calls if one.name == "ecr:BatchDeleteImage"]
    tags = [image["imageTag"] for one in deletes for image in one.params["imageIds"]]
    assert [tag[:9] for tag in tags] == ["incoming-"]


def test_what_never_shows_is_taken_back(
    command: Command, aws: StrictAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push that was reported and never arrives is an error, after half a minute."""
    monkeypatch.setattr(RegistryOnly, "push", _nothing(RegistryOnly.push))
    code, envelope = command("deploy")
    assert code == 1
    assert envelope["error"]["code"] == "MLD413"
    assert "lambda:CreateFunction" not in aws.mutating_calls()
    looks = [one for one in aws.calls if one.name == "ecr:DescribeImages"]
    assert len(looks) > 10


def _nothing(push: object) -> object:
    from dataclasses import replace

    def pushed(self: RegistryOnly, *arguments: object) -> object:
        nowhere = replace(self, put_image=lambda *_: "sha256:" + "0" * 64)
        return push(nowhere, *arguments)  # type: ignore[operator]

    return pushed


def test_an_archived_image_isnt_there(command: Command, aws: StrictAws) -> None:
    """Nobody can pull it, so Lambda can't either: the next deploy makes it anew."""
    command("deploy")
    ecr = aws.client("ecr")
    (image,) = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    ecr.update_image_storage_class(
        repositoryName=REPOSITORY,
        imageId={"imageDigest": image["imageDigest"]},
        targetStorageClass="ARCHIVE",
    )
    code, envelope = command("plan", "--exit-code")
    assert code == 3
    assert "create image" in changes(envelope)
    code, _ = command("deploy")
    assert code == 0
    (image,) = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert image["imageStatus"] == "ACTIVE"
    assert changes(command("plan")[1]) == []
