"""Warm starts on real parts: the schedule fires, and environments are there for it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cloud.cloud import Cloud
from tests.e2e.conftest import Cli

NAME = "mldeploy_iris-warm_dev_predict"
BODY = json.dumps({"features": [5.1, 3.5, 1.4, 0.2]}).encode()
WARM = """keep_warm = {every = "1 minute", instances = 2}
provisioned_concurrency = 2
reserved_concurrency = 5
"""
PATIENCE = 150.0
"""A rule fires a minute after it was made, the emulator looks every ten seconds, and two cold
containers start."""


@dataclass
class Deployed:
    """A project that asks for warm environments."""

    folder: Path
    url: str
    made: float


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Deployed:
    folder = tmp_path_factory.mktemp("e2e") / "iris-warm"
    cli(folder.parent, "init", folder.name, "--yes", "--auth", "none").ok()
    file = folder / "mldeploy.toml"
    table = "[functions.predict]\n"
    assert table in file.read_text()
    file.write_text(file.read_text().replace(table, table + WARM))
    cli(folder, "train").ok()
    result = cli(folder, "deploy", "-o", "json").ok().json["result"]
    kinds = [one["kind"] for one in result["changes"]]
    assert kinds[-3:] == ["http api", "provisioned concurrency", "schedule"]
    return Deployed(folder, result["functions"][0]["url"], time.monotonic())


def invocations(cloud: Cloud) -> list[str]:
    """Return the request ids of the function's invocations, as its log has them."""
    logs = cloud.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{NAME}")
    lines = [event["message"] for event in pages.build_full_result()["events"]]
    return [line.split()[2] for line in lines if line.startswith("START RequestId: ")]


def environments(cloud: Cloud) -> set[str]:
    """Return the ids of the function's running containers."""
    mine = f"AWS_LAMBDA_FUNCTION_NAME={NAME}"
    return {
        one.id
        for one in cloud.containers()
        if one.status == "running" and mine in one.attrs["Config"]["Env"]
    }


def eventually(happened: Callable[[], bool], since: float) -> bool:
    while time.monotonic() - since < PATIENCE:
        if happened():
            return True
        time.sleep(2)
    return happened()


def test_the_schedule_fires_and_keeps_two_environments(deployed: Deployed, cloud: Cloud) -> None:
    """Without a request two warm-ups come at once, each in a container of its own.

    An ordinary request is answered before, and after it by an environment that was kept.
    """
    assert cloud.open(deployed.url, BODY)[0] == 200
    before, alone = set(invocations(cloud)), environments(cloud)
    assert len(alone) == 1
    assert eventually(lambda: len(set(invocations(cloud)) - before) >= 2, deployed.made)
    assert eventually(lambda: len(environments(cloud)) >= 2, deployed.made)
    warm = environments(cloud)
    status, body = cloud.open(deployed.url, BODY)
    assert status == 200
    assert json.loads(body)["prediction"]["class_name"] == "setosa"
    assert environments(cloud) == warm


def test_a_warm_up_is_no_prediction(deployed: Deployed, cloud: Cloud) -> None:
    """The alias answers the rule's own event at once, and holds the environment as it asks."""
    del deployed
    (target, _) = cloud.client("events").list_targets_by_rule(Rule=NAME)["Targets"]
    assert target["Arn"].endswith(f":function:{NAME}:live")
    answer = cloud.client("lambda").invoke(
        FunctionName=NAME, Qualifier="live", Payload=target["Input"]
    )
    assert json.loads(answer["Payload"].read()) == {"mldeploy": "warm"}


def test_a_second_deploy_changes_nothing(deployed: Deployed, cli: Cli) -> None:
    """Rule, targets, permission and both concurrencies are read back as they were asked for."""
    assert cli(deployed.folder, "plan", "--exit-code").code == 0


def test_what_leaves_the_file_leaves_aws(deployed: Deployed, cli: Cli, cloud: Cloud) -> None:
    """Without the keys the rule, its permission and both concurrencies go; requests don't."""
    file = deployed.folder / "mldeploy.toml"
    file.write_text(file.read_text().replace(WARM, ""))
    result = cli(deployed.folder, "deploy", "-o", "json").ok().json["result"]
    assert [f"{one['action']} {one['kind']}" for one in result["changes"]] == [
        "update function",
        "delete schedule",
        "delete provisioned concurrency",
    ]
    functions = cloud.client("lambda")
    assert cloud.client("events").list_rules(NamePrefix="mldeploy_iris-warm")["Rules"] == []
    assert "keep-warm" not in functions.get_policy(FunctionName=NAME, Qualifier="live")["Policy"]
    assert "Concurrency" not in functions.get_function(FunctionName=NAME)
    assert cloud.open(deployed.url, BODY)[0] == 200
    cli(deployed.folder, "destroy", "--confirm", "iris-warm").ok()
