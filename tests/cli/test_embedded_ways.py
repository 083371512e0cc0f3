"""`--target local`: whose interpreter runs a function, in which way, and the order of its log."""

import json
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from mldeploy.embedded.builder import EmbeddedBuilder
from mldeploy.embedded.functions import _Recorded
from mldeploy.embedded.place import Cloud, Mode, remembered
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.images.builder import BuildOptions, Built
from mldeploy.images.spec import ImageSpec
from mldeploy.local.environments.output import Log
from mldeploy.local.environments.runs import Outcome
from tests.support.commands import Reach, run
from tests.support.embedded import client_of, own_cloud
from tests.support.served import CONFIG, tiny_project
from tests.support.stacks import RegistryOnly, spec

WHO = """\
import sys

def handle(event, context):
    return {
        "prefix": sys.prefix,
        "body": event.get("body"),
        "encoded": event["isBase64Encoded"],
        "method": event["requestContext"]["http"]["method"],
    }

def other(event, context):
    return {}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with own_cloud(tmp_path / "cloud" / "local") as found:
        yield found


def environment_of(folder: Path) -> Path:
    """Make a virtual environment that has the packages of ours; return its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    theirs = next(folder.glob("lib/python3*/site-packages"))
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        (theirs / one.name).symlink_to(one)
    return folder / "bin" / "python"


def test_a_function_runs_with_the_interpreter_that_deploys(folder: Path, tmp_path: Path) -> None:
    """Not with the one that started the embedded AWS; and forms and HEAD come as on AWS."""
    assert run(["local", "start", "--functions", "process"]) == 0
    root = tiny_project(tmp_path / "tiny", CONFIG)
    (root / "tiny.py").write_text(WHO)
    other = environment_of(tmp_path / "other")
    done = subprocess.run(
        [str(other), "-m", "mldeploy", "deploy", "--target", "local", "--yes", "-o", "json"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    url = json.loads(done.stdout)["result"]["url"]
    form, kind = b"--b\r\n\xff\r\n--b--\r\n", "multipart/form-data; boundary=b"
    answer = urllib3.request("POST", f"{url}/echo/x", body=form, headers={"content-type": kind})
    told = answer.json()
    assert told["prefix"] == str(other.parent.parent)
    assert told["encoded"] is True
    assert [urllib3.request("HEAD", url + path).status for path in ("/echo/x", "/other")] == [
        200,
        404,
    ]


def test_the_events_of_a_group_are_in_order(folder: Path) -> None:
    """CloudWatch sorts those of all streams by their time; moto leaves each stream in one piece."""
    assert run(["local", "start", "--functions", "process"]) == 0
    logs, now = client_of("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName="g")
    for stream, moments in (("a", (1, 3)), ("b", (2, 4))):
        logs.create_log_stream(logGroupName="g", logStreamName=stream)
        events = [{"timestamp": now + one, "message": str(one)} for one in moments]
        logs.put_log_events(logGroupName="g", logStreamName=stream, logEvents=events)
    found = logs.filter_log_events(logGroupName="g")["events"]
    assert [one["message"] for one in found] == ["1", "2", "3", "4"]


class Slow:
    """An environment that logs twice in a request, with a pause between."""

    alive, error = True, b""

    def __init__(self, log: Log) -> None:
        self._log = log

    def settle(self) -> None:
        """Do nothing."""

    def start(self, _seconds: float) -> bool:
        return True

    def invoke(self, _event: bytes, _seconds: float) -> Outcome:
        self._log("first")
        time.sleep(0.05)
        self._log("second")
        return Outcome(b"{}")

    def end(self) -> None:
        """Do nothing."""


def test_a_line_has_the_time_at_which_it_was_logged() -> None:
    """Not that of the request's end, at which lines of two requests would lie on one another."""
    written: list[tuple[int, str]] = []
    recorded = _Recorded(Slow, written.extend)
    assert recorded.invoke(b"{}", 1.0).log == ("first", "second")
    (one, first), (other, second) = written
    assert (first, second) == ("first", "second")
    assert other - one >= 40


class Failing(RegistryOnly):
    """An engine that answers and doesn't build."""

    code = ""

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        del spec, emit, options
        raise MldeployError(self.code, "no such base image", "look at it")


@pytest.mark.parametrize(("code", "says"), [("MLD301", True), ("MLD302", True), ("MLD305", False)])
def test_an_engine_that_cant_build_is_no_dead_end(code: str, says: object, tmp_path: Path) -> None:
    """Functions run without one, too; a check that failed is the project's, and says no such."""
    engine = Failing(lambda *_: "")
    engine.code = code
    cloud = Cloud(1, 1, Mode.CONTAINER, "0", tmp_path)
    builder = EmbeddedBuilder(cloud, engine, None)  # type: ignore[arg-type]
    with pytest.raises(MldeployError) as raised:
        builder.build(spec(), lambda _event: None)
    assert raised.value.code == code
    assert ("--functions process" in raised.value.hint) is says


def test_the_way_that_functions_run_is_remembered(
    folder: Path, reach: Reach, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once chosen it stays, though a Docker engine answers and the embedded AWS was stopped."""
    reach(engine=lambda: None)
    assert run(["local", "start", "--functions", "process"]) == 0
    assert run(["local", "stop"]) == 0
    assert not folder.exists()
    assert remembered(folder) is Mode.PROCESS
    capsys.readouterr()
    assert run(["local", "start", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["functions"] == "process"


def test_a_chosen_engine_that_is_away_is_no_dead_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says how to go on without it."""
    del folder
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert run(["local", "start", "--functions", "container", "-o", "json"]) == 5
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "MLD301"
    assert "--functions process" in error["hint"]
