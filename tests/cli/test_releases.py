"""Verify, then shift; releases, rollback and pruning, on strict AWS with a runtime behind it."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mldeploy.facts.thresholds import YOUNG
from tests.strict.aws import StrictAws
from tests.strict.images import INDEX, OCI
from tests.support.commands import Command, Reach, changes, two_hours_later
from tests.support.projects import CONFIG, write_bundle
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
SECOND = '\n[functions.check]\nroute = "POST /check"\n'
Model = Callable[[str], str]


@pytest.fixture
def model(project: Path, command: Command) -> Model:
    """Write another model; return the tag that its image will have."""

    def write(content: str) -> str:
        write_bundle(project / "model", content)
        _, envelope = command("plan")
        images = [one["name"] for one in envelope["result"]["changes"] if one["kind"] == "image"]
        return str(images[0].partition(":")[2]) if images else ""

    return write


def live(aws: StrictAws, name: str = NAME) -> str:
    found = aws.client("lambda").get_alias(FunctionName=name, Name="live")
    assert not (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
    return str(found["FunctionVersion"])


def versions(aws: StrictAws, name: str = NAME) -> list[str]:
    listed = aws.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    return [one["Version"] for one in listed if one["Version"] != "$LATEST"]


def aliases_moved(aws: StrictAws) -> int:
    return sum(
        name in {"lambda:UpdateAlias", "lambda:CreateAlias"} for name in aws.mutating_calls()
    )


def test_a_release_is_verified_before_the_alias_moves(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """The version answers `verify` directly, and only after that comes UpdateAlias."""
    command("deploy")
    model("a better model")
    aws.reset_calls()
    assert command("deploy")[0] == 0
    names = [call.name for call in aws.calls]
    assert names.index("lambda:PublishVersion") < names.index("lambda:Invoke")
    assert names.index("lambda:Invoke") < names.index("lambda:UpdateAlias")
    (moved,) = [call for call in aws.calls if call.name == "lambda:UpdateAlias"]
    assert moved.params["RevisionId"]
    assert runtime.invoked == [(NAME, "1"), (NAME, "2")]
    assert live(aws) == "2"


def test_a_model_that_answers_otherwise_never_gets_a_request(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """Exit 6; `live` stays, the message names what differed and keeps the log."""
    command("deploy")
    tag = model("a perturbed model")
    runtime.broken[tag] = ["golden example 0: value: expected 1.0, got 1.5"]
    code, envelope = command("deploy")
    error = envelope["error"]
    assert (code, error["code"]) == (6, "MLD501")
    assert "version 2" in error["message"]
    assert "expected 1.0, got 1.5" in error["message"]
    assert error["details"]["log"] == "a line"
    assert "still serves version 1" in error["details"]["live"]
    assert live(aws) == "1"
    assert {release for _, release in runtime.served} == {runtime.release_of(NAME, "1")[0]}


def test_a_failed_release_is_not_let_in_by_a_second_deploy(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """The version is there already, and still it is verified before the alias moves."""
    command("deploy")
    tag = model("a perturbed model")
    runtime.broken[tag] = ["no"]
    command("deploy")
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert live(aws) == "1"
    assert versions(aws) == ["1", "2"]


def test_a_function_that_crashes_tells_its_log(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """Invoke answers 200 with FunctionError: that is a failure, and its log is in the message."""
    command("deploy")
    runtime.crashing[model("a crash")] = "Task timed out after 15.00 seconds"
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert "Task timed out after 15.00 seconds" in envelope["error"]["message"]
    assert live(aws) == "1"


def test_a_function_error_without_a_word_is_one(
    command: Command, aws: StrictAws, model: Model
) -> None:
    """An empty payload is no success: FunctionError alone decides."""
    command("deploy")
    model("a silent crash")
    aws.on_invoke(lambda _params: {"FunctionError": "Unhandled", "Payload": b""})
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert live(aws) == "1"


def test_with_several_functions_nobody_moves_before_all_are_proved(
    command: Command, aws: StrictAws, runtime: Runtime, project: Path, model: Model
) -> None:
    """One of two releases fails: no alias moves at all."""
    (project / "mldeploy.toml").write_text(CONFIG + SECOND)
    command("deploy")
    model("another model")
    command("push")
    broken = command("plan")[1]["result"]["changes"]
    releases = [
        difference["after"]
        for one in broken
        if one["kind"] == "function"
        for difference in one["differences"]
        if difference["field"] == "release"
    ]
    runtime.broken[releases[0]] = ["no"]
    aws.reset_calls()
    assert command("deploy")[0] == 6
    assert aliases_moved(aws) == 0
    assert len(runtime.invoked) == 4


def test_a_first_deploy_that_fails_its_check_has_no_route(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """Nothing is served before it is proved: neither alias nor API are made."""
    runtime.broken[model("a model")] = ["no"]
    assert command("deploy")[0] == 6
    assert aws.client("apigatewayv2").get_apis()["Items"] == []
    assert aws.client("lambda").list_aliases(FunctionName=NAME)["Aliases"] == []


@pytest.mark.parametrize(
    "answer", [(500, {"message": "no"}), (200, {"predictions": [{"value": 7.0}]})]
)
def test_what_the_public_url_does_not_confirm_goes_back(
    answer: tuple[int, Any], command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """The version passes its check, but HTTP answers otherwise: the alias returns by itself."""
    command("deploy")
    runtime.answers[model("a better model")] = answer
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD505")
    assert f"{NAME}:live serves version 1 again" in envelope["error"]["details"]["live"]
    assert live(aws) == "1"
    assert command("rollback")[1]["error"]["code"] == "MLD460"


def test_a_first_deploy_that_is_not_confirmed_loses_its_route(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """There is nothing to go back to; a rerun with the cause mended finishes the work."""
    tag = model("a model")
    runtime.answers[tag] = (500, {"message": "no"})
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD505")
    (api,) = aws.client("apigatewayv2").get_apis()["Items"]
    assert aws.client("apigatewayv2").get_routes(ApiId=api["ApiId"])["Items"] == []
    assert command("deploy")[0] == 6
    del runtime.answers[tag]
    assert command("deploy")[0] == 0
    assert command("plan", "--exit-code")[0] == 0
    assert runtime.served


def test_rollback_is_one_mutating_call_and_verified_first(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model, project: Path
) -> None:
    """No bundle is needed; a later deploy of the same file is a plan of one change."""
    command("deploy")
    model("a better model")
    command("deploy")
    better = (project / "model/model.joblib").read_text()
    for path in (project / "model").iterdir():
        path.unlink()
    aws.reset_calls()
    assert command("rollback")[0] == 0
    assert aws.mutating_calls() == ["lambda:UpdateAlias"]
    names = [call.name for call in aws.calls]
    assert names.index("lambda:Invoke") < names.index("lambda:UpdateAlias")
    assert live(aws) == "1"
    assert runtime.served[-1][1] == runtime.release_of(NAME, "1")[0]
    write_bundle(project / "model", better)
    assert changes(command("plan")[1]) == ["update alias"]
    assert command("deploy")[0] == 0
    assert live(aws) == "2"


def test_a_release_that_no_longer_answers_is_not_rolled_back_to(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """A rollback is judged by the release's own truth, too."""
    first = model("a model")
    command("deploy")
    model("a better model")
    command("deploy")
    runtime.broken[first] = ["no"]
    code, envelope = command("rollback")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert live(aws) == "2"


def test_rollback_goes_on_to_older_releases(command: Command, aws: StrictAws, model: Model) -> None:
    """Twice in a row goes two back, never forth again; then there is nothing left."""
    for content in ("one", "two", "three"):
        model(content)
        command("deploy")
    command("rollback")
    assert live(aws) == "2"
    command("rollback")
    assert live(aws) == "1"
    code, envelope = command("rollback")
    assert (code, envelope["error"]["code"]) == (1, "MLD460")


def test_rollback_to_a_release_by_its_id_its_beginning_or_its_number(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """Any release that is there can be named; another one is refused with the list."""
    for content in ("one", "two", "three"):
        model(content)
        command("deploy")
    first = runtime.release_of(NAME, "1")[0]
    for wanted, version in ((first, "1"), ("3", "3"), (first[:8], "1")):
        assert command("rollback", wanted)[0] == 0
        assert live(aws) == version
    code, envelope = command("rollback", "0123456789abcdef")
    assert (code, envelope["error"]["code"]) == (1, "MLD461")
    assert first in envelope["error"]["details"]["there is"] or "version" in str(envelope)


def test_rollback_moves_what_the_last_deploy_moved(
    command: Command, aws: StrictAws, project: Path
) -> None:
    """A function that the last deploy left alone stays where it is."""
    text = CONFIG + SECOND + "memory = 128\n"
    (project / "mldeploy.toml").write_text(text)
    command("deploy")
    (project / "mldeploy.toml").write_text(text.replace("memory = 128", "memory = 256"))
    command("deploy")
    _, envelope = command("rollback")
    assert [one["function"] for one in envelope["result"]["live"]] == ["mldeploy_iris_dev_check"]
    assert (live(aws), live(aws, "mldeploy_iris_dev_check")) == ("1", "1")


def test_an_alias_that_somebody_else_moves_meanwhile_is_not_overwritten(
    command: Command, aws: StrictAws, runtime: Runtime, model: Model
) -> None:
    """The RevisionId doesn't fit any more (412): another deploy, exit 1, nothing overwritten."""
    for content in ("one", "two"):
        model(content)
        command("deploy")
    model("three")
    answer = runtime.invoke

    def meddling(params: dict[str, Any]) -> dict[str, Any]:
        aws.client("lambda").update_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
        return answer(params)

    aws.on_invoke(meddling)
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD406")
    assert live(aws) == "1"


def test_releases_lists_what_was_published(command: Command, aws: StrictAws, model: Model) -> None:
    """Newest first, with what is live, where the model comes from and how good it is."""
    for content in ("one", "two"):
        model(content)
        command("deploy")
    _, envelope = command("releases")
    second, first = envelope["result"]["releases"]
    assert (second["version"], second["share"], first["share"]) == ("2", 1.0, 0.0)
    assert second["digest"].startswith("sha256:")
    assert second["digest"] != first["digest"]
    assert second["facts"]["git"] == "0123456789ab"
    assert second["facts"]["r2"] == "1.0000"
    command("rollback")
    assert [one["share"] for one in command("releases")[1]["result"]["releases"]] == [0.0, 1.0]
    (shown,) = command("status")[1]["result"]["functions"]
    assert (shown["version"], shown["digest"]) == ("1", first["digest"])


def test_old_versions_and_their_images_are_pruned(
    command: Command, aws: StrictAws, project: Path, model: Model, reach: Reach
) -> None:
    """[deploy] keep = 2: after a shift two versions and their images are left."""
    reach(now=two_hours_later)
    (project / "mldeploy.toml").write_text(CONFIG + "\n[deploy]\nkeep = 2\n")
    for content in ("one", "two", "three", "four"):
        model(content)
        assert command("deploy")[0] == 0
    assert versions(aws) == ["3", "4"]
    images = aws.client("ecr").describe_images(repositoryName="mldeploy/iris")["imageDetails"]
    assert len(images) == 2
    code, envelope = command("rollback", "1")
    assert (code, envelope["error"]["code"]) == (1, "MLD461")
    assert command("rollback")[0] == 0


def test_documents_go_with_their_image(
    command: Command, aws: StrictAws, project: Path, model: Model, reach: Reach
) -> None:
    """Those of images that stay, stay; they are no images to be counted or taken as a cache."""
    (project / "mldeploy.toml").write_text(CONFIG + "\n[deploy]\nkeep = 2\n")
    reach(now=two_hours_later)
    beside = {}
    for content in ("one", "two", "three", "four"):
        tag = model(content)
        command("deploy")
        beside[tag] = put_documents(aws, tag)
    model("five")
    command("deploy")
    images = aws.client("ecr").describe_images(repositoryName="mldeploy/iris")["imageDetails"]
    left = {one["imageDigest"] for one in images}
    tags = {tag for one in images for tag in one.get("imageTags", []) if tag in beside}
    assert len(tags) == 1
    assert left >= {one for tag in tags for one in beside[tag]}
    assert not left & {one for tag in beside if tag not in tags for one in beside[tag]}


def put_documents(aws: StrictAws, tag: str) -> list[str]:
    """Put a document of an image and an index of it; return their digests."""
    ecr = aws.client("ecr")
    named = {"repositoryName": "mldeploy/iris"}
    (image,) = ecr.describe_images(**named, imageIds=[{"imageTag": tag}])["imageDetails"]
    subject = image["imageDigest"]
    document = json.dumps({"config": {}, "layers": [], "subject": {"digest": subject}})
    digest = "sha256:" + hashlib.sha256(document.encode()).hexdigest()
    index = json.dumps({"manifests": [{"digest": digest}], "of": subject})
    first = ecr.put_image(**named, imageManifest=document, imageManifestMediaType=OCI)
    second = ecr.put_image(
        **named,
        imageManifest=index,
        imageManifestMediaType=INDEX,
        imageTag=subject.replace(":", "-"),
    )
    return [one["image"]["imageId"]["imageDigest"] for one in (first, second)]


def test_an_image_that_another_stage_runs_is_never_pruned(
    command: Command, aws: StrictAws, project: Path, model: Model, reach: Reach
) -> None:
    """Prod runs the first image; dev's deploys prune all others, and prod goes on."""
    reach(now=two_hours_later)
    (project / "mldeploy.toml").write_text(CONFIG + "\n[deploy]\nkeep = 1\n")
    first = model("one")
    command("deploy")
    command("deploy", "--stage", "prod")
    for content in ("two", "three", "four"):
        model(content)
        command("deploy")
    images = aws.client("ecr").describe_images(repositoryName="mldeploy/iris")["imageDetails"]
    tags = {tag for image in images for tag in image["imageTags"]}
    assert first in tags
    assert len(tags) == 3  # the one that a rollback goes back to stays, too


def test_a_young_image_is_never_pruned(
    command: Command, aws: StrictAws, project: Path, model: Model
) -> None:
    """Another deploy may have pushed it a moment ago."""
    assert timedelta(hours=1) == YOUNG
    (project / "mldeploy.toml").write_text(CONFIG + "\n[deploy]\nkeep = 1\n")
    for content in ("one", "two", "three"):
        model(content)
        command("deploy")
    images = aws.client("ecr").describe_images(repositoryName="mldeploy/iris")["imageDetails"]
    assert len(images) == 3
    assert all(datetime.now(UTC) - one["imagePushedAt"] < YOUNG for one in images)


def test_a_prune_that_fails_does_not_fail_the_deploy(
    command: Command, aws: StrictAws, project: Path, model: Model
) -> None:
    """AccessDenied while pruning is a warning; the release is live."""
    (project / "mldeploy.toml").write_text(CONFIG + "\n[deploy]\nkeep = 1\n")
    for content in ("one", "two"):
        model(content)
        command("deploy")
    model("three")
    aws.deny("lambda:DeleteFunction")
    assert command("deploy")[0] == 0
    assert live(aws) == "3"
    assert versions(aws) == ["1", "2", "3"]


def test_a_version_that_was_deleted_by_hand_is_published_again(
    command: Command, aws: StrictAws, model: Model
) -> None:
    """Lambda publishes nothing without a change; the deploy finds a way, and the alias moves."""
    for content in ("one", "two"):
        model(content)
        command("deploy")
    command("rollback")
    aws.client("lambda").delete_function(FunctionName=NAME, Qualifier="2")
    code, envelope = command("deploy")
    assert code == 0, envelope
    assert changes(envelope) == ["create version", "update alias"]
    assert live(aws) == "3"
    assert command("plan", "--exit-code")[0] == 0


def test_large_values_that_are_rounded_otherwise_are_no_reason_to_go_back(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A regressor of house prices: verified and confirmed with one tolerance."""
    monkeypatch.setattr("tests.support.runtime.answers_to", lambda _rows: [{"value": 250_000.1}])
    write_bundle(project / "model", predictions=[{"value": 250_000.0}])
    code, envelope = command("deploy")
    assert code == 0, envelope
