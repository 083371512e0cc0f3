"""Deploys while ECR's reads lag behind its writes, or somebody has archived an image."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.strict.calls import Call
from tests.strict.images import MANIFEST as DOCKER
from tests.support.commands import Command, Reach, changes, two_hours_later
from tests.support.projects import write_bundle
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


def test_what_a_dead_push_left_goes_and_is_never_taken_for_a_release(
    command: Command, aws: StrictAws, project: Path, reach: Reach
) -> None:
    """Beside a release's tag it is no name of it; an image under such a tag alone is pruned."""
    reach(now=two_hours_later)
    command("deploy")
    ecr = aws.client("ecr")
    (image,) = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    (tag,) = image["imageTags"]
    (found,) = ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}])[
        "images"
    ]
    ecr.put_image(
        repositoryName=REPOSITORY,
        imageManifest=found["imageManifest"],
        imageManifestMediaType=DOCKER,
        imageTag="incoming-0-beside",  # sorts before the release's, or after it
    )
    aws.put_image(REPOSITORY, "incoming-0-alone", "of a push that died")
    assert changes(command("plan")[1]) == []
    write_bundle(project / "model", "another model")
    code, _ = command("deploy")
    assert code == 0
    left = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    tags = [one["imageTags"] for one in left]
    assert [tag] in tags
    assert len(tags) == 2
    assert not [one for some in tags for one in some if one.startswith("incoming-")]


def test_a_young_push_of_another_deploy_stays(
    command: Command, aws: StrictAws, project: Path
) -> None:
    """It may be about to get its release's tag."""
    command("deploy")
    aws.put_image(REPOSITORY, "incoming-0-alone", "of a push that lives")
    write_bundle(project / "model", "another model")
    command("deploy")
    left = aws.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert ["incoming-0-alone"] in [one["imageTags"] for one in left]


def test_two_deploys_of_one_content_use_each_its_own_image(
    command: Command, aws: StrictAws
) -> None:
    """Builds on two machines differ in bytes; that a tag says the same of both proves nothing."""
    rivals: list[str] = []

    def meanwhile(call: Call) -> None:
        if call.name == "ecr:PutImage" and not rivals:
            rivals.append(aws.put_image(REPOSITORY, call.params["imageTag"], "built elsewhere"))

    aws.around = meanwhile
    code, _ = command("deploy")
    assert code == 0
    (function,) = aws.client("lambda").list_functions()["Functions"]
    code_of = aws.client("lambda").get_function(FunctionName=function["FunctionName"])["Code"]
    assert code_of["ResolvedImageUri"].rpartition("@")[2] != rivals[0]
    images = aws.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"]
    tags = {one["imageDigest"] == rivals[0]: one["imageTags"] for one in images}
    assert tags[False][0].startswith(f"{tags[True][0]}-")
    assert changes(command("plan")[1]) == []


def test_a_push_leaves_the_release_s_tag_alone(command: Command, aws: StrictAws) -> None:
    """Nothing is pruned after it, so it takes its own throw-away tag back."""
    code, envelope = command("push")
    assert code == 0
    (image,) = aws.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert image["imageTags"] == [envelope["result"]["tag"]]


def test_a_throw_away_tag_that_cannot_be_removed_fails_no_deploy(
    command: Command, aws: StrictAws
) -> None:
    """The release has its tag: what stays beside it is told, and is no name of it."""
    aws.deny("ecr:BatchDeleteImage")
    code, _ = command("deploy")
    assert code == 0
    (image,) = aws.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"]
    assert len(image["imageTags"]) == 2
    assert changes(command("plan")[1]) == []
