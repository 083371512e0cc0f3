"""keep_warm, provisioned_concurrency and reserved_concurrency through the real command."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, Reach, changes, run
from tests.support.others import MOST_READS, calls_of_others, named, others, unnamed
from tests.support.projects import CONFIG, write_bundle
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
SID = "keep-warm-by-mldeploy"
WARM = 'keep_warm = {every = "5 minutes", instances = 3}\n'
READY = "provisioned_concurrency = 2\n"


def write(project: Path, keys: str) -> None:
    (project / "mldeploy.toml").write_text(CONFIG + keys)


def rules(aws: StrictAws) -> list[dict[str, Any]]:
    return list(aws.client("events").list_rules()["Rules"])


def statements(aws: StrictAws) -> dict[str, Any]:
    policy = aws.client("lambda").get_policy(FunctionName=NAME, Qualifier="live")["Policy"]
    return {one["Sid"]: one for one in json.loads(policy)["Statement"]}


def provisioned(aws: StrictAws) -> list[int]:
    listed = aws.client("lambda").list_provisioned_concurrency_configs(FunctionName=NAME)
    return [
        one["RequestedProvisionedConcurrentExecutions"]
        for one in listed["ProvisionedConcurrencyConfigs"]
    ]


def api_id(aws: StrictAws) -> str:
    return str(aws.client("apigatewayv2").get_apis()["Items"][0]["ApiId"])


def test_a_rule_invokes_the_alias_at_once_as_often_as_asked(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """One rule, three targets on the alias that hold their environment, and its permission."""
    write(project, WARM)
    code, envelope = command("deploy")
    assert code == 0
    assert named(changes(envelope))[-2:] == ["create http api", "create schedule"]
    (rule,) = rules(aws)
    assert (rule["Name"], rule["ScheduleExpression"]) == (NAME, "rate(5 minutes)")
    targets = aws.client("events").list_targets_by_rule(Rule=NAME)["Targets"]
    assert len(targets) == 3
    assert {one["Arn"].rpartition(":function:")[2] for one in targets} == {f"{NAME}:live"}
    assert {one["Input"] for one in targets} == {'{"mldeploy":"warmup","hold":0.2}'}
    assert {one["RetryPolicy"]["MaximumRetryAttempts"] for one in targets} == {0}
    tags = aws.client("events").list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
    assert {"Key": "mldeploy:project", "Value": "iris"} in tags
    statement = statements(aws)[SID]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": rule["Arn"]}}


@pytest.mark.parametrize("keys", [WARM, READY, WARM + READY + "reserved_concurrency = 5\n"])
def test_a_second_deploy_changes_nothing(
    keys: str, command: Command, project: Path, aws: StrictAws
) -> None:
    """No mutating call, whichever of the keys are set; three calls more for a rule than without."""
    write(project, keys)
    command("deploy")
    aws.reset_calls()
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == []
    assert aws.mutating_calls() == []
    calls = [call for call in aws.calls if call.name not in calls_of_others()]
    assert len(calls) <= 34
    assert len(aws.calls) - len(calls) <= MOST_READS * len(others())


def test_two_functions_share_the_list_of_rules(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """However many functions there are, and warm or not, the rules are listed once.

    Two policies of each are read: the function's own and the alias's.
    """
    second = f'\n[functions.check]\nroute = "POST /check"\n{WARM}'
    write(project, second)
    command("deploy")
    aws.reset_calls()
    command("deploy")
    assert [call.name for call in aws.calls].count("events:ListRules") == 1
    assert [call.name for call in aws.calls].count("lambda:GetPolicy") == 4


def test_one_environment_is_not_held(command: Command, project: Path, aws: StrictAws) -> None:
    """A short form: one target every five minutes, which need not occupy anything."""
    write(project, "keep_warm = true\n")
    command("deploy")
    (target,) = aws.client("events").list_targets_by_rule(Rule=NAME)["Targets"]
    assert target["Input"] == '{"mldeploy":"warmup"}'


def test_a_change_touches_the_rule_alone(command: Command, project: Path, aws: StrictAws) -> None:
    """Another rate and fewer targets: no release, no alias, no permission."""
    write(project, WARM)
    command("deploy")
    write(project, 'keep_warm = {every = "1 minute", instances = 2}\n')
    aws.reset_calls()
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == ["update schedule"]
    assert aws.mutating_calls() == ["events:PutRule", "events:RemoveTargets"]
    assert command("plan", "--exit-code")[0] == 0


def test_without_the_key_rule_and_permission_go(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """The API's permission stays, and its route answers."""
    write(project, WARM)
    command("deploy")
    write(project, "")
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == ["delete schedule"]
    assert rules(aws) == []
    (left,) = statements(aws)
    assert left.startswith("mldeploy-")
    assert command("plan", "--exit-code")[0] == 0


def test_a_new_route_leaves_the_rules_permission_alone(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """The API tidies up its own statements, and no others."""
    write(project, WARM)
    command("deploy")
    text = (CONFIG + WARM).replace("POST /predict", "POST /classify")
    (project / "mldeploy.toml").write_text(text)
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == ["update http api"]
    assert SID in statements(aws)


def test_a_permission_without_its_rule_is_found(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """A rule deleted by hand leaves a statement that goes with the key."""
    write(project, WARM)
    command("deploy")
    aws.client("events").remove_targets(Rule=NAME, Ids=["1", "2", "3"])
    aws.client("events").delete_rule(Name=NAME)
    write(project, "")
    _, envelope = command("deploy")
    assert changes(envelope) == ["delete schedule"]
    assert SID not in statements(aws)


def test_a_rule_goes_with_its_function(command: Command, project: Path, aws: StrictAws) -> None:
    """The rule and what is provisioned go before the function that they serve."""
    write(project, f'\n[functions.check]\nroute = "POST /check"\n{WARM}{READY}')
    command("deploy")
    write(project, "")
    code, envelope = command("deploy")
    assert code == 0
    assert unnamed(changes(envelope)) == [f"delete {kind}" for kind in reversed(others())]
    assert named(changes(envelope)) == [
        "update http api",
        "delete schedule",
        "delete provisioned concurrency",
        "delete function",
        "delete role",
        "delete log group",
    ]
    assert rules(aws) == []


def test_destroy_takes_all_of_it_twice(command: Command, project: Path, aws: StrictAws) -> None:
    """Nothing is left, and a second destroy does nothing."""
    write(project, WARM + READY + "reserved_concurrency = 5\n")
    command("deploy")
    assert command("destroy", "--confirm", "iris")[0] == 0
    left = {kind: found for kind, found in aws.snapshot().items() if found}
    assert left == {}
    aws.reset_calls()
    assert command("destroy", "--confirm", "iris")[0] == 0
    assert aws.mutating_calls() == []


def test_a_rule_of_somebody_elses_is_refused(command: Command, aws: StrictAws) -> None:
    """A rule of our name without our tags stops a deploy, even one that wants no rule."""
    aws.client("events").put_rule(Name=NAME, ScheduleExpression="rate(1 minute)")
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD410")
    assert aws.mutating_calls() == []


def test_rules_of_other_names_are_nobodys_business(command: Command, aws: StrictAws) -> None:
    """A rule that only begins as ours do isn't looked at."""
    aws.client("events").put_rule(Name=f"{NAME}-nightly", ScheduleExpression="rate(1 day)")
    assert command("deploy")[0] == 0
    assert command("destroy", "--confirm", "iris")[0] == 0
    assert [rule["Name"] for rule in rules(aws)] == [f"{NAME}-nightly"]


def test_provisioned_environments_are_waited_for(
    project: Path, aws: StrictAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """The deploy says how many are ready, and ends when all are."""
    write(project, READY)
    aws.state.reads = 3
    assert run(["deploy", "--yes"]) == 0
    assert "0 of 2 environments are ready" in capsys.readouterr().err
    assert provisioned(aws) == [2]


def test_provisioned_concurrency_is_changed_and_removed(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """Another number is another request; none at all gives them back. No new release."""
    write(project, READY)
    command("deploy")
    write(project, "provisioned_concurrency = 4\n")
    _, envelope = command("deploy")
    assert changes(envelope) == ["update provisioned concurrency"]
    assert provisioned(aws) == [4]
    write(project, "")
    _, envelope = command("deploy")
    assert changes(envelope) == ["delete provisioned concurrency"]
    assert provisioned(aws) == []
    assert command("plan", "--exit-code")[0] == 0


def test_environments_that_fail_say_why_and_are_asked_for_again(
    command: Command, project: Path, aws: StrictAws, runtime: Runtime
) -> None:
    """MLD451 with Lambda's reason; requests are answered; the next deploy tries once more."""
    write(project, READY)
    aws.state.unprovisionable = "FUNCTION_ERROR_INIT_FAILURE"
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD451")
    assert "FUNCTION_ERROR_INIT_FAILURE" in envelope["error"]["message"]
    assert envelope["error"]["details"]["not done"].startswith("provisioned concurrency")
    assert runtime.target("POST /predict", api_id(aws)) == (NAME, "1")
    _, envelope = command("plan")
    assert named(changes(envelope)) == ["update provisioned concurrency"]
    not_made = others(after="provisioned concurrency")
    assert unnamed(changes(envelope)) == [f"create {kind}" for kind in not_made]
    aws.state.unprovisionable = ""
    assert command("deploy")[0] == 0


def test_environments_that_never_come_are_not_waited_for_for_ever(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """MLD452 after a quarter of an hour; Lambda goes on, and the next plan is empty."""
    write(project, "")
    command("deploy")
    write(project, READY)
    aws.state.reads = 100_000
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD452")
    assert command("plan", "--exit-code")[0] == 0


def test_a_reservation_is_no_release(command: Command, project: Path, aws: StrictAws) -> None:
    """Set, changed and removed it touches the function alone, with one call."""
    command("deploy")
    for keys, call in (
        ("reserved_concurrency = 5\n", "lambda:PutFunctionConcurrency"),
        ("reserved_concurrency = 7\n", "lambda:PutFunctionConcurrency"),
        ("", "lambda:DeleteFunctionConcurrency"),
    ):
        write(project, keys)
        aws.reset_calls()
        code, envelope = command("deploy")
        assert code == 0
        assert changes(envelope) == ["update function"]
        assert aws.mutating_calls() == [call]
    assert command("plan", "--exit-code")[0] == 0


def test_a_quota_is_explained(command: Command, project: Path) -> None:
    """MLD453 names the key, repeats what Lambda says, and where a quota is raised."""
    write(project, "reserved_concurrency = 950\n")
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD453")
    assert "`reserved_concurrency` of mldeploy_iris" in envelope["error"]["message"]
    assert "below its minimum value of [100]" in envelope["error"]["message"]
    assert "Service Quotas" in envelope["error"]["hint"]


def test_a_ceiling_goes_below_what_is_provisioned_in_two_deploys(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """Lambda refuses it at once, and the error says how to go about it."""
    write(project, "provisioned_concurrency = 4\nreserved_concurrency = 5\n")
    command("deploy")
    write(project, "provisioned_concurrency = 1\nreserved_concurrency = 2\n")
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD453")
    assert "in two deploys" in envelope["error"]["hint"]
    write(project, "provisioned_concurrency = 1\nreserved_concurrency = 5\n")
    assert command("deploy")[0] == 0
    write(project, "provisioned_concurrency = 1\nreserved_concurrency = 2\n")
    assert command("deploy")[0] == 0
    assert provisioned(aws) == [1]


def test_during_a_canary_nothing_is_provisioned_and_then_it_is(
    command: Command,
    project: Path,
    aws: StrictAws,
    runtime: Runtime,
    reach: Reach,
) -> None:
    """AWS refuses it on a weighted alias: it is made when the canary has ended, in one deploy."""
    url = command("deploy")[1]["result"]["functions"][0]["url"]

    def send(requests: int) -> None:
        for _ in range(requests):
            runtime.call("POST", url, b'{"instances": [[1.0]]}')

    def pause(seconds: float) -> None:
        aws.state.passed += seconds
        send(20)

    aws.state.passed = -3600.0  # what came before is what latencies are compared with
    send(60)
    aws.state.passed = 0.0
    reach(sleep=pause)
    write(project, READY)
    write_bundle(project / "model", "a better model")
    aws.reset_calls()
    code, envelope = command("deploy", "--canary", "10%", "--for", "10m")
    assert code == 0, envelope
    assert aws.mutating_calls()[-1] == "lambda:PutProvisionedConcurrencyConfig"
    assert aws.mutating_calls().count("lambda:UpdateAlias") == 2
    assert provisioned(aws) == [2]
    assert command("plan", "--exit-code")[0] == 0


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ('keep_warm = "5 minute"\n', 'must be "1 minute" to "60 minutes"'),
        ('keep_warm = "1 day"\n', 'must be "1 minute" to "60 minutes"'),
        ("keep_warm = 5\n", 'true, false, a time such as "5 minutes", or a table'),
        ("keep_warm = {instances = 6}\n", "up to 5 targets per rule"),
        ("keep_warm = {evry = 5}\n", "did you mean `every`?"),
        ("provisioned_concurrency = -1\n", "must be 0 (none) or more"),
        ("reserved_concurrency = 0\n", "with 0, every request fails"),
        ("provisioned_concurrency = 3\nreserved_concurrency = 2\n", "more than its `reserved_"),
        (WARM + "reserved_concurrency = 3\n", "requests fail meanwhile"),
    ],
)
def test_what_makes_no_sense_is_refused_before_aws(
    keys: str, says: str, command: Command, project: Path, aws: StrictAws
) -> None:
    """Exit code 2, the sentence says what is allowed, and nothing is called."""
    write(project, keys)
    code, envelope = command("plan")
    assert code == 2
    assert says in envelope["error"]["message"]
    assert aws.calls == []
