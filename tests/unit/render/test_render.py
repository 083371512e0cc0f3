"""What people and scripts read."""

import json
from dataclasses import replace

import pytest

from mldeploy.errors import MldeployError
from mldeploy.events import Failed, Finished, Note, Progress, Started, Waiting
from mldeploy.monitoring.results import Planned
from mldeploy.monitoring.where import Where
from mldeploy.plan.consequences import Consequences
from mldeploy.plan.diff import Change, Plan
from mldeploy.render import renderer_for
from mldeploy.render.words import Words, size
from mldeploy.resources.function import Function
from mldeploy.resources.log_group import LogGroup

Captured = pytest.CaptureFixture[str]

PLAN = Plan(
    (
        Change("create", None, LogGroup("f")),
        Change("update", Function("f", memory=512), Function("f", memory=1024)),
        Change("delete", Function("g"), None),
    )
)

WHERE = Where("iris", "dev", "1", "shop", "eu-central-1", "AWS_REGION", "aws", ())
PLACE = """\
  project  iris
  stage    dev
  account  1 (shop)
  region   eu-central-1 (from AWS_REGION)
  target   aws
  live     nothing
"""


def test_a_plan_for_people(capsys: Captured) -> None:
    """The place; a sign, a kind and a name a line; fields below; PUBLIC; counts at the end."""
    planned = Planned.of(PLAN, WHERE, public=True)
    renderer_for("plan", output="human", debug=False).show_plan(planned)
    assert capsys.readouterr().err == (
        f"{PLACE}"
        "  + log group /aws/lambda/f\n"
        "  ~ function f\n"
        "      memory: 512 → 1024\n"
        "  - function g\n"
        '  PUBLIC: anyone may call this API ([api] auth = "none")\n'
        "Plan: 1 to create, 1 to update, 1 to delete.\n"
    )


def test_an_empty_plan_says_so(capsys: Captured) -> None:
    """No changes is a sentence, not a silence."""
    planned = Planned.of(Plan(()), WHERE, public=False)
    renderer_for("plan", output="human", debug=False).show_plan(planned)
    assert capsys.readouterr().err == f"{PLACE}No changes. AWS matches mldeploy.toml.\n"


def test_an_error_for_people(capsys: Captured) -> None:
    """Code and message, details by their labels, and what to do next."""
    error = MldeployError("MLD402", "no", "do this", details=(("done", "role"),))
    renderer_for("deploy", output="human", debug=False).error(error)
    shown = capsys.readouterr()
    assert (
        shown.err
        == "error[MLD402]: no\n  done: role\n  fix: do this\n  more: mldeploy explain MLD402\n"
    )
    assert shown.out == ""


def test_an_error_for_scripts(capsys: Captured) -> None:
    """One document on stdout, with code, message, hint and the exit code."""
    error = MldeployError("MLD402", "no", "do this", details=(("done", "role"),))
    renderer_for("deploy", output="json", debug=False).error(error)
    assert json.loads(capsys.readouterr().out) == {
        "format": 1,
        "command": "deploy",
        "ok": False,
        "error": {
            "code": "MLD402",
            "message": "no",
            "hint": "do this",
            "details": {"done": "role"},
            "exit_code": 1,
        },
    }


def test_without_a_terminal_a_wait_is_said_once(capsys: Captured) -> None:
    """The same reason is repeated every fifteen seconds, not every second."""
    renderer = renderer_for("deploy", output="human", debug=False)
    for seconds in range(20):
        renderer.on_event(Waiting("create function f", "the function is Pending", seconds))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "Pending" in lines[0]


def test_steps_end_with_their_time(capsys: Captured) -> None:
    """A finished step shows its seconds, which a result may carry."""
    renderer = renderer_for("deploy", output="human", debug=False)
    renderer.on_event(Started("create role r"))
    renderer.on_event(Progress("create role r", "x", 1, 2))
    renderer.on_event(Finished("create role r", 1.25))
    renderer.on_event(Failed("create function f", "ClientError"))
    renderer.on_event(Note("careful", "warning"))
    assert capsys.readouterr().err == (
        "  ✓ create role r  1.2 s\n  ✗ create function f\n  warning: careful\n"
    )
    assert renderer.phases == {"create role r": 1.25}


def test_a_secret_in_a_message_is_blanked(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever text arrives, the secret key doesn't leave: not for people, not for scripts."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-canary")
    error = MldeployError("MLD499", "got canary-canary", "https://u:canary@example.com")
    for output in ("human", "json", "markdown"):
        renderer_for("deploy", output=output, debug=True).error(error)
    shown = capsys.readouterr()
    assert "canary" not in shown.out + shown.err


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1200, "1.2 kB"), (93_000_000, "93.0 MB"), (10**10, "10.00 GB")],
)
def test_sizes(count: int, text: str) -> None:
    """Bytes in units of a thousand."""
    assert size(count) == text


@pytest.mark.parametrize("output", ["human", "json", "markdown"])
def test_no_text_acts_on_the_terminal(
    output: str,
    capsys: Captured,
) -> None:
    """Names and AWS's answers are shown, wherever they come out; styles are the renderer's own."""
    text = "\x1b[2J\x9b31m [red]x[/red] :boom: \u202e\udcff"
    renderer = renderer_for("deploy", output=output, debug=True)
    plan = Plan((Change("update", Function(text, role=text), Function(text, memory=1)),))
    where = replace(WHERE, stage=text, alias=text, live=None)
    meaning = Consequences(opened=(f"becomes PUBLIC: {text}",))
    renderer.show_plan(Planned.of(plan, where, public=False), meaning)
    for event in (
        Started(text), Progress(text, text), Waiting(text, text, 0.0), Note(text, "warning"),
        Failed(text, text), Finished(text, 1.0, text),
    ):  # fmt: skip
        renderer.on_event(event)
    renderer.say(text)
    renderer.show(Words(notes=(((text, text),),)))
    renderer.result({"text": text}, Words(text))
    renderer.error(MldeployError("MLD402", text, text, details=((text, text),)))
    shown = capsys.readouterr()
    for stream in (shown.out, shown.err):
        assert "[red]x[/red] :boom:" in stream
        assert not set("\x1b\x9b\u202e\udcff") & set(stream)
    if output == "json":
        first, second = map(json.loads, shown.out.splitlines())
        assert first["result"]["text"] == second["error"]["message"] == text
