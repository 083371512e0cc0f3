"""Lambda's less usual states, through the real command."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes
from tests.support.projects import write_bundle
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
LATEST = NAME, "$LATEST"


def test_an_update_that_failed_is_drift_and_the_next_one_repairs_it(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """The deploy that met it fails with Lambda's reason; nothing waits for it to go away."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    aws.state.failing[NAME] = "ImageAccessDenied"
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD420")
    assert "ImageAccessDenied" in envelope["error"]["message"]
    differences = command("plan")[1]["result"]["changes"][0]["differences"]
    (failed,) = [one["before"] for one in differences if one["field"] == "failed_update"]
    assert failed.startswith("ImageAccessDenied: ")
    aws.state.failing.clear()
    assert command("deploy")[0] == 0
    assert not aws.state.failed_updates
    assert command("plan", "--exit-code")[0] == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [("512", "2048"), ("[api]", '[project.tags]\nteam = "other"\n[api]'), ("", "")],
    ids=["memory", "tags", "nothing"],
)
def test_an_update_that_failed_outside_is_repaired_with_whatever_comes(
    command: Command, project: Path, aws: StrictAws, old: str, new: str
) -> None:
    """Another setting, another tag or nothing else: one deploy, and the plan is empty."""
    command("deploy")
    aws.state.failed_updates[NAME] = "ImageDeleted"
    file = project / "mldeploy.toml"
    file.write_text(file.read_text().replace(old, new, 1))
    code, envelope = command("deploy")
    assert code == 0, envelope
    assert "update function" in changes(envelope)
    assert command("plan", "--exit-code")[0] == 0


def test_a_rollback_needs_no_update_that_went_well(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """What failed concerns the newest code alone: published versions serve."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    aws.state.failed_updates[NAME] = "ImageDeleted"
    assert command("rollback")[0] == 0
    assert aws.client("lambda").get_alias(FunctionName=NAME, Name="live")["FunctionVersion"] == "1"


@pytest.mark.parametrize("state", ["Inactive", "Deactivated", "ActiveNonInvocable"])
def test_states_that_take_changes_are_no_obstacle(
    command: Command, project: Path, aws: StrictAws, state: str
) -> None:
    """The newest code is never invoked: a deploy updates it and publishes."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    aws.state.states[LATEST] = state
    assert command("plan")[0] == 0
    code, envelope = command("deploy")
    assert code == 0, envelope


def test_an_inactive_version_is_woken(
    command: Command, project: Path, aws: StrictAws, runtime: Runtime
) -> None:
    """A rollback to a version that was idle for weeks: its first invoke fails, the next one not."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    aws.state.states[NAME, "1"] = "Inactive"
    runtime.invoked.clear()
    assert command("rollback")[0] == 0
    assert runtime.invoked == [(NAME, "1")]


@pytest.mark.parametrize("state", ["Deactivated", "ActiveNonInvocable"])
def test_a_version_that_cant_be_invoked_is_named(
    command: Command, project: Path, aws: StrictAws, state: str
) -> None:
    """MLD425 at once with the state, not ten minutes of waiting; nothing was moved."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    aws.state.states[NAME, "1"] = state
    aws.reset_calls()
    code, envelope = command("rollback")
    assert (code, envelope["error"]["code"]) == (1, "MLD425")
    assert state in envelope["error"]["message"]
    assert aws.mutating_calls() == []


def test_a_function_that_is_being_deleted_is_waited_for(command: Command, aws: StrictAws) -> None:
    """A deploy right after a deletion: the name is taken until it has ended."""
    command("deploy")
    aws.state.slow_deletions = 5
    aws.client("lambda").delete_function(FunctionName=NAME)
    _, envelope = command("plan")
    assert changes(envelope)[0] == "create function"
    code, envelope = command("deploy")
    assert code == 0, envelope
    assert command("plan", "--exit-code")[0] == 0


def test_a_deactivating_function_is_waited_for(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """It ends by itself; where it doesn't, the error names the state after ten minutes."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    aws.state.states[LATEST] = "Deactivating"
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD421")
    assert "Deactivating" in envelope["error"]["message"]
    assert "600 s" in envelope["error"]["message"]
    del aws.state.states[LATEST]
    assert command("deploy")[0] == 0


@pytest.mark.usefixtures("project")
def test_an_image_of_gigabytes_gets_its_time(command: Command, aws: StrictAws) -> None:
    """Lambda takes minutes for it: nine of them aren't too many."""
    aws.state.reads = 400
    code, envelope = command("deploy")
    assert code == 0, envelope


def test_a_version_is_published_again_after_it_was_deleted(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """The newest code has another revision after the publish that found nothing new."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    functions = aws.client("lambda")
    functions.update_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
    functions.delete_function(FunctionName=NAME, Qualifier="2")
    aws.reset_calls()
    code, envelope = command("deploy")
    assert code == 0, envelope
    assert aws.mutating_calls().count("lambda:PublishVersion") == 2
    assert functions.get_alias(FunctionName=NAME, Name="live")["FunctionVersion"] == "3"
