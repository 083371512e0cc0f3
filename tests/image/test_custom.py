"""A handler of the user's own, behind the wrapper that knows our direct events."""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mldeploy.model.golden import Golden
from tests.support.answers import HOLDS
from tests.support.events import http
from tests.support.golden import problems

ROOT = Path(__file__).parents[2]
ECHO = "def handle(event, context):\n    return {'got': event, 'context': context}\n"
WARMUP, VERIFY = {"mldeploy": "warmup"}, {"mldeploy": "verify"}
Wrapped = Callable[..., Any]


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """A folder laid out as /var/task, but without a model."""
    shutil.copytree(ROOT / "image_template/endpoint", tmp_path / "endpoint")
    (tmp_path / "mine_of_test.py").write_text(ECHO)
    return tmp_path


@pytest.fixture
def wrapped(task: Path, monkeypatch: pytest.MonkeyPatch) -> Wrapped:
    """Give a function that imports the wrapper anew, for a handler."""

    def load(name: str = "mine_of_test:handle") -> Any:
        monkeypatch.setenv("MLDEPLOY_HANDLER", name)
        monkeypatch.setenv("LAMBDA_TASK_ROOT", str(task))
        monkeypatch.syspath_prepend(str(task))
        for known in list(sys.modules):
            if known.partition(".")[0] in {"endpoint", "mine_of_test"}:
                monkeypatch.delitem(sys.modules, known)
        return importlib.import_module("endpoint.custom").handle

    return load


def golden(*examples: dict[str, Any]) -> Golden:
    return Golden(json.dumps({"format": 1, "examples": examples}).encode(), custom=True)


@pytest.mark.parametrize(
    "event",
    [
        http({"features": [1]}),
        http(WARMUP),
        http({}, **VERIFY),
        {"httpMethod": "POST", **WARMUP},
        {"features": [1]},
        ["mldeploy"],
        None,
    ],
    ids=["http", "in the body", "beside http", "rest", "direct", "list", "nothing"],
)
def test_what_is_not_ours_goes_through_untouched(wrapped: Wrapped, event: Any) -> None:
    """Event and context are the handler's, whatever a client writes into a request."""
    context = object()
    answer = wrapped()(event, context)
    assert answer["got"] is event
    assert answer["context"] is context


def test_our_direct_events_never_reach_the_handler(wrapped: Wrapped, task: Path) -> None:
    """Warmup costs nothing, verify answers as a model's does, and another one is refused."""
    (task / "mine_of_test.py").write_text("def handle(event, context):\n    raise ValueError\n")
    handle = wrapped()
    assert handle(WARMUP, None) == {"mldeploy": "warm"}
    assert handle(VERIFY, None)["problems"] == []
    assert handle({"mldeploy": "other"}, None)["error"]["status"] == 400


def test_verify_replays_the_callers_requests(wrapped: Wrapped) -> None:
    """They come as an HTTP API sends them, and what they got is in the answer."""
    found = wrapped()({**VERIFY, "inputs": [{"a": 1}]}, None)
    assert found["problems"] == []
    got = found["predictions"][0]["answer"]["got"]
    assert (got["body"], got["version"]) == ('{"a": 1}', "2.0")
    assert got["requestContext"]["http"]["method"] == "POST"


def test_the_caller_names_the_example_that_fails(wrapped: Wrapped) -> None:
    """What was expected stands beside what came, and the later examples are asked too."""
    examples = golden(
        {"request": 1, "answer": {"got": {"body": "2"}}},
        {"request": 1, "status": 422},
        {"request": 1, "answer": {"absent": 1}},
    )
    assert problems(wrapped(), examples) == [
        "golden example 0: answer.got.body: expected '2', got '1'",
        "golden example 1: status: expected 422, got 200",
        "golden example 2: answer.absent is missing",
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("absent_of_test:handle", "there is no module absent_of_test here"),
        ("mine_of_test.sub:handle", "there is no module mine_of_test.sub here"),
        ("mine_of_test:other", "mine_of_test has no function other"),
        ("mine_of_test:VALUE", "mine_of_test has no function VALUE"),
        ("mine_of_test", "must be module:function, not 'mine_of_test'"),
        ("", "must be module:function"),
    ],
)
def test_a_handler_that_is_not_there_is_named(
    wrapped: Wrapped, task: Path, name: str, says: str
) -> None:
    """The environment fails to start, with the module or the function in the message."""
    (task / "mine_of_test.py").write_text(f"VALUE = 1\n{ECHO}")
    with pytest.raises(ImportError, match=says):
        wrapped(name)


def test_what_the_handler_s_module_lacks_is_told_in_python_s_words(
    wrapped: Wrapped, task: Path
) -> None:
    """Its own missing import isn't taken for a missing handler."""
    (task / "mine_of_test.py").write_text("import absent_of_test\n")
    with pytest.raises(ModuleNotFoundError, match="No module named 'absent_of_test'"):
        wrapped()


def checked(
    task: Path, examples: Golden, **environment: str
) -> tuple[int, list[str], list[dict[str, Any]], list[str]]:
    """Run `endpoint.check` where only the standard library and the task can be imported.

    Returns exit code, problems, answers and the modules that were imported.
    """
    events = task / "events.json"
    events.write_text(json.dumps(list(examples.events())))
    code = (
        f"import runpy, sys; sys.path.append({str(task)!r})\n"
        f"sys.argv = ['check', {str(events)!r}]\n"
        "try: runpy.run_module('endpoint.check', run_name='__main__')\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        env={"LAMBDA_TASK_ROOT": str(task), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    modules = done.stderr.splitlines()[-1].split()
    answers = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, examples.problems(answers), answers, modules


def test_the_check_needs_neither_model_nor_packages(task: Path) -> None:
    """There is no model in the folder, and nothing that could load one on the path."""
    examples = golden({"request": [1], "answer": {"got": {"body": "[1]"}, "context": None}})
    # Lambda's context isn't JSON, so this handler gives one attribute of it.
    text = ECHO.replace("'context': context", "'context': context.identity")
    (task / "mine_of_test.py").write_text(text)
    code, found, _, modules = checked(task, examples, MLDEPLOY_HANDLER="mine_of_test:handle")
    assert (code, found) == (0, [])
    assert "endpoint.custom" in modules
    assert not {"endpoint.handler", "joblib", "sklearn", "numpy"} & set(modules)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("raise OSError(30, 'Read-only file system')", "OSError: [Errno 30]"),
        ("import sys\nsys.exit(0)", "SystemExit: 0"),
        ("def handle(event, context):\n    raise KeyError('x')", "golden example 0: KeyError: 'x'"),
        ("def handle(event):\n    pass", "golden example 0: TypeError"),
        ("def handle(event, context):\n    return {'a': {1}}", "golden example 0: TypeError"),
        ("def handle(event, context):\n    exit(0)", "SystemExit: 0"),
    ],
    ids=["at import", "exits", "fails", "one argument", "no JSON", "exits later"],
)
def test_the_check_reports_what_breaks(task: Path, source: str, says: str) -> None:
    """With exit code 1 and the reason in the last line, at import as in a call."""
    (task / "mine_of_test.py").write_text(f"from sys import exit\n{source}\n")
    examples = golden({"request": 1})
    code, found, _, _ = checked(task, examples, MLDEPLOY_HANDLER="mine_of_test:handle")
    assert code == 1
    assert says in found[0]


def test_the_example_answers_its_golden_file(task: Path) -> None:
    """`examples/iris-validate`, without an image."""
    example = ROOT / "examples/iris-validate"
    shutil.copy(example / "validate.py", task)
    examples = Golden((example / "golden/validate.json").read_bytes(), custom=True)
    code, found, answers, _ = checked(task, examples, MLDEPLOY_HANDLER="validate:handle")
    assert (code, found) == (0, [])
    assert len(answers[0]["predictions"]) == len(examples.expected) == 4


@pytest.mark.parametrize(("hold", "seconds"), HOLDS)
def test_a_warmup_holds_its_environment(
    wrapped: Wrapped, monkeypatch: pytest.MonkeyPatch, hold: Any, seconds: float
) -> None:
    """As the model's own handler does: several instances stay warm only if each is held."""
    handle = wrapped()
    slept: list[float] = []
    time = SimpleNamespace(sleep=slept.append)
    monkeypatch.setitem(handle.__globals__["warmed_up"].__globals__, "time", time)
    assert handle({**WARMUP, "hold": hold}, None) == {"mldeploy": "warm"}
    assert sum(slept) == seconds
