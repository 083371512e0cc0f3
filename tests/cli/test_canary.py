"""`deploy --canary`: a share of the requests first, then all of them or none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.strict.aws import Crash, StrictAws
from tests.support.commands import REACH, Command, Reach, changes, run
from tests.support.projects import CONFIG, write_bundle
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
CANARY = ("--canary", "10%", "--for", "10m")
Traffic = Callable[[int], None]


@pytest.fixture
def traffic(project: Path, command: Command, runtime: Runtime, reach: Reach) -> Traffic:
    """Let so many clients' requests come in at each pause of the program; one release is live."""
    del project
    _, envelope = command("deploy")
    url = envelope["result"]["functions"][0]["url"]

    def send(requests: int) -> None:
        for _ in range(requests):
            runtime.call("POST", url, b'{"instances": [[1.0]]}')

    def start(requests: int) -> None:
        def pause(seconds: float) -> None:
            runtime.aws.state.passed += seconds
            send(requests)

        reach(sleep=pause)

    runtime.aws.state.passed = -3600.0  # what came before is what latencies are compared with
    send(60)
    runtime.aws.state.passed = 0.0
    start(20)
    return start


def better(command: Command) -> str:
    """Write another model; return its image's tag."""
    write_bundle(Path("model"), "a better model")
    changes_ = command("plan")[1]["result"]["changes"]
    return str(next(one["name"] for one in changes_ if one["kind"] == "image").partition(":")[2])


def alias(aws: StrictAws) -> dict[str, Any]:
    return dict(aws.client("lambda").get_alias(FunctionName=NAME, Name="live"))


def moves(aws: StrictAws) -> list[tuple[str, dict[str, float]]]:
    """Return what each UpdateAlias asked for: version and weights."""
    return [
        (call.params["FunctionVersion"], call.params["RoutingConfig"]["AdditionalVersionWeights"])
        for call in aws.calls
        if call.name == "lambda:UpdateAlias"
    ]


def test_a_good_canary_gets_all_requests(
    command: Command, aws: StrictAws, traffic: Traffic, runtime: Runtime
) -> None:
    """10% for ten minutes, then all; the figures of both versions are told."""
    better(command)
    aws.reset_calls()
    code, envelope = command("deploy", *CANARY)
    assert code == 0
    assert moves(aws) == [("1", {"2": 0.1}), ("2", {})]
    (told,) = envelope["result"]["canary"]
    assert told["outcome"] == "good"
    assert told["new"]["requests"] >= 50
    assert (told["new"]["failed"], told["old"]["failed"], told["slow_from_ms"]) == (0, 0, 21.5)
    looks = envelope["result"]["canary_looks"]
    assert len(looks) > 30
    assert [one["outcome"] for (one,) in looks[:2]] == ["inconclusive"] * 2
    new = [version for _, version in runtime.invoked]
    assert new == ["1", "2", "2"]  # verified before its first request, and before it gets all
    assert alias(aws)["FunctionVersion"] == "2"


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda runtime, tag: runtime.answers.update({tag: (500, {})}),
            "requests (100.0%) failed, of the old release 0 of",
        ),
        (
            lambda runtime, tag: runtime.slow.update({tag: 90.0}),
            "took longer than 22 ms, of the old release 0 of",
        ),
    ],
)
def test_a_bad_canary_is_taken_back(
    spoil: Callable[[Runtime, str], None],
    said: str,
    command: Command,
    aws: StrictAws,
    runtime: Runtime,
) -> None:
    """Errors or a slower p95: the weight goes, exit 6, and the figures are in the message."""
    spoil(runtime, better(command))
    code, envelope = command("deploy", *CANARY)
    error = envelope["error"]
    assert (code, error["code"]) == (6, "MLD506")
    assert said in error["message"]
    assert "worse" in error["details"]["figures"]
    assert aws.state.passed < 600  # at once, not at its end
    assert moves(aws)[-1] == ("1", {})
    assert command("plan", "--exit-code")[0] == 3


def test_a_crashing_canary_is_counted_by_lambdas_own_errors(
    command: Command, aws: StrictAws, traffic: Traffic, runtime: Runtime
) -> None:
    """A function error leaves no line of the endpoint: CloudWatch's Errors has it."""
    tag = better(command)
    verify = runtime.invoke

    def invoke(params: dict[str, Any]) -> dict[str, Any]:
        answer = verify(params)
        runtime.crashing[tag] = "MemoryError"
        return answer

    aws.on_invoke(invoke)
    code, envelope = command("deploy", *CANARY)
    assert (code, envelope["error"]["code"]) == (6, "MLD506")
    assert alias(aws)["FunctionVersion"] == "1"


@pytest.mark.parametrize("requests", [0, 2])
def test_a_canary_with_little_traffic_is_inconclusive(
    requests: int, command: Command, aws: StrictAws, traffic: Traffic
) -> None:
    """It waits for late figures, then the old release stays: exit 6, and what to do."""
    better(command)
    traffic(requests)
    code, envelope = command("deploy", *CANARY)
    error = envelope["error"]
    assert (code, error["code"]) == (6, "MLD520")
    assert "a decision needs 50 of each" in error["message"]
    for way in ("--canary 50%", "--for 2h", "canary_requests", "canary_inconclusive", "0%"):
        assert way in error["hint"]
    assert aws.state.passed >= 780
    assert alias(aws)["FunctionVersion"] == "1"
    assert command("deploy", "--canary", "0%")[0] == 0


def test_the_file_may_promote_what_is_inconclusive_but_never_what_is_worse(
    command: Command, aws: StrictAws, traffic: Traffic, project: Path, runtime: Runtime
) -> None:
    """canary_inconclusive = "promote", and fewer requests by canary_requests."""
    text = CONFIG + '\n[deploy]\ncanary_inconclusive = "promote"\n'
    (project / "mldeploy.toml").write_text(text)
    better(command)
    traffic(2)
    code, envelope = command("deploy", *CANARY)
    assert code == 0
    assert envelope["result"]["canary"][0]["outcome"] == "inconclusive"
    assert alias(aws)["FunctionVersion"] == "2"
    write_bundle(Path("model"), "a third model")
    changes_ = command("plan")[1]["result"]["changes"]
    tag = next(one["name"] for one in changes_ if one["kind"] == "image").partition(":")[2]
    runtime.answers[tag] = (500, {})
    aws.state.passed = 0.0  # CloudWatch's clock: the canary begins now
    traffic(20)
    error = command("deploy", *CANARY)[1]["error"]
    assert error["code"] == "MLD506", error
    assert alias(aws)["FunctionVersion"] == "2"


def interrupted(command: Command, aws: StrictAws) -> str:
    """Begin a canary and let the process die while it is watched; return its release."""
    better(command)

    def die(_seconds: float) -> None:
        if "RoutingConfig" in alias(aws):
            raise Crash

    with REACH.within(sleep=die), pytest.raises(Crash):
        command("deploy", *CANARY)
    found = alias(aws)
    assert found["RoutingConfig"]["AdditionalVersionWeights"] == {"2": 0.1}
    return str(command("status")[1]["result"]["functions"][0]["canary"]["release"])


def test_an_interrupted_canary_is_visible_and_finished_by_deploy(
    command: Command, aws: StrictAws, traffic: Traffic, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status shows share, start and duration; the next deploy watches on and decides."""
    release = interrupted(command, aws)
    canary = command("status")[1]["result"]["functions"][0]["canary"]
    assert (canary["release"], canary["share"], canary["seconds"]) == (release, 0.1, 600)
    assert canary["started"].endswith("Z")
    run(["status"])
    assert "`mldeploy deploy` finishes it, `mldeploy rollback` undoes it" in capsys.readouterr().err
    assert command("plan", "--exit-code")[0] == 3
    assert command("deploy")[0] == 0
    assert alias(aws)["FunctionVersion"] == "2"
    assert moves(aws)[-1] == ("2", {})


def test_an_interrupted_canary_is_undone_by_rollback(
    command: Command, aws: StrictAws, traffic: Traffic
) -> None:
    """One call: the weight goes, and the old release has all requests."""
    interrupted(command, aws)
    aws.reset_calls()
    code, _ = command("rollback")
    assert code == 0
    assert moves(aws) == [("1", {})]
    assert len(aws.mutating_calls()) == 1
    assert command("status")[1]["result"]["functions"][0]["canary"] is None


def test_another_change_asks_for_one_of_the_two_first(
    command: Command, aws: StrictAws, traffic: Traffic
) -> None:
    """A deploy of something else is refused with nothing changed, and names both ways out."""
    release = interrupted(command, aws)
    write_bundle(Path("model"), "a third model")
    aws.reset_calls()
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD462")
    assert "`mldeploy rollback`" in envelope["error"]["hint"]
    assert aws.mutating_calls() == []
    assert command("rollback", release)[0] == 0
    assert alias(aws)["FunctionVersion"] == "2"
    assert command("deploy")[0] == 0
    assert alias(aws)["FunctionVersion"] == "3"


def test_a_canary_in_the_file_and_none_at_a_first_deploy(
    command: Command, aws: StrictAws, project: Path
) -> None:
    """[deploy] canary holds for every deploy; a first one has nothing to share with."""
    (project / "mldeploy.toml").write_text(
        CONFIG + '\n[deploy]\ncanary = "25%"\ncanary_for = "5m"\n'
    )
    assert command("deploy")[0] == 0
    assert alias(aws)["FunctionVersion"] == "1"
    write_bundle(project / "model", "another model")
    _, envelope = command("plan")
    assert changes(envelope)[-1] == "update alias"
    (difference,) = envelope["result"]["changes"][-1]["differences"]
    assert difference["field"] == "canary"
    assert "share=0.25" in difference["after"]


@pytest.mark.parametrize(
    "arguments",
    [("--canary", "110%"), ("--canary", "ten"), ("--canary", "10%", "--for", "5")],
)
def test_a_canary_that_makes_no_sense_is_refused(
    arguments: tuple[str, ...], command: Command, aws: StrictAws
) -> None:
    """Exit 2 before AWS is called, naming the option and what it takes."""
    code, envelope = command("deploy", *arguments)
    assert (code, envelope["error"]["code"]) == (2, "MLD113")
    assert arguments[-2] in envelope["error"]["message"]
    assert aws.calls == []
