"""`mldeploy logs`: what the functions wrote, once or as it comes."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config.file import load_config
from mldeploy.deploy.permissions import deployer_policy
from mldeploy.errors import MldeployError
from mldeploy.monitoring.logs import LATE, pattern_of, start_of, written
from tests.strict.aws import StrictAws
from tests.support.commands import Command, Reach, run
from tests.support.projects import CONFIG

NAME = "mldeploy_iris_dev_predict"
CHECK = "mldeploy_iris_dev_check"
SECOND = '\n[functions.check]\nroute = "POST /check"\n'
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
Write = Callable[..., int]
Meanwhile = Callable[..., None]


@pytest.fixture
def write(command: Command, aws: StrictAws) -> Write:
    """Deploy, then write as a function does: a message, some seconds ago, to a stream."""
    command("deploy")

    def put(message: str, ago: float = 5, function: str = NAME, stream: str = "[1]a") -> int:
        client, group = aws.client("logs"), f"/aws/lambda/{function}"
        found = client.describe_log_streams(logGroupName=group)["logStreams"]
        if stream not in {one["logStreamName"] for one in found}:
            client.create_log_stream(logGroupName=group, logStreamName=stream)
        timestamp = int((time.time() - ago) * 1000)
        client.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[{"timestamp": timestamp, "message": f"{message}\n"}],
        )
        return timestamp

    return put


@pytest.fixture
def both(write: Write, project: Path, command: Command) -> Write:
    """The same with two functions, predict and check."""
    (project / "mldeploy.toml").write_text(CONFIG + SECOND)
    assert command("deploy")[0] == 0
    return write


@pytest.fixture
def meanwhile(reach: Reach) -> Meanwhile:
    """Let things happen in the program's pauses, one in each; Ctrl-C comes in the last."""

    def plan(*happenings: Callable[[], object]) -> None:
        waiting = list(happenings)

        def pause(_seconds: float) -> None:
            if not waiting:
                raise KeyboardInterrupt
            waiting.pop(0)()

        # No pace: it would take pauses, too.
        reach(sleep=pause, pace=lambda _sleep: None)

    return plan


def shown(timestamp: int) -> str:
    return written(datetime.fromtimestamp(timestamp / 1000, UTC))


def messages(envelope: dict[str, Any]) -> list[str]:
    return [one["message"] for one in envelope["result"]["events"]]


def reads(aws: StrictAws) -> list[dict[str, Any]]:
    return [one.params for one in aws.calls if one.name == "logs:FilterLogEvents"]


def test_the_last_ten_minutes_of_all_functions_newest_last(
    both: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stdout is the lines alone, each with time and function, merged by time."""
    both("too old", 601)
    last = both("third", 1)
    first = both("first", 30, stream="[1]b")
    second = both("second", 20, CHECK)
    capsys.readouterr()
    assert run(["logs"]) == 0
    assert capsys.readouterr().out == (
        f"{shown(first)}  predict  first\n"
        f"{shown(second)}  check    second\n"
        f"{shown(last)}  predict  third\n"
    )


def test_of_one_function_the_name_is_left_out(
    both: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--function` shows one, and then a line needs no name."""
    both("of predict")
    when = both("of check", 5, CHECK)
    capsys.readouterr()
    assert run(["logs", "-f", "check"]) == 0
    assert capsys.readouterr().out == f"{shown(when)}  of check\n"


def test_scripts_get_the_events(write: Write, command: Command) -> None:
    """-o json: the envelope with time, function, message, stream and id of each."""
    when = write("a line")
    code, envelope = command("logs")
    (event,) = envelope["result"]["events"]
    assert code == 0
    assert event.pop("id")
    assert event == {
        "time": shown(when),
        "timestamp": when,
        "function": NAME,
        "message": "a line",
        "stream": "[1]a",
    }


def test_all_pages_are_read(write: Write, command: Command, aws: StrictAws) -> None:
    """An empty page with a token isn't the end, and no event of a later page is lost."""
    for number in range(7):
        write(f"line {number}", 20 - number, stream=f"[1]{number % 3}")
    aws.reset_calls()
    _, envelope = command("logs")
    assert messages(envelope) == [f"line {number}" for number in range(7)]
    assert len(reads(aws)) == 1 + 4  # the empty one, then two events each


def test_following_shows_each_event_once(
    both: Write, meanwhile: Meanwhile, capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes is shown when it comes, late ones too, and nothing twice."""
    both("before", 30)
    meanwhile(
        lambda: both("new", 2),
        lambda: None,
        lambda: (both("late", 40), both("of the same time as new", 2, stream="[1]b")),
        lambda: both("of the other", 1, CHECK),
        lambda: None,
    )
    capsys.readouterr()
    assert run(["logs", "--follow"]) == 130
    found = [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()]
    assert found == ["before", "new", "late", "of the same time as new", "of the other"]


def test_the_same_line_at_the_same_time_is_two_events(
    write: Write, meanwhile: Meanwhile, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """Events are told apart by their ids, not by their text."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    write("again")
    meanwhile(lambda: write("again", stream="[1]b"), lambda: write("again"))
    capsys.readouterr()
    assert run(["logs", "--follow"]) == 130
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_following_reads_the_last_minute_again_and_no_more(
    write: Write, meanwhile: Meanwhile, command: Command, aws: StrictAws
) -> None:
    """After the first look each one starts a minute before the newest event that was seen."""
    write("old", 500)
    new = write("new", 3)
    meanwhile(lambda: None)
    aws.reset_calls()
    with pytest.raises(json.JSONDecodeError):  # two envelopes
        command("logs", "--follow")
    late = int(LATE.total_seconds() * 1000)
    starts = [one["startTime"] for one in reads(aws) if "nextToken" not in one]
    assert starts[0] < new - 500_000
    assert starts[1:] == [new - late]


def test_a_clock_that_is_ahead_hides_nothing(
    write: Write, meanwhile: Meanwhile, capsys: pytest.CaptureFixture[str]
) -> None:
    """An event of the future doesn't move the window past what comes now."""
    write("from the future", -3600)
    meanwhile(lambda: write("now", 1))
    capsys.readouterr()
    run(["logs", "--follow"])
    assert [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()] == [
        "from the future",
        "now",
    ]


def test_the_end_of_following_says_how_to_go_on(
    write: Write, meanwhile: Meanwhile, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C: exit 130, and the last line on stderr names the time of the last event."""
    when = write("the last")
    meanwhile()
    capsys.readouterr()
    assert run(["logs", "--follow"]) == 130
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "following the logs of predict; Ctrl-C ends it"
    assert err[-1] == f"  fix: run the same command with --since {shown(when)} to continue"


def test_following_as_json_gives_an_envelope_a_line(
    write: Write, meanwhile: Meanwhile, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each batch is an envelope of its own, none is empty, and the last tells of Ctrl-C."""
    write("one")
    meanwhile(lambda: None, lambda: write("two", 1))
    capsys.readouterr()
    assert run(["logs", "--follow", "-o", "json"]) == 130
    *batches, end = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [messages(one) for one in batches] == [["one"], ["two"]]
    assert {one["command"] for one in batches} == {"logs"}
    assert (end["ok"], end["error"]["code"], end["error"]["exit_code"]) == (False, "MLD130", 130)


def test_a_group_that_goes_away_ends_the_following(
    write: Write, meanwhile: Meanwhile, aws: StrictAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stage that is destroyed meanwhile is told, not followed in silence."""
    write("a line")
    meanwhile(lambda: aws.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{NAME}"))
    assert run(["logs", "--follow"]) == 1
    assert "error[MLD440]" in capsys.readouterr().err


def test_no_events_is_no_error(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, nothing on stdout, and stderr says since when there is nothing."""
    del write
    capsys.readouterr()
    assert run(["logs"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "no log events of predict since 2" in err


def test_lines_of_a_message_have_their_time_and_no_power_over_the_terminal(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback's lines are lines; an escape sequence is shown, a tab stays."""
    when = write("Traceback:\n  line 1\rREPORT\tDuration: 1 ms\n\x1b[2Jgone")
    capsys.readouterr()
    run(["logs"])
    lines = ["Traceback:", "  line 1", "REPORT\tDuration: 1 ms", "\\x1b[2Jgone"]
    assert capsys.readouterr().out == "".join(f"{shown(when)}  {line}\n" for line in lines)


def test_text_is_looked_for_as_it_stands(write: Write, command: Command, aws: StrictAws) -> None:
    """Signs that mean something to CloudWatch are quoted; a pattern goes through as it is."""
    write("an ERROR here")
    write("all is well")
    assert messages(command("logs", "--filter", "ERROR")[1]) == ["an ERROR here"]
    aws.reset_calls()
    command("logs", "--filter", "POST /predict: 5")
    pattern = '{ $.release = "a" && $.status >= 500 }'
    assert command("logs", "--filter", pattern)[0] == 0
    asked = {one["filterPattern"] for one in reads(aws)}
    assert asked == {'"POST /predict: 5"', pattern}
    assert pattern_of('say "no" \\') == '"say \\"no\\" \\\\"'


def test_a_filter_that_cloudwatch_refuses_is_told(write: Write, command: Command) -> None:
    """MLD116 names the filter, and the hint which signs begin a pattern."""
    del write
    code, envelope = command("logs", "--filter", "{ $.status")
    assert (code, envelope["error"]["code"]) == (2, "MLD116")
    assert "{ $.status: Invalid filter pattern" in envelope["error"]["message"]


def test_without_a_deployment_there_is_nothing_to_show(command: Command) -> None:
    """MLD440 before a deploy and after a destroy."""
    assert command("logs")[1]["error"]["code"] == "MLD440"
    command("deploy")
    command("destroy", "--confirm", "iris")
    assert command("logs")[1]["error"]["code"] == "MLD440"


def test_a_function_that_left_the_file_still_has_its_log(
    both: Write, project: Path, command: Command
) -> None:
    """What is deployed counts; a name that is neither is told with what there is."""
    both("of check", 5, CHECK)
    (project / "mldeploy.toml").write_text(CONFIG)
    assert messages(command("logs", "--function", "check")[1]) == ["of check"]
    code, envelope = command("logs", "--function", "chekc")
    assert (code, envelope["error"]["code"]) == (2, "MLD111")
    assert "did you mean `check`?" in envelope["error"]["hint"]


def test_another_stage_and_anothers_group_are_not_shown(
    write: Write, command: Command, aws: StrictAws
) -> None:
    """Stages are kept apart, and a group without our tags is refused."""
    del write
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/mldeploy_iris_devel_predict")
    assert command("logs")[0] == 0
    logs.create_log_group(logGroupName="/aws/lambda/mldeploy_iris_dev_other")
    assert command("logs")[1]["error"]["code"] == "MLD410"


def test_a_missing_permission_is_named_and_the_policy_has_it(
    write: Write, command: Command, aws: StrictAws, project: Path
) -> None:
    """Exit 4 with the action, and `iam policy` grants it on the stage's log groups."""
    del write
    aws.deny("logs:FilterLogEvents")
    code, envelope = command("logs")
    assert (code, envelope["error"]["code"]) == (4, "MLD402")
    assert "logs:FilterLogEvents" in envelope["error"]["message"]
    (allowed,) = [
        one["Resource"]
        for one in deployer_policy(load_config(project / "mldeploy.toml"))["Statement"]
        if "logs:FilterLogEvents" in one["Action"]
    ]
    assert allowed == ["arn:*:logs:eu-central-1:*:log-group:/aws/lambda/mldeploy_iris_dev_*"]


def test_throttling_is_waited_out(write: Write, command: Command, aws: StrictAws) -> None:
    """FilterLogEvents has a small quota: botocore asks again, and nothing is lost or doubled."""
    for number in range(3):
        write(f"line {number}", 9 - number)
    aws.throttle("logs:FilterLogEvents", 4)
    assert messages(command("logs")[1]) == ["line 0", "line 1", "line 2"]


@pytest.mark.parametrize(
    ("since", "start"),
    [
        ("30s", NOW - timedelta(seconds=30)),
        ("10m", NOW - timedelta(minutes=10)),
        ("2h", NOW - timedelta(hours=2)),
        ("1d", NOW - timedelta(days=1)),
        ("2026-11-25T14:00:00Z", NOW - timedelta(minutes=30)),
        ("2026-11-25T14:00:00.500", NOW - timedelta(minutes=29, seconds=59.5)),
        ("2026-11-25T15:00:00+01:00", NOW - timedelta(minutes=30)),
        ("2026-11-25", NOW - timedelta(hours=14, minutes=30)),
    ],
)
def test_since_is_a_duration_or_a_time(since: str, start: datetime) -> None:
    """Seconds to days before now, or ISO 8601, which is UTC unless it names a zone."""
    assert start_of(since, NOW) == start
    assert start_of(written(start), NOW) == start


@pytest.mark.parametrize("since", ["", "0m", "10", "ten", "-5m", "5 minutes", "25.11.2026"])
def test_since_that_makes_no_sense_is_refused(since: str, command: Command, aws: StrictAws) -> None:
    """Exit 2 before AWS is called, with examples of what it takes."""
    code, envelope = command("logs", f"--since={since}")
    assert (code, envelope["error"]["code"]) == (2, "MLD115")
    assert "10m" in envelope["error"]["hint"]
    assert aws.calls == []


def test_since_may_not_lie_in_the_future_but_far_back() -> None:
    """A time to come is refused with the time that it is; before 1970 is just the beginning."""
    with pytest.raises(
        MldeployError, match="in the future: the current time is 2026-11-25T14:30:00"
    ):
        start_of("2026-11-25T14:30:01Z", NOW)
    assert start_of("99999d", NOW).year == 1753
    with pytest.raises(MldeployError, match="neither a duration nor a time"):
        start_of("0001-01-01T00:00:00+14:00", NOW)
