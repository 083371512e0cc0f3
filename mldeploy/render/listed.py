"""Text of lists: releases, stages, log lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mldeploy.render.words import Words, columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mldeploy.monitoring.logs import LogLine, LogLines
    from mldeploy.monitoring.releases import Release, Releases
    from mldeploy.monitoring.stages import DeployedStage, Stages

_RELEASES = (
    "function", "version", "release", "published", "live", "model", "git", "metric", "image",
)  # fmt: skip
_STAGES = ("stage", "functions", "live", "since", "expires")
# A log line may contain a client's data; a terminal would interpret its escape sequences.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def release_words(found: Releases) -> Words:
    """Return releases as a table."""
    rows = [_release_row(one, found.stage_prefix) for one in found.releases]
    return Words(columns([_RELEASES, *rows]))


def _release_row(release: Release, prefix: str) -> tuple[str, ...]:
    facts = dict(release.facts)
    model, git = facts.pop("model", "-"), facts.pop("git", "-")
    facts.pop("trained", None)
    canary = " canary" if release.canary else ""
    return (
        release.function.removeprefix(prefix),
        release.version,
        release.release or "-",
        release.published,
        f"{release.share:.0%}{canary}" if release.share else "-",
        model,
        git,
        " ".join(f"{name}={value}" for name, value in facts.items()) or "-",
        release.digest[:19],
    )


def stage_words(found: Stages) -> Words:
    """Return stages as a table."""
    if found.stages:
        return Words(columns([_STAGES, *map(_stage_row, found.stages)]))
    what = "No stage of {} has expired" if found.expired else "Nothing of {} is deployed"
    return Words(notes=(f"{what.format(found.project)} in {found.region}.",))


def _stage_row(stage: DeployedStage) -> tuple[str, ...]:
    return (
        stage.stage,
        " ".join(stage.functions),
        " ".join(live.release for live in stage.live) or "-",
        stage.since,
        f"{stage.expires} (expired)" if stage.expired else stage.expires or "never",
    )


def log_words(found: LogLines) -> Words:
    """Return log lines, each with its time and, for several functions, the function's name."""
    return Words("\n".join(line for one in found.events for line in _lines(one, found.names)))


def _lines(one: LogLine, names: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, names.values()))
    name = f"{names[one.event.function]:<{width}}  " if len(names) > 1 else ""
    for line in one.event.message.splitlines() or [""]:
        shown = _CONTROL.sub(lambda sign: f"\\x{ord(sign[0]):02x}", line)
        yield f"{one.time}  {name}{shown}"
