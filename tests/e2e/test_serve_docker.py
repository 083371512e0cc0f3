"""`mldeploy serve --docker`: the built image in containers, on a real engine."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mldeploy.images.docker.running import LABEL, owners, remove_containers
from tests.support.projects import write_bundle
from tests.support.served import CONFIG, Served, payload, serving, tiny_project, until

TINY = """
import os, time
import helper

def handle(event, context):
    path = event["pathParameters"]["path"]
    if path == "write":
        open("/var/task/mine", "w")
    if path == "exit":
        os._exit(3)
    if path == "wait":
        time.sleep(1)
    with open("/tmp/mine", "w") as file:
        file.write("fine")
    return {"value": helper.VALUE, "uid": os.getuid(), "host": os.uname().nodename}

def other(event, context):
    if "sleep" in (event["body"] or ""):
        time.sleep(60)
    return {"statusCode": 201, "body": os.environ["MINE"]}
"""


@pytest.fixture
def project(tmp_path: Path, engine: Any) -> Iterator[Path]:
    """Two handlers of one image; its images go with it."""
    name = f"served-{tmp_path.name[-20:].strip('_').replace('_', '-').lower()}"
    tiny_project(tmp_path, CONFIG.replace('"tiny"', f'"{name}"'))
    # The image installs what the bundle names, and these handlers need nothing.
    write_bundle(tmp_path / "model", wheels={"x86_64": {}, "arm64": {}})
    (tmp_path / "model" / "requirements.txt").write_text("")
    (tmp_path / "tiny.py").write_text(TINY)
    yield tmp_path
    for image in engine.images.list(name=f"mldeploy/{name}"):
        engine.images.remove(image.id, force=True)


def containers(engine: Any, served: Served) -> list[Any]:
    """Return the containers that a `serve` has made."""
    every = engine.containers.list(all=True, filters={"label": LABEL})
    return [one for one in every if one.labels[LABEL].endswith(f"/{served.process.pid}")]


def test_lambdas_rules_hold(project: Path, engine: Any) -> None:
    """Read-only but for /tmp, not root; timeout and exit fail one request; each a command."""
    with serving(project, "--docker", "--port", "0") as served:
        found = payload(served.ask("/echo/x"))
        assert found["uid"] == 993
        assert served.ask("/other").data == b"of the file"
        assert served.ask("/echo/write").status == 500
        assert served.said("Read-only file system: '/var/task/mine'")
        assert served.ask("/echo/exit").status == 500
        assert served.said("Runtime exited with error: exit status 3")
        assert payload(served.ask("/echo/x"))["host"] != found["host"]
        assert served.ask("/other", {"sleep": 1}).status == 500
        assert served.said("Task timed out after 1.00 seconds")
        assert served.ask("/other").status == 201
        assert not served.said("(rapid)")
        log = served.log.read_text()
        assert log.count("echo: START ") == log.count("echo: REPORT ") == 4


def test_as_many_containers_as_requests_up_to_the_limit(project: Path, engine: Any) -> None:
    """Two at once meet two containers, a third is refused; after Ctrl-C there is none."""
    with serving(project, "--docker", "--port", "0", "--environments", "2") as served:
        until(lambda: len(busy(served)) == 2)
        assert len(containers(engine, served)) == 3
        assert served.said("more concurrent requests than environments (2)")
        assert served.interrupt() == 130
        assert containers(engine, served) == []
        assert "Traceback" not in served.log.read_text()


def busy(served: Served) -> set[str]:
    """Send three requests at once; returns which containers answered, if one was refused."""
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: served.ask("/echo/wait"), range(3)))
    assert {one.status for one in answers} <= {200, 429}
    refused = any(one.status == 429 for one in answers)
    return {payload(one)["host"] for one in answers if one.status == 200} if refused else set()


def test_a_reload_loses_no_request(project: Path, engine: Any) -> None:
    """Old containers answer until the new image's do; a build that fails changes nothing."""
    seen: list[tuple[int, Any]] = []
    stop = threading.Event()
    with serving(project, "--docker", "--port", "0", "--environments", "4") as served:

        def ask() -> None:
            while not stop.is_set():
                answer = served.ask("/echo/x")
                seen.append((answer.status, payload(answer).get("value")))
                stop.wait(0.05)

        asking = [threading.Thread(target=ask) for _ in range(3)]
        for thread in asking:
            thread.start()
        (project / "helper.py").write_text("VALUE = 2\n")
        until(lambda: (200, 2) in seen)
        (project / "helper.py").write_text("VALUE = 1 / 0\n")
        until(lambda: served.said("not reloaded: the image failed its check"))
        stop.set()
        for thread in asking:
            thread.join()
        assert served.said("ZeroDivisionError: division by zero")
        assert payload(served.ask("/echo/x"))["value"] == 2
        assert {status for status, _ in seen} == {200}
        images = {one.attrs["Image"] for one in containers(engine, served)}
        assert len(images) == 1


def test_a_crashed_owners_containers_are_found(project: Path, engine: Any) -> None:
    """What a killed `serve` has left the next one removes, and says so."""
    with serving(project, "--docker", "--port", "0") as served:
        served.ask("/echo/x")
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        left = containers(engine, served)
        assert len(left) == 2
        owner = left[0].labels[LABEL]
        assert owner in owners(engine.api)
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", "invoke", "--local", "--function", "other", "-d",
         json.dumps({"body": ""})],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "removed 2 container(s)" in done.stderr
    assert containers(engine, served) == []
    assert remove_containers(owner, engine.api) == 0


def test_without_an_engine_it_says_so(project: Path) -> None:
    """MLD301, exit 5, before anything listens."""
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", "serve", "--docker", "--port", "0"],
        cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "DOCKER_HOST": "tcp://127.0.0.1:1"},
    )  # fmt: skip
    assert done.returncode == 5
    assert "MLD301" in done.stderr
