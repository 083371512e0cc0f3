"""`plan --out FILE`, `deploy --plan FILE`: what was reviewed is what runs, or nothing does."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from mldeploy import __version__
from tests.strict.aws import StrictAws
from tests.support.canaries import MARK, set_canaries
from tests.support.commands import Command, changes, run
from tests.support.projects import CONFIG, write_bundle

NAME = "mldeploy_iris_dev_predict"
SECRET = "hunter2-of-the-file"
WITH_SECRET = f'{CONFIG}environment = {{ PASSWORD = "{SECRET}" }}\n'


@pytest.fixture
def project(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is deployed by nobody's silence."""
    monkeypatch.delenv("MLDEPLOY_DEPLOY__APPROVE")
    return project


@pytest.fixture
def planned(command: Command, project: Path, aws: StrictAws) -> Path:
    """A plan of a better model for a stage that is deployed."""
    assert command("deploy", "--yes")[0] == 0
    write_bundle(project / "model", "a better model")
    assert command("plan", "--out", "plan.json")[0] == 0
    aws.reset_calls()
    return project / "plan.json"


def test_a_reviewed_plan_is_carried_out_without_a_question(
    planned: Path, command: Command, aws: StrictAws
) -> None:
    """No --yes and no terminal: the review is the agreement. Its changes are the file's."""
    told = json.loads(planned.read_text())["plan"]["changes"]
    code, envelope = command("deploy", "--plan", str(planned))
    assert code == 0, envelope
    assert envelope["result"]["changes"] == told
    assert changes(envelope) == [
        *("create image", "update function", "create version", "update alias"),
    ]
    assert aws.mutating_calls()


def test_a_plan_is_carried_out_once(planned: Path, command: Command, aws: StrictAws) -> None:
    """Afterwards AWS is another, so the same file is stale."""
    command("deploy", "--plan", str(planned))
    aws.reset_calls()
    code, envelope = command("deploy", "--plan", str(planned))
    assert (code, envelope["error"]["code"]) == (2, "MLD134")
    assert aws.mutating_calls() == []


def test_another_checkout_may_carry_it_out(
    planned: Path, command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One job plans and another one deploys: folder and time differ, and the plan is the same."""
    elsewhere = project.parent / "elsewhere"
    copytree(project, elsewhere)
    monkeypatch.chdir(elsewhere)
    assert command("deploy", "--plan", str(planned))[0] == 0


def _model(project: Path, _: StrictAws) -> None:
    write_bundle(project / "model", "a worse model")


def _memory(project: Path, _: StrictAws) -> None:
    (project / "mldeploy.toml").write_text(CONFIG.replace("512", "1024"))


def _keep(project: Path, _: StrictAws) -> None:
    (project / "mldeploy.toml").write_text(f"{CONFIG}\n[deploy]\nkeep = 2\n")


def _password(project: Path, _: StrictAws) -> None:
    (project / "mldeploy.toml").write_text(WITH_SECRET)


def _by_hand(_: Path, aws: StrictAws) -> None:
    aws.client("lambda").update_function_configuration(FunctionName=NAME, MemorySize=1024)


def _variable_by_hand(_: Path, aws: StrictAws) -> None:
    client = aws.client("lambda")
    kept = client.get_function_configuration(FunctionName=NAME)["Environment"]["Variables"]
    client.update_function_configuration(
        FunctionName=NAME, Environment={"Variables": {**kept, "LEVEL": "debug"}}
    )


def _gone(_: Path, aws: StrictAws) -> None:
    aws.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{NAME}")


@pytest.mark.parametrize(
    ("move", "names"),
    [
        (_model, "image of predict"),
        (_memory, "the configuration"),
        (_keep, "the configuration"),
        (_password, f"wanted: function {NAME} is another"),
        (_by_hand, f"in AWS: function {NAME} is another"),
        (_variable_by_hand, f"in AWS: function {NAME} is another"),
        (_gone, f"in AWS: log group /aws/lambda/{NAME} is gone"),
    ],
)
def test_whatever_moved_meanwhile_is_named_and_nothing_is_changed(
    *, move: Callable[[Path, StrictAws], None], names: str, planned: Path, command: Command,
    project: Path, aws: StrictAws,
) -> None:  # fmt: skip
    """Exit code 2, also with --yes: the flag agrees to what was reviewed."""
    move(project, aws)
    aws.reset_calls()
    code, envelope = command("deploy", "--yes", "--plan", str(planned))
    assert (code, envelope["error"]["code"]) == (2, "MLD134"), envelope
    error = envelope["error"]
    assert names in error["message"] + error["details"].get("moved", "")
    assert "plan --out" in error["hint"]
    assert aws.mutating_calls() == []


@pytest.mark.parametrize("name", ["account", "region"])
def test_another_place_is_refused(
    name: str, planned: Path, command: Command, aws: StrictAws
) -> None:
    """The plan of one account or region isn't one for another."""
    content = json.loads(planned.read_text())
    content["place"][name] = "elsewhere"
    planned.write_text(json.dumps(content))
    code, envelope = command("deploy", "--plan", str(planned))
    assert (code, envelope["error"]["code"]) == (2, "MLD134")
    assert f"{name}: elsewhere → " in envelope["error"]["message"]
    assert aws.mutating_calls() == []


def test_another_stage_is_refused_before_aws_is_asked(
    planned: Path, command: Command, aws: StrictAws
) -> None:
    """The hint has the options to add."""
    code, envelope = command("deploy", "--stage", "prod", "--plan", str(planned))
    assert (code, envelope["error"]["code"]) == (2, "MLD134")
    assert "--stage dev" in envelope["error"]["hint"]
    assert aws.calls == []


def test_another_version_of_mldeploy_is_refused(
    planned: Path, command: Command, aws: StrictAws
) -> None:
    """It may make another plan of the same things."""
    content = json.loads(planned.read_text())
    planned.write_text(json.dumps({**content, "mldeploy": "9.9.9"}))
    code, envelope = command("deploy", "--plan", str(planned))
    assert (code, envelope["error"]["code"]) == (2, "MLD134")
    assert f"mldeploy: 9.9.9 → {__version__}" in envelope["error"]["message"]
    assert aws.mutating_calls() == []


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"kind": "mldeploy plan", "format": 2}', "[" * 100_000, "\udcff"],
    ids=range(7),
)
def test_what_is_no_plan_is_refused(content: str, command: Command, aws: StrictAws) -> None:
    """A damaged file, another JSON file, another format: one code, and AWS isn't asked."""
    Path("plan.json").write_text(content, errors="surrogateescape")
    code, envelope = command("deploy", "--plan", "plan.json")
    assert (code, envelope["error"]["code"]) == (2, "MLD133")
    assert aws.calls == []


@pytest.mark.parametrize("name", ["mldeploy.toml", "no/such/folder/plan.json", "model"])
def test_out_writes_over_nothing_but_a_plan(name: str, command: Command, project: Path) -> None:
    """A mistyped --out doesn't cost the user a file."""
    before = (project / "mldeploy.toml").read_text()
    code, envelope = command("plan", "--out", name)
    assert (code, envelope["error"]["code"]) == (2, "MLD133")
    assert (project / "mldeploy.toml").read_text() == before
    assert not list(project.rglob(".*plan*"))


def test_a_plan_may_be_made_anew_in_the_same_file(planned: Path, command: Command) -> None:
    """And then it is for its owner alone again."""
    planned.chmod(0o644)
    assert command("plan", "--out", str(planned))[0] == 0
    assert planned.stat().st_mode & 0o777 == 0o600


def test_a_plan_without_changes_changes_nothing(command: Command, aws: StrictAws) -> None:
    """Exit code 0, as with every deploy that has nothing to do."""
    command("deploy", "--yes")
    command("plan", "--out", "plan.json")
    aws.reset_calls()
    assert command("deploy", "--plan", "plan.json")[0] == 0
    assert aws.mutating_calls() == []


def test_a_plan_holds_no_secret(
    project: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither values of variables nor credentials; and equal values look different in two files."""
    set_canaries(project, "predict", monkeypatch)
    texts = []
    for name in ("a.json", "b.json"):
        assert command("plan", "--out", name)[0] == 0
        assert Path(name).stat().st_mode & 0o777 == 0o600
        texts.append(Path(name).read_text())
    assert MARK not in "".join(texts)
    wanted = [json.loads(text)["wanted"][f"function {NAME}"] for text in texts]
    assert wanted[0] != wanted[1]


def test_a_canary_is_the_plan_s_own(planned: Path, command: Command) -> None:
    """`--canary` beside `--plan` would be another plan."""
    code, envelope = command("deploy", "--plan", str(planned), "--canary", "10%")
    assert (code, envelope["error"]["code"]) == (2, "MLD110")


def test_the_plan_for_people_names_the_next_command(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stderr says how to go on; stdout has nothing, as with every plan."""
    assert run(["plan", "--out", "plan.json"]) == 0
    shown = capsys.readouterr()
    assert "mldeploy deploy --plan plan.json" in shown.err
    assert shown.out == ""


def test_status_tells_drift_by_its_exit_code(command: Command, aws: StrictAws) -> None:
    """3 where nothing is deployed or something differs, 0 where all is as described."""

    def drift() -> tuple[int, Any]:
        code, envelope = command("status", "--exit-code")
        return code, envelope["result"]["deployed"]

    assert drift() == (3, False)
    command("deploy", "--yes")
    assert drift() == (0, True)
    _by_hand(Path(), aws)
    assert drift() == (3, True)
    assert command("status")[0] == 0
