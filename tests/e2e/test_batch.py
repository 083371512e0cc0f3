"""Batch jobs on an emulated AWS: a Distributed Map whose chunks are scored in real containers.

Whatever happens on the way, a finished job's rows are those of the fitted estimator, each once.
`make batch-runs` repeats the faults with other seeds.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import botocore
import pytest
from docker.errors import APIError

from tests.cloud import relay
from tests.cloud.cloud import Cloud, running_cloud
from tests.cloud.state import CloudError
from tests.e2e.conftest import Cli, Ran, unavailable
from tests.support.doors import Door
from tests.support.jobs import BUCKET, INPUT, LAKE, Bucket, customers
from tests.support.pages import commands
from tests.support.readmes import EXAMPLES, section

FILES, ROWS = 6, 400
RUNS = int(os.environ.get("MLDEPLOY_BATCH_RUNS", "1"))
"""How often each fault is tried."""
NAME = "mldeploy_churn_dev_predict-batch"
# The stand-in of AWS's base image has no botocore (tests/cloud/base_image.py), and two chunks at a
# time are enough for two processors.
NEEDED = ["pyarrow", f"botocore=={botocore.__version__}"]
MORE = f"concurrency = 2\n\n[image]\nrequirements = {NEEDED}\n"


@dataclass
class Place:
    """A deployed project with customers to score."""

    cloud: Cloud
    cli: Cli
    folder: Path
    bucket: Bucket
    door: Door

    def run(self, *words: str) -> Ran:
        return self.cli(self.folder, *words)

    def job(self, output: str, *more: str) -> Ran:
        """Score the customers into an output, and wait for the end."""
        wanted = (INPUT, f"s3://{BUCKET}/scored/{output}/", "--columns", "id", "--yes", *more)
        return self.run("batch", *wanted)

    def differences(self, output: str) -> list[str]:
        return self.bucket.differences(f"scored/{output}/")


@pytest.fixture(scope="module")
def door() -> Door:
    return Door()


@pytest.fixture(scope="module")
def place(engine: Any, door: Door, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The example with the section of its README, deployed on an AWS of its own."""
    folder = tmp_path_factory.mktemp("churn") / "churn"
    copytree(EXAMPLES / "churn", folder)
    (toml,) = [one for one in section("churn", "All customers") if one.language == "toml"]
    with (folder / "mldeploy.toml").open("a") as file:
        file.write(f"\n{toml.text}{MORE}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SFN_WAIT_SCALE", "0.05")  # ministack's retries wait less
        try:
            with running_cloud() as cloud, relay.relay(cloud.port, door):
                environment = cloud.environment(NO_COLOR="1", MLDEPLOY_DEPLOY__APPROVE="auto")
                cli = Cli(environment)
                cli(folder, "train").ok()
                bucket = customers(folder, cloud.client("s3"), FILES, ROWS)
                yield Place(cloud, cli, folder, bucket, door)
        except CloudError as error:
            unavailable(error)


@pytest.fixture(autouse=True)
def open_door(door: Door) -> Iterator[None]:
    yield
    door.verdicts, door.only = (), ""


def test_the_commands_of_the_example_run(place: Place) -> None:
    """Its section deploys, estimates and scores; every row is the estimator's."""
    blocks = [one for one in section("churn", "All customers") if one.language == "console"]
    shown = [one for block in blocks for one in commands(block)]
    assert [one.words[1] for one in shown] == ["deploy", "batch", "batch"]
    for one in shown:
        ran = place.run(*one.words[1:]).ok()
        if "--dry-run" in one.words:
            assert "USD" in ran.err
            assert place.bucket.names("scored/") == []
    assert shown[-1].prints(ran.out.strip())
    assert place.differences("monday") == []


def test_parquet_gives_parquet(place: Place) -> None:
    """Polars wrote it, pandas reads the parts; each customer has the estimator's prediction."""
    place.bucket.write_lake()
    wanted = (LAKE, f"s3://{BUCKET}/scored/lake/", "--columns", "id", "--yes", "--follow")
    place.run("batch", *wanted).ok()
    assert place.bucket.lake_differences("scored/lake/") == []


def test_a_job_is_followed_and_stopped_by_its_id(place: Place) -> None:
    """Without --follow the id is the result; a stopped job goes on with the same command."""
    place.door.share, place.door.verdicts = 1.0, (relay.THROTTLE,)
    place.door.only = "scored/stopped/part-"  # it runs until the throttling ends
    name = place.job("stopped").ok().out.strip()
    again = place.job("stopped")
    assert again.code != 0
    assert "MLD647" in again.err
    assert name in again.err
    stopped = place.run("batch", "stop", name, "-o", "json").ok().json["result"]
    assert stopped["status"] == "aborted"
    place.door.verdicts = ()
    assert "MLD649" in place.run("batch", "status", "unknown").err
    place.job("stopped", "--follow").ok()
    ended = place.run("batch", "status", f"{name[:-2]}-2", "-o", "json").ok().json["result"]
    assert (ended["status"], ended["output"]) == ("succeeded", f"s3://{BUCKET}/scored/stopped/")
    truth = place.bucket.truth
    assert ended["rows"] == len(truth.good) + len(truth.bad) == FILES * ROWS
    assert ended["errors"] == len(truth.bad) > 0
    assert place.differences("stopped") == []


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_storm_of_s3_loses_and_doubles_nothing(place: Place, seed: int) -> None:
    """Requests are throttled, and responses to writes are cut off after they took effect."""
    place.door.chance.seed(seed)
    place.door.share, place.door.verdicts = 0.3, (relay.THROTTLE, relay.CUT)
    finished(place, f"storm-{seed}")
    assert place.door.spoiled
    assert place.differences(f"storm-{seed}") == []


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_killed_environment_loses_and_doubles_nothing(place: Place, seed: int) -> None:
    """Containers are killed while they score; the state machine sends their chunks again."""
    chance = random.Random(seed)  # noqa: S311
    with killing(place.cloud, chance) as killed:
        finished(place, f"killed-{seed}")
    assert killed
    assert place.differences(f"killed-{seed}") == []


@pytest.mark.parametrize("seed", range(RUNS))
@pytest.mark.parametrize(
    "states", [("Count 1", "Gather 1", "Score 1"), ("IsDone 1",), ("Gather 2",)], ids=" ".join
)
def test_a_job_stopped_in_any_state_goes_on(
    place: Place, states: tuple[str, ...], seed: int
) -> None:
    """In the second round all chunks are scored, and the output isn't complete yet."""
    output = f"stopped-in-{states[0].replace(' ', '-')}-{seed}"
    for state in states:
        with stopping(place, state) as stopped:
            place.job(output).ok()
            assert stopped.wait(60), f"the job wasn't stopped in {state}"
        settled(place)
    finished(place, output)
    assert place.differences(output) == []


@pytest.mark.parametrize("seed", range(RUNS))
def test_two_jobs_on_one_output_are_one(place: Place, seed: int) -> None:
    """Of two starts at the same time one is refused, or both are the same job."""
    output = f"two-{seed}"
    ran: list[Ran] = []
    threads = [
        threading.Thread(target=lambda: ran.append(place.job(output, "--follow"))) for _ in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 in {one.code for one in ran}, [one.err for one in ran]
    assert all(one.code == 0 or "MLD647" in one.err for one in ran), [one.err for one in ran]
    other = place.run(
        "batch", f"{INPUT}0.csv", f"s3://{BUCKET}/scored/{output}/", "--columns", "id", "--yes"
    )
    assert "MLD641" in other.err
    assert place.differences(output) == []


def test_what_is_outside_the_prefixes_is_refused(place: Place) -> None:
    """The message names the key of [batch]; nothing is written."""
    for source, target, key in (
        (f"s3://{BUCKET}/other/", f"s3://{BUCKET}/scored/x/", "inputs"),
        (INPUT, f"s3://{BUCKET}/other/", "outputs"),
    ):
        refused = place.run("batch", source, target, "--yes")
        assert refused.code == 2
        assert "MLD640" in refused.err
        assert f"`{key}`" in refused.err


def test_destroy_leaves_nothing(place: Place) -> None:
    """Neither function, role, state machine nor log group; the bucket is the user's."""
    place.run("destroy", "--confirm", "churn").ok()
    client = place.cloud.client
    assert client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert client("lambda").list_functions()["Functions"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("logs").describe_log_groups()["logGroups"] == []
    assert place.bucket.names("scored/monday/_SUCCESS")


def finished(place: Place, output: str) -> None:
    """Run a job until it succeeds; its own retries have limits."""
    for _ in range(5):
        ran = place.job(output, "--follow")
        if ran.code == 0:
            return
        assert "MLD648" in ran.err or "MLD643" in ran.err or "MLD501" in ran.err, ran.err
    raise AssertionError(ran.err)


@contextmanager
def beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Let a thread work until the block ends, which sets the event."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def stopping(place: Place, state: str) -> Iterator[threading.Event]:
    """Stop the job that runs as soon as it enters a state of a round, such as "Gather 2".

    ministack stops between states: a map that has begun scores all of its chunks.
    """
    named, rounds = state.split()
    client = place.cloud.client("stepfunctions")
    (machine,) = client.list_state_machines()["stateMachines"]
    wanted = {"stateMachineArn": machine["stateMachineArn"], "statusFilter": "RUNNING"}
    stopped = threading.Event()

    def entered(arn: str) -> int:
        events = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        return sum(one.get("stateEnteredEventDetails", {}).get("name") == named for one in events)

    def stop(over: threading.Event) -> None:
        while not over.wait(0.01) and not stopped.is_set():
            for one in client.list_executions(**wanted)["executions"]:
                if entered(one["executionArn"]) >= int(rounds):
                    client.stop_execution(executionArn=one["executionArn"])
                    stopped.set()

    with beside(stop):
        yield stopped


def settled(place: Place) -> None:
    """Wait until chunks of a stopped execution are no longer being scored.

    ministack goes on with a map that was stopped; Step Functions stops its children.
    """
    before: list[str] = []
    for _ in range(60):
        now = place.bucket.names("scored/")
        if now == before:
            return
        before = now
        time.sleep(1.0)


@contextmanager
def killing(cloud: Cloud, chance: random.Random) -> Iterator[list[str]]:
    """Kill three containers of functions, one after the other; yield their ids."""
    killed: list[str] = []

    def kill(over: threading.Event) -> None:
        while len(killed) < 3 and not over.wait(chance.uniform(0.5, 1.5)):
            running = [one for one in cloud.containers() if one.status == "running"]
            if running:
                victim = chance.choice(running)
                with suppress(APIError):  # it has just ended
                    victim.kill()
                    killed.append(victim.id)

    with beside(kill):
        yield killed
