"""An alias with provisioned concurrency moves bit by bit, and weights that nobody of ours set."""

from pathlib import Path
from typing import Any

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes
from tests.support.projects import CONFIG, write_bundle
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
LIVE = NAME, "live"


@pytest.fixture
def provisioned(command: Command, project: Path) -> Path:
    """Two releases, the second one live, with two environments kept ready."""
    (project / "mldeploy.toml").write_text(CONFIG + "provisioned_concurrency = 2\n")
    assert command("deploy")[0] == 0
    write_bundle(project / "model", "a better model")
    assert command("deploy")[0] == 0
    return project


def version(aws: StrictAws) -> str:
    alias: dict[str, Any] = aws.client("lambda").get_alias(FunctionName=NAME, Name="live")
    return str(alias["FunctionVersion"])


def test_a_deploy_waits_until_all_requests_have_moved(
    command: Command, provisioned: Path, aws: StrictAws, runtime: Runtime
) -> None:
    """The public URL is asked when the new release answers it; there is no canary in sight."""
    write_bundle(provisioned / "model", "the best model")
    aws.state.reads = 4
    code, envelope = command("deploy")
    assert code == 0, envelope
    assert envelope["result"]["canary"] == []
    assert envelope["result"]["functions"][0]["canary"] is None
    assert runtime.served[-1][1] == envelope["result"]["functions"][0]["release"]
    assert LIVE not in aws.state.shifts
    assert command("plan", "--exit-code")[0] == 0


def shifting(aws: StrictAws, reads: int) -> None:
    """Let a move to the second version be under way, which another run has begun."""
    functions = aws.client("lambda")
    described = functions.get_alias(FunctionName=NAME, Name="live")["Description"]
    functions.update_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
    aws.state.shifts.clear()
    functions.update_alias(
        FunctionName=NAME, Name="live", FunctionVersion="2", Description=described
    )
    aws.state.shifts[LIVE] = "1", reads


@pytest.mark.usefixtures("provisioned")
@pytest.mark.parametrize("reads", [1, 5])
def test_a_rollback_leaves_the_release_whatever_lambda_is_shifting(
    command: Command, aws: StrictAws, reads: int
) -> None:
    """Weights of Lambda's own are no canary to be undone: the alias goes to the old release.

    The alias has another revision when they have gone.
    """
    shifting(aws, reads)
    code, envelope = command("rollback")
    assert code == 0, envelope
    assert version(aws) == "1"
    assert command("status")[1]["result"]["functions"][0]["version"] == "1"


@pytest.mark.usefixtures("provisioned")
def test_nothing_that_lambda_shifts_is_drift_or_a_canary(command: Command, aws: StrictAws) -> None:
    """Status and plan meanwhile: no canary, no change; releases give the new one everything."""
    shifting(aws, reads=1000)
    assert command("plan", "--exit-code")[0] == 0
    assert command("status")[1]["result"]["functions"][0]["canary"] is None
    newest = command("releases")[1]["result"]["releases"][0]
    assert (newest["share"], newest["canary"]) == (1.0, False)


def test_what_is_provisioned_changes_when_the_shift_has_ended(
    command: Command, provisioned: Path, aws: StrictAws
) -> None:
    """Lambda refuses another number while an alias has weights; they are waited for."""
    shifting(aws, reads=5)
    (provisioned / "mldeploy.toml").write_text(CONFIG + "provisioned_concurrency = 3\n")
    code, envelope = command("deploy")
    assert code == 0, envelope
    assert changes(envelope) == ["update provisioned concurrency"]


def test_a_shift_that_never_ends_is_told(
    command: Command, provisioned: Path, aws: StrictAws
) -> None:
    """MLD423 after a quarter of an hour, with the shares."""
    write_bundle(provisioned / "model", "the best model")
    aws.state.reads = 100_000
    aws.state.pending.clear()

    def quick(call: Any) -> None:
        # All but the shift goes as fast as ever.
        aws.state.reads = 100_000 if call.name == "lambda:UpdateAlias" else 1

    aws.around = quick
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD423")
    assert "100% to version 2" in envelope["error"]["message"]


@pytest.mark.parametrize("ready", [True, False])
def test_weights_of_somebody_elses_are_drift(
    command: Command, project: Path, aws: StrictAws, *, ready: bool
) -> None:
    """With environments that are ready or with none: the plan shows them, a deploy takes them."""
    if ready:
        (project / "mldeploy.toml").write_text(CONFIG + "provisioned_concurrency = 2\n")
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    aws.client("lambda").update_alias(
        FunctionName=NAME, Name="live", RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}
    )
    (change,) = command("plan")[1]["result"]["changes"]
    assert change["differences"] == [
        {"field": "weights", "before": "50% to version 1", "after": ""}
    ]
    code, envelope = command("deploy", "--canary", "10%", "--for", "10m")
    assert code == 0, envelope
    assert envelope["result"]["canary"] == []
    assert command("plan", "--exit-code")[0] == 0


def test_a_rollback_takes_weights_of_somebody_elses_along(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """They are no canary: the release before is live in full."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    aws.client("lambda").update_alias(
        FunctionName=NAME, Name="live", RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}
    )
    assert command("rollback")[0] == 0
    alias = aws.client("lambda").get_alias(FunctionName=NAME, Name="live")
    assert (alias["FunctionVersion"], alias.get("RoutingConfig") or {}) in (
        ("1", {}),
        ("1", {"AdditionalVersionWeights": {}}),
    )
