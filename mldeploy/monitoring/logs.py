"""Reads or follows the functions' logs in CloudWatch Logs."""

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mldeploy.aws.clients import is_missing
from mldeploy.aws.errors import error_code, error_message
from mldeploy.errors import MldeployError
from mldeploy.resources.base import Context
from mldeploy.resources.log_group import LogGroup
from mldeploy.text.data import FLAT, HIDDEN

ACTIONS = ("logs:FilterLogEvents",)
_EVERY = 2.0
LATE = timedelta(minutes=1)
"""How late events may appear; following reads this much again."""
_PATTERN_SIGNS = tuple('{["?%-')


@dataclass(frozen=True)
class LogEvent:
    """A log event of a function, or of Lambda for it.

    Attributes:
        function: the function's name in AWS.
        timestamp: milliseconds since 1970, UTC.
        message: without the final newline; may have several lines.
        stream: the log stream, one per environment.
        id: unique in the log group.
    """

    function: str
    timestamp: int
    message: str
    stream: str
    id: str

    @property
    def time(self) -> str:
        """The time in ISO 8601, in UTC, to the millisecond."""
        return written(datetime.fromtimestamp(self.timestamp / 1000, UTC))


@dataclass(frozen=True)
class LogLine:
    """An event with its formatted time.

    Attributes:
        time: ISO 8601 in UTC, to the millisecond.
        event: what was written.
    """

    time: str
    event: LogEvent = field(metadata=FLAT)


@dataclass(frozen=True)
class LogLines:
    """Log events of functions, oldest first.

    Attributes:
        events: with their times.
        names: of the requested functions in the file, by their names in AWS.
    """

    events: tuple[LogLine, ...]
    names: Mapping[str, str] = field(metadata=HIDDEN)


def log_lines(events: Iterable[LogEvent], names: Mapping[str, str]) -> LogLines:
    """Return events with their times. `names`: as in `LogLines`."""
    return LogLines(tuple(LogLine(one.time, one) for one in events), names)


def written(moment: datetime) -> str:
    """Return a time in UTC as text that `start_of` reads."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def start_of(since: str, now: datetime) -> datetime:
    """Return the time of `--since`: a duration before `now`, or a time in ISO 8601.

    A time without a zone is UTC, like all times that mldeploy prints.

    Raises:
        MldeployError: MLD115 for anything else, and for a time in the future.
    """
    from mldeploy.config.limits import duration_in_seconds

    try:
        seconds = duration_in_seconds(since)
        moment = now - timedelta(seconds=seconds) if seconds else datetime.fromisoformat(since)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MldeployError(
            "MLD115", f"--since {since!r} is neither a duration nor a time",
            "use for example 30s, 10m, 2h, 1d or 2026-11-25T14:30:00Z",
        ) from error  # fmt: skip
    if moment > now:
        raise MldeployError(
            "MLD115", f"--since {since!r} is in the future: the current time is {written(now)}",
            "give a time in the past; a time without a zone is UTC",
        )  # fmt: skip
    return moment


def pattern_of(text: str) -> str:
    """Return CloudWatch's filter pattern for literal text; a pattern is returned unchanged.

    CloudWatch Logs user guide, "Filter pattern syntax": text with other than
    alphanumeric characters is quoted; patterns begin with the characters for JSON, fields,
    and optional, excluded, quoted and regular expression terms.
    """
    if not text or text.startswith(_PATTERN_SIGNS):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_events(
    functions: Sequence[str], since: datetime, pattern: str, context: Context
) -> Iterator[LogEvent]:
    """Yield events of functions since a time, oldest first.

    Args:
        functions: their names in AWS.
        since: inclusive.
        pattern: CloudWatch's filter pattern, or "" for all events.
        context: for CloudWatch.

    Raises:
        MldeployError: MLD116 if CloudWatch rejects the pattern, MLD440 if a function's log group is
            gone.
    """
    return _merged(dict.fromkeys(functions, since), pattern, context)


def follow_events(
    functions: Sequence[str], since: datetime, pattern: str, context: Context
) -> Iterator[list[LogEvent]]:
    """Yield lists of new events indefinitely: each event once, oldest first within a list.

    CloudWatch shows events some seconds late and out of order, so each read starts before the
    newest event seen and omits those already seen.
    """
    starts = dict.fromkeys(functions, since)
    seen: dict[tuple[str, str], int] = {}
    for _ in context.clients.polls(math.inf, every=_EVERY):
        fresh = [
            one for one in _merged(starts, pattern, context) if (one.function, one.id) not in seen
        ]
        yield fresh
        now = context.now()
        for one in fresh:
            seen[one.function, one.id] = one.timestamp
            # A clock ahead of this one must not cause events to be skipped.
            newest = min(now, datetime.fromtimestamp(one.timestamp / 1000, UTC))
            starts[one.function] = max(starts[one.function], newest - LATE)
        seen = {
            (function, name): timestamp
            for (function, name), timestamp in seen.items()
            if timestamp >= _milliseconds(starts[function])
        }


def _merged(starts: dict[str, datetime], pattern: str, context: Context) -> Iterator[LogEvent]:
    return heapq.merge(
        *(_of_function(name, since, pattern, context) for name, since in starts.items()),
        key=lambda one: one.timestamp,
    )


def _of_function(
    function: str, since: datetime, pattern: str, context: Context
) -> Iterator[LogEvent]:
    """Yield a function's events page by page; CloudWatch sorts a group's events by time."""
    group = LogGroup(function).name
    pages = context.clients.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=_milliseconds(since),
        **({"filterPattern": pattern} if pattern else {}),
    )
    try:
        for page in pages:
            for one in page["events"]:
                stream, message = one.get("logStreamName", ""), one["message"].rstrip("\r\n")
                # FilterLogEvents API reference: `eventId` isn't required.
                name = one.get("eventId") or f"{stream} {one['timestamp']} {message}"
                yield LogEvent(function, one["timestamp"], message, stream, name)
    except Exception as error:
        if is_missing(error):
            raise MldeployError(
                "MLD440", f"the log group {group} doesn't exist any more: its function was "
                "destroyed",
                "run `mldeploy status` to see what is deployed",
            ) from error  # fmt: skip
        if pattern and error_code(error) == "InvalidParameterException":
            raise MldeployError(
                "MLD116", f"CloudWatch refuses the filter {pattern}: {error_message(error)}",
                'use plain text, or a filter pattern of CloudWatch, which begins with one of '
                '{ [ " ? % -',
            ) from error  # fmt: skip
        raise


def _milliseconds(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))
