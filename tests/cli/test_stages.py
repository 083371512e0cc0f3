"""Preview stages: allowed by a pattern of the file, listed and removed when their time is over."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes, run
from tests.support.projects import CONFIG, write_bundle

PREVIEWS = f"""{CONFIG}
[stages."pr-*"]
ttl = "3d"
[stages."pr-*".functions.predict]
memory = 1024
[stages.prod.functions.predict]
memory = 2048
"""
Age = Callable[..., None]


@pytest.fixture
def project(project: Path) -> Path:
    """A project whose stages beside dev and prod are previews."""
    (project / "mldeploy.toml").write_text(PREVIEWS)
    return project


@pytest.fixture
def age(aws: StrictAws) -> Age:
    """Let a stage's last release have been some time ago, as its alias tells."""

    def let(stage: str, **ago: float) -> None:
        name = {"FunctionName": f"mldeploy_iris_{stage}_predict", "Name": "live"}
        client = aws.client("lambda")
        note = json.loads(client.get_alias(**name)["Description"])
        note["moved"] = (datetime.now(UTC) - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        client.update_alias(**name, Description=json.dumps(note))

    return let


def listed(command: Command, *options: str) -> dict[str, dict[str, Any]]:
    code, envelope = command("stages", *options)
    assert code == 0, envelope
    return {one["stage"]: one for one in envelope["result"]["stages"]}


def tags_of(aws: StrictAws, stage: str) -> dict[str, str]:
    arn = f"arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/mldeploy_iris_{stage}"
    found = aws.client("logs").list_tags_for_resource(resourceArn=f"{arn}_predict")
    return dict(found["tags"])


@pytest.mark.parametrize(
    ("stage", "memory", "ttl"),
    [("dev", 512, ""), ("prod", 2048, ""), ("pr-12", 1024, "3d"), ("pr-a-b", 1024, "3d")],
)
def test_a_pattern_gives_its_overrides_to_the_stages_that_fit(
    stage: str, memory: int, ttl: str, project: Path
) -> None:
    """And to no other."""
    config = load_config(project, stage=stage, environ={})
    assert (config.functions[0].memory, config.ttl) == (memory, ttl)


@pytest.mark.parametrize("stage", ["prd", "pr", "apr-12", "preview"])
def test_what_fits_no_pattern_is_still_an_unknown_stage(stage: str, project: Path) -> None:
    """A misspelt stage isn't made: the patterns are named with what is allowed."""
    with pytest.raises(MldeployError) as raised:
        load_config(project, stage=stage, environ={})
    assert raised.value.code == "MLD120"


@pytest.mark.parametrize(
    ("sections", "memory"),
    [
        (["*pr", "-"], 0),
        (["pr-*", "pr-1*"], 2),
        (["pr-1*", "pr-*"], 1),
        (["pr-*", "pr-12"], 2),
        (["pr-12", "pr-*"], 1),
    ],
)
def test_the_closest_section_is_taken(sections: list[str], memory: int, project: Path) -> None:
    """The stage's own, else the longest beginning; the order in the file doesn't matter."""
    tables = [
        f'[stages."{name}".functions.predict]\nmemory = {number * 1000}\n'
        for number, name in enumerate(sections, 1)
    ]
    (project / "mldeploy.toml").write_text(CONFIG + "\n".join(tables))
    if not memory:
        with pytest.raises(MldeployError) as raised:
            load_config(project, stage="pr-12", environ={})
        assert raised.value.code == "MLD102"
    else:
        found = load_config(project, stage="pr-12", environ={}).functions[0].memory
        assert found == memory * 1000


@pytest.mark.parametrize("ttl", ["0d", "59m", "366d", "3 d", "3w", "", "soon"])
def test_a_time_to_live_is_one_hour_to_one_year(ttl: str, project: Path) -> None:
    """Anything else is a wrong value, with its line."""
    (project / "mldeploy.toml").write_text(PREVIEWS.replace('"3d"', f'"{ttl}"'))
    with pytest.raises(MldeployError) as raised:
        load_config(project, environ={})
    assert raised.value.code == "MLD102"
    assert "1h to 365d" in raised.value.message
    assert "mldeploy.toml:13" in raised.value.message


@pytest.mark.parametrize(
    "stages", ["5", "[1]", '"pr-*"', "{pr = 1}", '{"*" = {}}', '{"pr-*-a" = {}}']
)
def test_what_is_no_section_is_a_wrong_value(stages: str, project: Path) -> None:
    """Not an error of the program's, whatever stands there."""
    (project / "mldeploy.toml").write_text(f"stages = {stages}\n{CONFIG}")
    with pytest.raises(MldeployError) as raised:
        load_config(project, stage="pr-1", environ={})
    assert raised.value.code == "MLD102"


def test_a_time_to_live_takes_one_of_the_tags(project: Path) -> None:
    """AWS takes fifty, and it is one more of ours."""
    tags = "".join(f'\nt{number} = "x"' for number in range(48))
    (project / "mldeploy.toml").write_text(f"{PREVIEWS}\n[project.tags]{tags}\n")
    assert load_config(project, environ={}).ttl == ""
    with pytest.raises(MldeployError) as raised:
        load_config(project, stage="pr-1", environ={})
    assert "47 tags in addition to a `ttl`" in raised.value.message


def test_only_a_section_of_stages_has_a_time_to_live(project: Path) -> None:
    """`dev` and the file as a whole live for ever."""
    (project / "mldeploy.toml").write_text(f'ttl = "3d"\n{CONFIG}')
    with pytest.raises(MldeployError) as raised:
        load_config(project, environ={})
    assert raised.value.code == "MLD101"


def test_stages_lists_what_is_deployed_and_when_it_expires(
    command: Command, project: Path, age: Age
) -> None:
    """The time to live counts from the last release; dev has none."""
    write_bundle(project / "model", metrics={"accuracy": 0.9})
    releases = {
        stage: command("deploy", "--stage", stage)[1]["result"]["functions"][0]["release"]
        for stage in ("dev", "pr-1", "pr-2")
    }
    age("pr-1", days=1)
    age("pr-2", days=3, minutes=1)
    found = listed(command)
    assert {name: one["live"][0]["release"] for name, one in found.items()} == releases
    assert found["dev"]["live"][0]["metric"] == "accuracy=0.9000"
    assert (found["dev"]["expires"], found["dev"]["expired"]) == ("", False)
    for name, left in (("pr-1", timedelta(days=2)), ("pr-2", timedelta(minutes=-1))):
        expires = datetime.fromisoformat(found[name]["expires"]) - datetime.now(UTC)
        assert abs(expires - left) < timedelta(seconds=90)
        assert found[name]["functions"] == ["predict"]
    assert [name for name, one in found.items() if one["expired"]] == ["pr-2"]
    assert list(listed(command, "--expired")) == ["pr-2"]


def test_the_expiry_is_in_aws_and_not_in_the_file(
    command: Command, project: Path, aws: StrictAws, age: Age
) -> None:
    """A job that has another file, or none for this stage, sees the same."""
    aws.least.held = False  # its role has the policy that was printed with the older file
    command("deploy", "--stage", "pr-1")
    age("pr-1", days=4)
    (project / "mldeploy.toml").write_text(CONFIG + "\n[stages.prod.api]\nrate = 1.0\n")
    assert list(listed(command, "--expired")) == ["pr-1"]
    code, envelope = command("destroy", "--expired", "--yes")
    assert code == 0
    assert [one["where"]["stage"] for one in envelope["result"]["stages"]] == ["pr-1"]
    assert listed(command) == {}


def test_destroy_expired_removes_the_expired_stages_alone(
    command: Command, aws: StrictAws, age: Age
) -> None:
    """Every kind of theirs goes; the others and the repository stay as they are."""
    for stage in ("dev", "pr-1", "pr-2", "pr-3"):
        command("deploy", "--stage", stage)
    age("pr-1", days=4)
    age("pr-3", days=4)
    _, envelope = command("destroy", "--expired", "--yes")
    assert [one["where"]["stage"] for one in envelope["result"]["stages"]] == ["pr-1", "pr-3"]
    assert list(listed(command)) == ["dev", "pr-2"]
    names = [one["FunctionName"] for one in aws.client("lambda").list_functions()["Functions"]]
    assert sorted(names) == ["mldeploy_iris_dev_predict", "mldeploy_iris_pr-2_predict"]
    for stage in ("dev", "pr-2"):
        assert command("plan", "--stage", stage, "--exit-code")[0] == 0
    aws.reset_calls()
    assert command("destroy", "--expired", "--yes")[1]["result"]["stages"] == []
    assert aws.mutating_calls() == []


def test_the_last_stage_takes_the_repository_along_when_it_expires(
    command: Command, aws: StrictAws, age: Age
) -> None:
    """As with every `destroy`: nothing of the project is left."""
    for stage in ("pr-1", "pr-2"):
        command("deploy", "--stage", stage)
        age(stage, days=4)
    assert command("destroy", "--expired", "--yes")[0] == 0
    assert aws.client("ecr").describe_repositories()["repositories"] == []
    assert aws.client("logs").describe_log_groups()["logGroups"] == []


def test_nothing_expired_is_removed_without_agreement(
    command: Command, aws: StrictAws, age: Age, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`destroy --expired` follows the same rule as `destroy`."""
    command("deploy", "--stage", "pr-1")
    age("pr-1", days=4)
    monkeypatch.delenv("MLDEPLOY_DEPLOY__APPROVE")
    aws.reset_calls()
    code, envelope = command("destroy", "--expired")
    assert (code, envelope["error"]["code"]) == (2, "MLD131")
    assert aws.mutating_calls() == []


def test_a_deploy_changes_the_time_to_live_and_takes_it_away(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """A stage that is to stay isn't removed because of an old tag."""
    command("deploy", "--stage", "pr-1")
    assert tags_of(aws, "pr-1")["mldeploy:ttl"] == "3d"
    (project / "mldeploy.toml").write_text(PREVIEWS.replace("3d", "12h"))
    _, envelope = command("deploy", "--stage", "pr-1")
    assert changes(envelope) == ["update log group"]
    assert tags_of(aws, "pr-1")["mldeploy:ttl"] == "12h"
    (project / "mldeploy.toml").write_text(PREVIEWS.replace('ttl = "3d"\n', ""))
    command("deploy", "--stage", "pr-1")
    assert "mldeploy:ttl" not in tags_of(aws, "pr-1")
    assert listed(command)["pr-1"]["expires"] == ""
    assert command("plan", "--stage", "pr-1", "--exit-code")[0] == 0


def test_a_first_deploy_that_died_expires_too(command: Command, aws: StrictAws) -> None:
    """Its log group, the first thing that is made, tells when and for how long."""
    aws.deny("lambda:CreateFunction")
    assert command("deploy", "--stage", "pr-1")[0] == 4
    (found,) = listed(command).values()
    assert (found["live"], found["ttl"], found["expired"]) == ([], "3d", False)
    left = datetime.fromisoformat(found["expires"]) - datetime.now(UTC)
    assert timedelta(days=2, hours=23) < left <= timedelta(days=3)


def test_a_foreign_log_group_of_a_like_name_is_no_stage(command: Command, aws: StrictAws) -> None:
    """Without our tags it is somebody else's: neither listed nor removed."""
    tags = {"mldeploy:project": "iris", "mldeploy:stage": "dev", "mldeploy:ttl": "1h"}
    for name in ("mldeploy_iris_pr-9_predict", "mldeploy_iris-2_pr-9_predict"):
        aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}", tags=tags)
    assert listed(command) == {}


def test_functions_that_differ_expire_with_the_last(command: Command, aws: StrictAws) -> None:
    """A deploy that died while it changed the tags removes nothing too early."""
    for function, ttl in (("a", "1h"), ("b", "2d"), ("c", "7h")):
        tags = {"mldeploy:project": "iris", "mldeploy:stage": "pr-1", "mldeploy:ttl": ttl}
        name = f"/aws/lambda/mldeploy_iris_pr-1_{function}"
        aws.client("logs").create_log_group(logGroupName=name, tags=tags)
    assert listed(command)["pr-1"]["ttl"] == "2d"
    aws.client("logs").untag_log_group(logGroupName=name, tags=["mldeploy:ttl"])
    assert listed(command)["pr-1"]["expires"] == ""


def test_the_table_for_people(
    command: Command, age: Age, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each stage; without any a sentence on stderr."""
    assert run(["stages"]) == 0
    shown = capsys.readouterr()
    assert (shown.out, "Nothing of iris is deployed" in shown.err) == ("", True)
    command("deploy")
    command("deploy", "--stage", "pr-1")
    age("pr-1", days=4)
    capsys.readouterr()
    assert run(["stages"]) == 0
    head, dev, preview = capsys.readouterr().out.splitlines()
    assert head.split() == ["stage", "functions", "live", "since", "expires"]
    assert dev.split()[0] == "dev"
    assert dev.endswith("never")
    assert preview.endswith("Z (expired)")


def test_the_plan_of_a_preview_says_that_it_expires(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its place, before anything is made."""
    assert command("plan", "--stage", "pr-1")[1]["result"]["where"]["ttl"] == "3d"
    run(["plan", "--stage", "pr-1"])
    assert "pr-1 (expires 3d after its last release)" in capsys.readouterr().err
