"""A stage stays in its region, whatever region the shell is in."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, run
from tests.support.projects import CONFIG

WITHOUT_REGION = CONFIG.replace('region = "eu-central-1"\n', "")
ROLE = "mldeploy_iris_dev_predict_eu-central-1"
TRUST = "{}"


@pytest.fixture
def project(project: Path) -> Path:
    """A project whose file names no region; the shell's is eu-central-1."""
    (project / "mldeploy.toml").write_text(WITHOUT_REGION)
    return project


@pytest.fixture
def elsewhere(command: Command, aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> Command:
    """It is deployed, and somebody comes with another shell."""
    assert command("deploy")[0] == 0
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    aws.reset_calls()
    return command


@pytest.mark.parametrize("verb", ["plan", "deploy", "status", "destroy"])
def test_a_shell_in_another_region_makes_no_second_stage(
    verb: str, elsewhere: Command, aws: StrictAws
) -> None:
    """Exit code 2 with both regions and what to write; also `destroy` doesn't say "nothing"."""
    code, envelope = elsewhere(verb)
    assert (code, envelope["error"]["code"]) == (2, "MLD132")
    assert (
        "eu-central-1, and not in us-east-1, which AWS_REGION sets"
        in (envelope["error"]["message"])
    )
    assert 'region = "eu-central-1"' in envelope["error"]["hint"]
    assert "--region us-east-1" in envelope["error"]["hint"]
    assert aws.mutating_calls() == []


@pytest.mark.parametrize("by", ["flag", "variable", "file"])
def test_a_region_that_is_named_for_the_project_may_be_a_second_one(
    by: str, elsewhere: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever names it means it: the plan makes everything there."""
    match by:
        case "variable":
            monkeypatch.setenv("MLDEPLOY_REGION", "us-east-1")
        case "file":
            (project / "mldeploy.toml").write_text(CONFIG.replace("eu-central-1", "us-east-1"))
    code, envelope = elsewhere("plan", *(["--region", "us-east-1"] if by == "flag" else []))
    assert code == 0, envelope
    assert envelope["result"]["where"]["region"] == "us-east-1"
    assert envelope["result"]["changes"]


def test_another_stage_and_another_project_may_go_where_the_shell_is(
    elsewhere: Command, project: Path
) -> None:
    """Their names begin alike, and are others."""
    assert elsewhere("plan", "--stage", "dev-2")[0] == 0
    text = WITHOUT_REGION.replace('name = "iris"', 'name = "iris-dev"')
    (project / "mldeploy.toml").write_text(text)
    assert elsewhere("plan")[0] == 0


def test_a_role_that_only_has_the_name_is_nobodys_home(command: Command, aws: StrictAws) -> None:
    """The tags tell whose it is."""
    name = ROLE.replace("eu-central-1", "us-east-1")
    aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    assert command("plan")[0] == 0


def test_who_may_not_list_roles_is_told_and_goes_on(
    command: Command, aws: StrictAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """A permission that came later doesn't stop a pipeline; the warning says what makes it sure."""
    aws.deny("iam:ListRoles")
    assert run(["plan"]) == 0
    shown = capsys.readouterr().err
    assert "iam:ListRoles" in shown
    assert "set region under [project]" in shown


def test_it_costs_nothing_where_the_stage_is(command: Command, aws: StrictAws) -> None:
    """Neither a plan of a stage that is here, nor one whose file names the region, lists roles."""
    command("deploy")
    aws.reset_calls()
    command("plan")
    command("plan", "--stage", "other", "--region", "eu-central-1")
    assert "iam:ListRoles" not in {call.name for call in aws.calls}
