"""Nothing on AWS is changed, moved back or removed unless somebody agreed to the plan."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes, run
from tests.support.projects import CONFIG, write_bundle
from tests.support.terminal import typing

Captured = pytest.CaptureFixture[str]
VERBS = [("deploy",), ("promote", "dev", "prod"), ("rollback",), ("destroy",)]


@pytest.fixture
def project(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that agrees to nothing by itself, as every new one."""
    monkeypatch.delenv("MLDEPLOY_DEPLOY__APPROVE")
    return project


@pytest.fixture
def pending(command: Command, project: Path, aws: StrictAws) -> Command:
    """Two releases are there and a third model is trained: every verb has something to do."""
    for model in ("a model", "a better model"):
        write_bundle(project / "model", model)
        assert command("deploy", "--yes")[0] == 0
    write_bundle(project / "model", "the best model")
    aws.reset_calls()
    return command


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
@pytest.mark.parametrize("output", ["human", "json"])
def test_without_a_terminal_nothing_is_changed(
    verb: tuple[str, ...], output: str, pending: Command, aws: StrictAws, capsys: Captured
) -> None:
    """Exit code 2 with a code of its own, no changing call, and each way of agreeing is named."""
    assert run([*verb, "-o", output]) == 2
    shown = capsys.readouterr()
    text = shown.err if output == "human" else shown.out
    assert "MLD131" in text
    for way in ("--yes", "approve", "stages."):
        assert way in text
    assert "Plan: " in shown.err
    assert aws.mutating_calls() == []


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
@pytest.mark.parametrize("by", ["flag", "file", "variable"])
def test_a_flag_the_file_or_a_variable_agrees(
    *, verb: tuple[str, ...], by: str, pending: Command, project: Path, aws: StrictAws,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Each is enough for each verb."""
    match by:
        case "file":
            file = project / "mldeploy.toml"
            file.write_text(f'{CONFIG}\n[deploy]\napprove = "auto"\n')
        case "variable":
            monkeypatch.setenv("MLDEPLOY_DEPLOY__APPROVE", "auto")
    code, envelope = pending(*verb, *(["--yes"] if by == "flag" else []))
    assert code == 0, envelope
    assert changes(envelope)
    assert aws.mutating_calls()


def test_what_changes_nothing_needs_nobody(command: Command, aws: StrictAws) -> None:
    """A second deploy, a rollback to what is live and a second destroy end with 0."""
    command("deploy", "--yes")
    aws.reset_calls()
    assert command("deploy")[0] == 0
    assert command("rollback", "1")[0] == 0
    assert aws.mutating_calls() == []
    command("destroy", "--yes")
    aws.reset_calls()
    assert command("destroy")[0] == 0
    assert aws.mutating_calls() == []


def test_a_mistyped_stage_is_not_made(command: Command, aws: StrictAws) -> None:
    """A pipeline that deploys without changes to `dev` doesn't make a public `dve`."""
    command("deploy", "--yes")
    aws.reset_calls()
    code, envelope = command("deploy", "--stage", "dve")
    assert (code, envelope["error"]["code"]) == (2, "MLD131")
    assert "stage dve of iris" in envelope["error"]["message"]
    assert aws.mutating_calls() == []


def test_one_stage_may_agree_by_itself(command: Command, project: Path) -> None:
    """[stages.X.deploy] approve is for X alone."""
    text = f'{CONFIG}\n[stages.test.deploy]\napprove = "auto"\n'
    (project / "mldeploy.toml").write_text(text)
    assert command("deploy", "--stage", "test")[0] == 0
    assert command("deploy")[1]["error"]["code"] == "MLD131"


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 1), ("no\n", 1)])
@pytest.mark.parametrize("verb", VERBS[:3], ids=lambda verb: verb[0])
def test_on_a_terminal_the_question_names_the_place(
    *, verb: tuple[str, ...], answer: str, code: int, pending: Command, aws: StrictAws,
    monkeypatch: pytest.MonkeyPatch, capsys: Captured,
) -> None:  # fmt: skip
    """Stage, project, account and region stand in it; Enter means no."""
    typing(monkeypatch, answer)
    assert run(verb) == code
    (question,) = (line for line in capsys.readouterr().err.splitlines() if "(y/N)" in line)
    stage = "prod" if verb[0] == "promote" else "dev"
    assert f"stage {stage} of iris (account 123456789012, eu-central-1)" in question
    assert bool(aws.mutating_calls()) is (code == 0)


@pytest.mark.parametrize(("answer", "code"), [("iris\n", 0), ("y\n", 2), ("\n", 2)])
def test_on_a_terminal_a_removal_wants_the_name_whatever_the_file_says(
    *, answer: str, code: int, pending: Command, project: Path, aws: StrictAws,
    monkeypatch: pytest.MonkeyPatch, capsys: Captured,
) -> None:  # fmt: skip
    """A removal can't be undone, so `approve = "auto"` answers for scripts alone."""
    (project / "mldeploy.toml").write_text(f'{CONFIG}\n[deploy]\napprove = "auto"\n')
    typing(monkeypatch, answer)
    assert run(["destroy"]) == code
    assert "Type the project's name (iris)" in capsys.readouterr().err
    assert bool(aws.mutating_calls()) is (code == 0)


def test_a_wrong_name_is_refused_beside_yes(pending: Command, aws: StrictAws) -> None:
    """`--confirm` says which project is meant, and is held to that."""
    code, envelope = pending("destroy", "--yes", "--confirm", "tulips")
    assert (code, envelope["error"]["code"]) == (2, "MLD106")
    assert aws.mutating_calls() == []
