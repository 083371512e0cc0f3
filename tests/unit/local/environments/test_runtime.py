"""Environments: AWS's own runtime client runs a tiny handler in a process."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from mldeploy.local.environments.output import Log
from mldeploy.local.environments.pool import Pool
from mldeploy.local.environments.process import Environment, Launch
from mldeploy.local.environments.runs import Outcome
from mldeploy.local.environments.runtime import Invocation, RuntimeApi

TINY = """
import logging, os, sys, time
print("imported")

def handle(event, context):
    match event:
        case {"sleep": seconds}:
            time.sleep(seconds)
        case {"wait": path}:
            while not os.path.exists(path):
                time.sleep(0.01)
        case {"raise": text}:
            raise ValueError(text)
        case {"exit": code}:
            os._exit(code)
        case {"long": size}:
            return "x" * size
        case {"print": text}:
            print(text)
        case {"lines": count}:
            print(*["line"] * count, sep=chr(10))
        case {"import": name}:
            __import__(name)
        case {"environ": name}:
            return os.environ.get(name)
    return {"pid": os.getpid(), "id": context.aws_request_id, "arn": context.invoked_function_arn,
            "left": context.get_remaining_time_in_millis(), "name": context.function_name}
"""

Start = Callable[..., Pool]
LAMBDA_TMP = "/tmp"  # noqa: S108 - Lambda's own


@pytest.fixture
def lines() -> list[str]:
    """What the functions logged."""
    return []


@pytest.fixture
def start(tmp_path: Path, lines: list[str]) -> Iterator[Start]:
    """Return what makes a pool of a module's environments; all are ended at the end."""
    pools = []

    def made(code: str = TINY, limit: int = 2, log: Log = lines.append, **changes: Any) -> Pool:
        task = tmp_path / "task"
        task.mkdir(exist_ok=True)
        (task / "tiny.py").write_text(code)
        facts = {"arn": "arn:aws:lambda:x", "memory": 128, "timeout": 20.0, **changes}
        launch = Launch("f", task=task, handler="tiny.handle", **facts)
        pools.append(Pool(lambda: Environment(launch, log), limit, log))
        return pools[-1]

    yield made
    for pool in pools:
        pool.end()


def ask(pool: Pool, event: Any, seconds: float = 30.0) -> Any:
    """Send an event; returns the parsed answer, or the problem."""
    found = pool.invoke(json.dumps(event).encode(), seconds)
    return json.loads(found.answer) if found.answer is not None else found.problem


def test_a_handler_gets_event_and_context(start: Start) -> None:
    """Request id, deadline and ARN are in the context that the runtime client makes."""
    variables = (("AWS_LAMBDA_FUNCTION_NAME", "f"),)
    found = ask(start(variables=variables), {})
    assert len(found["id"]) == 36
    assert (found["arn"], found["name"]) == ("arn:aws:lambda:x", "f")
    assert 0 < found["left"] <= 20_000


def test_an_environment_is_used_again(start: Start) -> None:
    """One request after the other meets one process."""
    pool = start()
    assert len({ask(pool, {})["pid"] for _ in range(5)}) == 1


def test_the_log_is_lambdas(start: Start, lines: list[str]) -> None:
    """START, what the function prints, END, REPORT; the first with the time of the start."""
    pool = start()
    ask(pool, {"print": "hello\nworld"})
    ask(pool, {})
    number = lines[1].split()[2]
    assert lines[:5] == [
        "imported",
        f"START RequestId: {number} Version: $LATEST",
        "hello",
        "world",
        f"END RequestId: {number}",
    ]
    first, second = ([field.partition(":")[0] for field in lines[n].split("\t")] for n in (5, 8))
    assert lines[5].startswith(f"REPORT RequestId: {number}\t")
    every = ["REPORT RequestId", "Duration", "Billed Duration", "Memory Size", "Max Memory Used"]
    assert first == [*every, "Init Duration"]
    assert second == every
    assert "Memory Size: 128 MB" in lines[5]


def test_what_a_request_prints_stands_before_its_end(start: Start, lines: list[str]) -> None:
    """However slowly it is shown: END comes when all of it has been read."""

    def slow(line: str) -> None:
        time.sleep(0.001)
        lines.append(line)

    ask(start(log=slow), {"lines": 300})
    assert lines[2:302] == ["line"] * 300
    assert lines[302].startswith("END RequestId: ")


def test_only_what_the_image_holds_can_be_imported(start: Start) -> None:
    """Neither mldeploy nor what is declared absent is there; the runtime client's own is."""
    pool = start(absent=("joblib", "mldeploy"))
    assert ask(pool, {"import": "mldeploy"}) == "error"
    assert ask(pool, {"import": "joblib"}) == "error"
    assert "pid" in ask(pool, {"import": "simplejson"})


def test_the_environment_is_lambdas_alone(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's shell gets in, and /tmp is a folder of its own."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-shell")
    image = (("HOME", LAMBDA_TMP), ("MPLCONFIGDIR", f"{LAMBDA_TMP}/m"), ("MINE", "0"))
    pool = start(variables=(("MINE", "1"),), image_variables=image)
    assert ask(pool, {"environ": "MINE"}) == "1"
    assert ask(pool, {"environ": "AWS_SECRET_ACCESS_KEY"}) is None
    home = ask(pool, {"environ": "HOME"})
    assert home == ask(pool, {"environ": "TMPDIR"})
    assert home != LAMBDA_TMP
    assert ask(pool, {"environ": "MPLCONFIGDIR"}) == f"{home}/m"


def test_an_exception_is_the_functions_error(start: Start, lines: list[str]) -> None:
    """The environment lives on, and the log has the traceback."""
    pool = start()
    before = ask(pool, {})["pid"]
    assert ask(pool, {"raise": "wrong"}) == "error"
    assert any("ValueError: wrong" in one and "raise ValueError(text)" in one for one in lines)
    assert ask(pool, {})["pid"] == before


def test_a_timeout_ends_the_environment(start: Start, lines: list[str]) -> None:
    """As Lambda does it: the request fails, the next one gets a new process."""
    pool = start(timeout=0.5)
    before = ask(pool, {})["pid"]
    assert ask(pool, {"sleep": 60}) == "timeout"
    assert any("Task timed out after 0.5" in one for one in lines)
    assert ask(pool, {})["pid"] != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_the_gateways_patience_counts_too(start: Start) -> None:
    """Where the gateway waits for less than the function may take, that is another problem."""
    assert ask(start(), {"sleep": 60}, seconds=1.0) == "late"


def test_a_process_that_ends_is_replaced(start: Start, lines: list[str]) -> None:
    """Its request fails with Lambda's words, the next is answered."""
    pool = start()
    assert ask(pool, {"exit": 3}) == "exit"
    assert any("Runtime exited with error: exit status 3" in one for one in lines)
    assert "pid" in ask(pool, {})


def test_a_failure_carries_what_lambda_would_give(start: Start) -> None:
    """The document of the runtime client's, or Lambda's own where the client couldn't tell."""
    pool = start(timeout=1.0)
    told: dict[str, Any] = {}
    for event in ({"raise": "wrong"}, {"exit": 3}, {"sleep": 60}, {"long": 7_000_000}):
        found = pool.invoke(json.dumps(event).encode(), 30.0)
        told[found.problem] = json.loads(found.error)
        if "raise" in event:
            assert told["error"]["errorType"] == "ValueError"
            assert told["error"]["errorMessage"] == "wrong"
            assert "tiny.py" in told["error"]["stackTrace"][0]
    assert told["exit"]["errorType"] == "Runtime.ExitError"
    assert told["exit"]["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert told["timeout"]["errorType"] == "Sandbox.Timedout"
    assert told["timeout"]["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert told["error"]["errorType"] == "Function.ResponseSizeTooLarge"
    assert pool.invoke(b"{}", 30.0).error == b""


def test_a_failed_start_carries_it_too(start: Start) -> None:
    """What the client said of it, or that the process ended."""
    for code, kind in [
        ("import nonesuch\n", "Runtime.ImportModuleError"),
        ("import os; os._exit(1)\n", "Runtime.ExitError"),
    ]:
        found = start(code).invoke(b"{}", 30.0)
        assert (found.problem, json.loads(found.error)["errorType"]) == ("init", kind)


def test_an_answer_over_6_mb_is_refused(start: Start) -> None:
    """The Runtime API says 413, on which the client ends; the next request finds a new process."""
    pool = start()
    assert ask(pool, {"long": 7_000_000}) == "error"
    assert "pid" in ask(pool, {})
    assert len(ask(pool, {"long": 6_000_000})) == 6_000_000


def test_more_at_once_get_more_environments_up_to_the_limit(start: Start, tmp_path: Path) -> None:
    """Each takes one request at a time; the one too many is refused at once."""
    pool, gate = start(limit=2), tmp_path / "gate"
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(pool, {"wait": str(gate)})))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    while len(pool._all) < 2:
        pass
    assert ask(pool, {}) == "busy"
    gate.touch()
    for thread in threads:
        thread.join()
    assert len({one["pid"] for one in answers}) == 2


def test_retiring_waits_for_what_is_on_its_way(start: Start, tmp_path: Path) -> None:
    """A request that was taken is answered; a later one is turned away to the successor."""
    pool, gate = start(), tmp_path / "gate"
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(ask(pool, {"wait": str(gate)})))
    asking.start()
    while not pool._all:
        pass
    retiring = threading.Thread(target=pool.retire)
    retiring.start()
    while not pool._retired:
        pass
    assert pool.invoke(b"{}", 30.0) == Outcome(problem="retired")
    retiring.join(0.3)
    assert retiring.is_alive()
    assert answers == []
    gate.touch()
    asking.join()
    retiring.join()
    assert "pid" in answers[0]
    assert pool._all == set()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import nonesuch\n", "ModuleNotFoundError: No module named 'nonesuch'"),
        ("raise SystemExit(4)\n", "SystemExit: 4"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_crash_at_import_is_told_in_the_users_own_lines(
    start: Start, lines: list[str], tmp_path: Path, code: str, told: str
) -> None:
    """Error and the lines of the user's files, nothing of the runtime client's."""
    pool = start("import helper\n")
    (tmp_path / "task" / "helper.py").write_text(code)
    assert ask(pool, {}) == "init"
    assert lines == [
        f"tiny.handle can't be imported: {told}",
        "  at tiny.py:1  import helper",
        f"  at helper.py:1  {code.strip()}",
    ]


def test_a_syntax_error_names_its_line(start: Start, lines: list[str]) -> None:
    """It is in no frame of the traceback."""
    assert ask(start("x = 1\ndef handle(:\n"), {}) == "init"
    assert lines[1:] == ["  at tiny.py:2  def handle(:"]


def test_a_start_that_failed_is_tried_again(start: Start, tmp_path: Path) -> None:
    """The next request starts another process, as in Lambda."""
    pool = start("1 / 0\n")
    assert ask(pool, {}) == "init"
    (tmp_path / "task" / "tiny.py").write_text(TINY)
    assert "pid" in ask(pool, {})


def test_what_no_client_may_say_is_refused() -> None:
    """The Runtime API answers an unknown path with 404 and another's request with 400."""
    api = RuntimeApi("arn")
    try:
        api.put(Invocation(b"{}", 3.0, 3.0))
        base = f"http://{api.address}/2018-06-01/runtime"
        answer = urllib3.request("GET", f"{base}/invocation/next")
        assert answer.headers["Lambda-Runtime-Invoked-Function-Arn"] == "arn"
        assert answer.headers["Lambda-Runtime-Deadline-Ms"].isdigit()
        for path, status in [("/invocation/other/response", 400), ("/other", 404)]:
            assert urllib3.request("POST", f"{base}{path}", body=b"{}").status == status
    finally:
        api.close()
