"""Every plan begins with its place, and with what is live there."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, run
from tests.support.projects import write_bundle

Captured = pytest.CaptureFixture[str]
METRICS = {"accuracy": 0.96666}


def place(text: str) -> list[tuple[str, str]]:
    """Return the labels and values at the beginning of a plan."""
    rows = re.findall(r"^  (project|stage|account|region|target|live) +(.+)$", text, re.MULTILINE)
    return [(label, value) for label, value in rows]


@pytest.mark.parametrize("alias", ["", "flower-shop"])
def test_a_first_plan_says_where_it_goes(
    alias: str, project: Path, aws: StrictAws, capsys: Captured
) -> None:
    """Project, stage, account with its alias, region with its source, target; nothing is live."""
    if alias:
        aws.client("iam").create_account_alias(AccountAlias=alias)
    assert run(["plan"]) == 0
    assert place(capsys.readouterr().err) == [
        ("project", "iris"),
        ("stage", "dev"),
        ("account", "123456789012 (flower-shop)" if alias else "123456789012"),
        ("region", "eu-central-1 (from mldeploy.toml)"),
        ("target", "aws"),
        ("live", "nothing"),
    ]


def test_who_may_not_read_the_alias_gets_a_plan(command: Command, aws: StrictAws) -> None:
    """The alias helps people; its denial is no error, and nothing is said of it."""
    aws.client("iam").create_account_alias(AccountAlias="flower-shop")
    aws.deny("iam:ListAccountAliases")
    code, envelope = command("deploy", "--yes")
    assert code == 0
    assert envelope["result"]["where"]["alias"] == ""


def test_a_plan_tells_what_is_live_since_when_and_how_good_it_is(
    command: Command, project: Path, capsys: Captured
) -> None:
    """The release, its version, when the alias moved there, and the model's metric."""
    write_bundle(project / "model", metrics=METRICS)
    began = datetime.now(UTC).replace(microsecond=0)
    release = command("deploy")[1]["result"]["functions"][0]["release"]
    ended = datetime.now(UTC)
    write_bundle(project / "model", "a better model", metrics=METRICS)
    for verb in (("plan",), ("status",)):
        _, envelope = command(*verb)
        (live,) = envelope["result"]["where"]["live"]
        since = live.pop("since")
        assert live == {
            "function": "predict",
            "release": release,
            "version": "1",
            "metric": "accuracy=0.9667",
            "canary": "",
        }
        assert since.endswith("Z")
        assert began <= datetime.fromisoformat(since) <= ended
    capsys.readouterr()
    run(["plan"])
    line = f"predict: release {release}, version 1, since {since}, accuracy=0.9667"
    assert ("live", line) in place(capsys.readouterr().err)


@pytest.mark.parametrize(
    "verb",
    [("plan",), ("deploy",), ("status",), ("promote", "dev", "prod"), ("rollback",),
     ("destroy", "--yes")],
    ids=lambda verb: verb[0],
)  # fmt: skip
def test_every_command_with_a_plan_shows_the_place_before_it(
    verb: tuple[str, ...], command: Command, project: Path, capsys: Captured
) -> None:
    """For people on stderr, before the first change; for scripts as `where`."""
    for model in ("a model", "a better model"):
        write_bundle(project / "model", model)
        command("deploy")
    write_bundle(project / "model", "the best model")
    assert run([*verb, "-o", "json"]) == 0
    shown = capsys.readouterr()
    stage = "prod" if verb[0] == "promote" else "dev"
    labels = dict(place(shown.err))
    assert (labels["stage"], labels["account"]) == (stage, "123456789012")
    assert shown.err.index("account ") < re.search(r"^  [+~-] ", shown.err, re.MULTILINE).start()  # type: ignore[union-attr]
    assert f'"stage": "{stage}"' in shown.out
    assert '"where": {' in shown.out


def test_after_a_rollback_the_plan_tells_the_release_that_is_live(
    command: Command, project: Path
) -> None:
    """Not the newest version: the one that the alias serves, since the rollback."""
    releases = []
    for model in ("a model", "a better model", "the best model"):
        write_bundle(project / "model", model)
        releases.append(command("deploy")[1]["result"]["functions"][0]["release"])
    command("rollback")
    (live,) = command("plan")[1]["result"]["where"]["live"]
    assert (live["release"], live["version"]) == (releases[1], "2")


@pytest.mark.parametrize("ours", [True, False])
def test_live_since_is_when_the_alias_moved(ours: bool, command: Command, aws: StrictAws) -> None:  # noqa: FBT001 - a column
    """Not when the version was published, unless nobody knows who moved the alias."""
    command("deploy")
    note = {"by": "mldeploy" if ours else "me", "moved": "2026-01-02T03:04:05.678Z"}
    aws.client("lambda").update_alias(
        FunctionName="mldeploy_iris_dev_predict", Name="live", Description=json.dumps(note)
    )
    (live,) = command("plan")[1]["result"]["where"]["live"]
    assert (live["since"] == "2026-01-02T03:04:05Z") is ours
    assert len(live["since"]) == 20


@pytest.mark.parametrize(
    ("arguments", "variables", "source"),
    [
        (["--region", "eu-central-1"], {"MLDEPLOY_REGION": "us-east-1"}, "--region"),
        ([], {"MLDEPLOY_REGION": "eu-central-1"}, "MLDEPLOY_REGION"),
        ([], {}, "mldeploy.toml"),
    ],
)
def test_the_place_names_what_chose_the_region(
    arguments: list[str], variables: dict[str, str], source: str, command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The first that has it counts, as with every setting."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    where = command("plan", *arguments)[1]["result"]["where"]
    assert (where["region"], where["region_from"]) == ("eu-central-1", source)
