"""push, plan, deploy, status and destroy, through their real entry, on strict AWS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes, run
from tests.support.others import MOST_READS, calls_of_others, named, others, unnamed
from tests.support.projects import CONFIG, write_bundle
from tests.support.stacks import RegistryOnly

NAME = "mldeploy_iris_dev_predict"


def test_a_first_deploy_makes_everything(command: Command) -> None:
    """Eight resources, in the order of dependence, and the URL at the end."""
    code, envelope = command("deploy")
    assert code == 0
    assert unnamed(changes(envelope)) == [f"create {kind}" for kind in others()]
    assert named(changes(envelope)) == [
        "create log group",
        "create repository",
        "create image",
        "create role",
        "create function",
        "create version",
        "create alias",
        "create http api",
    ]
    (function,) = envelope["result"]["functions"]
    assert function["url"].endswith("/predict")
    assert function["version"] == "1"
    assert envelope["result"]["public"] is True


def test_a_second_deploy_changes_nothing(command: Command, aws: StrictAws) -> None:
    """No mutating call, exit 0, at most 29 calls, and none of the checks left out.

    Provisioned concurrency that left the file is found only by its own call, one a function, for
    no other answer of Lambda's mentions it. One call lists all rules of the stage.
    """
    command("deploy")
    aws.reset_calls()
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == []
    assert aws.mutating_calls() == []
    calls = [call for call in aws.calls if call.name not in calls_of_others()]
    assert len(calls) <= 29, [call.name for call in calls]
    assert len(aws.calls) - len(calls) <= MOST_READS * len(others())
    assert {call.service for call in calls} == {
        "sts", "ecr", "iam", "logs", "lambda", "apigatewayv2", "events",
    }  # fmt: skip


def test_a_second_deploy_leaves_docker_alone(command: Command, project: Path) -> None:
    """The builder isn't asked for anything when the tag is in ECR."""
    command("deploy")

    def never() -> Any:
        pytest.fail("Docker was touched")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RegistryOnly, "build", lambda *_: never())
        assert command("deploy")[0] == 0


def test_plan_changes_nothing_and_tells_by_its_exit_code(command: Command, aws: StrictAws) -> None:
    """Plan --exit-code gives 3 while there are changes and 0 when there are none."""
    assert command("plan", "--exit-code")[0] == 3
    assert command("plan")[0] == 0
    assert aws.mutating_calls() == []
    command("deploy")
    assert command("plan", "--exit-code")[0] == 0


def test_the_plan_says_what_of_training_becomes_readable(command: Command, project: Path) -> None:
    """For a first release, a new model and a new page; not where nothing of it changes."""
    ranged = {"name": "age", "dtype": "number", "minimum": 10.0, "maximum": 80.0}
    listed = {"name": "plan", "dtype": "string", "categories": ["basic", "plus"]}
    told = {"task": "classification", "classes": [0, 1], "class_names": ["no", "yes"]}
    write_bundle(project / "model", signature={**told, "features": [ranged, listed]})
    by_predict = (
        "readable by anyone through predict: names and types of 2 columns, rounded ranges of 1, "
        "values of 'plan', 2 class names, an example"
    )
    first, ecr = command("plan")[1]["result"]["readable"]
    assert first == by_predict
    assert ecr.startswith("readable by principals that may pull from ECR: the model")
    command("deploy")
    assert command("plan")[1]["result"]["readable"] == []
    (project / "mldeploy.toml").write_text(CONFIG.replace("512", "512\npaths = ['/metadata']"))
    assert command("plan")[1]["result"]["readable"][0] == by_predict


def test_a_new_model_touches_only_what_concerns_it(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """Image, function, version and alias; not the role, the log group or the API."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    aws.reset_calls()
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == [
        "create image",
        "update function",
        "create version",
        "update alias",
    ]
    changed = [call.split(":")[0] for call in aws.mutating_calls()]
    assert set(changed) <= {"ecr", "lambda"}
    assert envelope["result"]["functions"][0]["version"] == "2"


def test_a_new_memory_touches_no_image(command: Command, project: Path, aws: StrictAws) -> None:
    """A setting is a new release of the same image."""
    command("deploy")
    (project / "mldeploy.toml").write_text(CONFIG.replace("512", "1024"))
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == ["update function", "create version", "update alias"]
    (memory, _release) = envelope["result"]["changes"][0]["differences"]
    assert memory == {"field": "memory", "before": "512", "after": "1024"}


def test_going_back_is_one_change_of_the_alias_and_the_function(
    command: Command, project: Path
) -> None:
    """A release that was published before isn't published again."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    write_bundle(project / "model", "a model")
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == ["update function", "update alias"]
    assert envelope["result"]["functions"][0]["version"] == "1"


def test_a_new_route_touches_only_the_api(command: Command, project: Path) -> None:
    """Routes aren't part of a release."""
    command("deploy")
    (project / "mldeploy.toml").write_text(CONFIG.replace("POST /predict", "POST /classify"))
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == ["update http api"]
    assert envelope["result"]["functions"][0]["url"].endswith("/classify")
    assert command("plan", "--exit-code")[0] == 0


def test_a_function_that_left_the_file_leaves_aws(command: Command, project: Path) -> None:
    """Its route goes first, then it, its role and its log group; the other stays untouched."""
    second = '\n[functions.check]\nroute = "POST /check"\n'
    (project / "mldeploy.toml").write_text(CONFIG + second)
    command("deploy")
    (project / "mldeploy.toml").write_text(CONFIG)
    code, envelope = command("deploy")
    assert code == 0
    assert unnamed(changes(envelope)) == [f"delete {kind}" for kind in reversed(others())]
    assert named(changes(envelope)) == [
        "update http api",
        "delete function",
        "delete role",
        "delete log group",
    ]
    assert [one["name"] for one in envelope["result"]["functions"]] == [NAME]
    assert command("plan", "--exit-code")[0] == 0


def test_status_needs_no_bundle(command: Command, project: Path) -> None:
    """What runs is shown, and compared with itself where there is no bundle."""
    command("deploy")
    for path in (project / "model").iterdir():
        path.unlink()
    code, envelope = command("status")
    assert code == 0
    assert envelope["result"]["deployed"] is True
    assert changes(envelope) == []


def test_status_of_nothing(command: Command) -> None:
    """Before the first deploy status says so, with exit code 0."""
    code, envelope = command("status")
    assert code == 0
    assert envelope["result"]["deployed"] is False


def test_destroy_wants_the_name(command: Command, aws: StrictAws) -> None:
    """With another project's name nothing is removed; exit code 2."""
    command("deploy")
    aws.reset_calls()
    code, envelope = command("destroy", "--confirm", "tulips")
    assert (code, envelope["error"]["code"]) == (2, "MLD106")
    assert aws.mutating_calls() == []


def test_destroy_leaves_nothing_of_ours(command: Command, aws: StrictAws) -> None:
    """Every kind is gone, and a second destroy is a success that does nothing."""
    command("deploy")
    code, _ = command("destroy", "--confirm", "iris")
    assert code == 0
    assert aws.client("apigatewayv2").get_apis()["Items"] == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("iam").list_roles()["Roles"] == []
    assert aws.client("ecr").describe_repositories()["repositories"] == []
    assert aws.client("logs").describe_log_groups()["logGroups"] == []
    aws.reset_calls()
    assert command("destroy", "--confirm", "iris")[0] == 0
    assert aws.mutating_calls() == []


def test_the_repository_goes_with_the_last_stage(command: Command, aws: StrictAws) -> None:
    """Another stage keeps the repository; its own resources stay untouched."""
    command("deploy")
    command("deploy", "--stage", "prod")
    _, envelope = command("destroy", "--confirm", "iris")
    assert "delete repository" not in changes(envelope)
    assert command("plan", "--stage", "prod", "--exit-code")[0] == 0
    _, envelope = command("destroy", "--stage", "prod", "--confirm", "iris")
    assert "delete repository" in changes(envelope)
    assert aws.client("ecr").describe_repositories()["repositories"] == []


def test_push_makes_the_repository_and_the_image_alone(command: Command, aws: StrictAws) -> None:
    """Push touches ECR and nothing else, and a second push touches nothing."""
    code, envelope = command("push")
    assert code == 0
    assert "@sha256:" in envelope["result"]["image"]
    assert {call.split(":")[0] for call in aws.mutating_calls()} == {"ecr"}
    aws.reset_calls()
    code, envelope = command("push")
    assert (code, envelope["result"]["pushed"]) == (0, False)
    assert aws.mutating_calls() == []


FOREIGN: list[tuple[str, Callable[[StrictAws], Any]]] = [
    ("log group", lambda aws: aws.client("logs").create_log_group(
        logGroupName=f"/aws/lambda/{NAME}")),
    ("repository", lambda aws: aws.client("ecr").create_repository(
        repositoryName="mldeploy/iris", tags=[{"Key": "mldeploy:project", "Value": "other"}])),
    ("role", lambda aws: aws.client("iam").create_role(
        RoleName=f"{NAME}_eu-central-1", AssumeRolePolicyDocument="{}")),
]  # fmt: skip


@pytest.mark.parametrize("make", [make for _, make in FOREIGN], ids=[kind for kind, _ in FOREIGN])
def test_what_is_somebody_elses_is_refused_before_any_write(
    make: Callable[[StrictAws], Any], command: Command, aws: StrictAws
) -> None:
    """A resource of our name without our tags stops the deploy with nothing changed."""
    make(aws)
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD410")
    assert aws.mutating_calls() == []


@pytest.mark.parametrize(
    ("action", "done", "not_done"),
    [
        ("ecr:CreateRepository", "log group", "repository"),
        ("iam:CreateRole", "image", "role"),
        ("lambda:CreateFunction", "role", "function"),
        ("apigatewayv2:CreateApi", "alias", "http api"),
    ],
)
def test_a_denied_call_says_what_is_done(
    action: str, done: str, not_done: str, command: Command, aws: StrictAws
) -> None:
    """AccessDenied: which call, what is done and what isn't, safe to re-run; exit 4."""
    aws.deny(action)
    code, envelope = command("deploy")
    error = envelope["error"]
    assert (code, error["code"]) == (4, "MLD402")
    assert action in error["message"]
    assert "mldeploy iam policy" in error["hint"]
    assert done in error["details"]["done"]
    assert not_done in error["details"]["not done"].split(",")[0]
    assert error["details"]["safe to re-run"] == "yes"


def test_a_denied_read_stops_before_any_write(command: Command, aws: StrictAws) -> None:
    """What can't be seen isn't guessed: a denied read is no 'not there'."""
    aws.deny("iam:GetRole")
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (4, "MLD402")
    assert aws.mutating_calls() == []


def test_the_new_role_is_waited_for_by_name(
    project: Path, aws: StrictAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """While IAM spreads the role, stderr says that this is what is waited for."""
    aws.state.role_refusals = 3
    assert run(["deploy", "--yes"]) == 0
    assert "cannot be assumed by Lambda" in capsys.readouterr().err


def test_stdout_of_deploy_is_the_url_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything but the URL goes to stderr; the plan there says PUBLIC."""
    assert run(["deploy", "--yes"]) == 0
    shown = capsys.readouterr()
    (line,) = shown.out.splitlines()
    assert line.startswith("https://")
    assert line.endswith("/predict")
    assert "PUBLIC" in shown.err
    assert f"Plan: {8 + len(others())} to create." in shown.err


def test_without_a_bundle_train_is_advised(command: Command, project: Path, aws: StrictAws) -> None:
    """No bundle: the error names the command, and AWS isn't called."""
    (project / "model" / "model.json").unlink()
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD201")
    assert "mldeploy train" in envelope["error"]["hint"]
    assert aws.calls == []


def test_a_damaged_model_is_not_deployed(command: Command, project: Path, aws: StrictAws) -> None:
    """A model that isn't the one that was trained stops before AWS is called."""
    (project / "model" / "model.joblib").write_text("something else")
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD202")
    assert aws.calls == []


def test_without_credentials_the_login_is_advised(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No credentials: exit 4 and the login commands, no traceback."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    code, envelope = command("plan")
    assert (code, envelope["error"]["code"]) == (4, "MLD401")
    assert "aws sso login" in envelope["error"]["hint"]


def test_without_a_region_one_is_asked_for(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No region anywhere: exit 2 and where it can be set."""
    (project / "mldeploy.toml").write_text(CONFIG.replace('region = "eu-central-1"\n', ""))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    code, envelope = command("plan")
    assert (code, envelope["error"]["code"]) == (2, "MLD404")


def test_a_role_of_the_users_is_taken_as_it_is(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """With [role] arn no role is made, and the one that we made before goes."""
    command("deploy")
    arn = aws.client("iam").create_role(RoleName="theirs", AssumeRolePolicyDocument="{}")["Role"]
    (project / "mldeploy.toml").write_text(CONFIG + f'\n[role]\narn = "{arn["Arn"]}"\n')
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == [
        "update function",
        "create version",
        "update alias",
        "delete role",
    ]
    assert [one["RoleName"] for one in aws.client("iam").list_roles()["Roles"]] == ["theirs"]
    assert command("plan", "--exit-code")[0] == 0


def test_stages_are_separate_and_overridden(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """Stage prod has its own function with its own memory, and dev stays as it was."""
    prod = "\n[stages.prod.functions.predict]\nmemory = 2048\n"
    (project / "mldeploy.toml").write_text(CONFIG + prod)
    command("deploy")
    code, envelope = command("deploy", "--stage", "prod")
    assert code == 0
    assert envelope["result"]["functions"][0]["memory"] == 2048
    assert "create image" not in changes(envelope)
    assert command("status")[1]["result"]["functions"][0]["memory"] == 512


def test_an_api_for_signed_requests_isnt_public(command: Command, project: Path) -> None:
    """With auth = "iam" no plan says PUBLIC; taking it away changes the API alone."""
    (project / "mldeploy.toml").write_text(CONFIG.replace('"none"', '"iam"'))
    _, envelope = command("deploy")
    assert envelope["result"]["public"] is False
    (project / "mldeploy.toml").write_text(CONFIG)
    _, envelope = command("plan")
    assert envelope["result"]["public"] is True
    assert changes(envelope) == ["update http api"]


def test_a_function_that_lambda_could_not_make_is_made_anew(
    command: Command, aws: StrictAws
) -> None:
    """State Failed shows as unhealthy; the next deploy deletes and creates it."""
    command("deploy")
    aws.state.failed.add(NAME)
    _, envelope = command("plan")
    (change,) = envelope["result"]["changes"]
    assert change["differences"] == [{"field": "healthy", "before": "no", "after": "yes"}]
    assert command("deploy")[0] == 0
    assert command("plan", "--exit-code")[0] == 3  # alias and permission went with the function
    assert command("deploy")[0] == 0
    assert command("plan", "--exit-code")[0] == 0


def test_the_url_is_that_of_predictions(command: Command, project: Path) -> None:
    """Whatever else the function serves, and however its routes are sorted."""
    text = CONFIG.replace('"POST /predict"', '"POST /ask"') + 'paths = ["/", "/health", "/v2"]\n'
    (project / "mldeploy.toml").write_text(text)
    code, envelope = command("deploy")
    assert code == 0
    (function,) = envelope["result"]["functions"]
    assert (function["route"], function["url"].endswith("/ask")) == ("POST /ask", True)
    assert function["page"] == function["url"].removesuffix("ask")
    assert command("status")[1]["result"]["functions"][0]["url"] == function["url"]
    assert command("plan", "--exit-code")[0] == 0
    (project / "mldeploy.toml").write_text(text.replace('"/health", ', ""))
    assert changes(command("plan")[1])[-1] == "update http api"
