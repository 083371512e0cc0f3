"""A stage's releases: published ones, live ones, and rollbacks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.invoke.endpoint import deployed_function, nothing_deployed
from mldeploy.model.bundle import Bundle
from mldeploy.plan.diff import Change, Plan
from mldeploy.plan.observe import observe
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.lambda_state import (
    digest_of_version,
    published_versions,
    release_of,
    versions_by_release,
)
from mldeploy.text.data import HIDDEN

_NOTE = re.compile(r"([\w-]+)=(\S+)")
_WORKERS = 8
_SHORTEST_PREFIX = 4
History = Callable[[str], dict[str, str]]
"""Returns a function's release ids by version numbers, oldest first."""


@dataclass(frozen=True)
class Release:
    """A published version.

    Attributes:
        function: the function's name.
        version: its number.
        release: its id.
        published: time, in Lambda's format.
        facts: "model" (SHA-256), "git", "trained" and the metric, from the description.
        memory: MB.
        digest: of its image.
        share: of the traffic, 0 to 1.
        canary: whether it is a canary.
    """

    function: str
    version: str
    release: str
    published: str
    facts: dict[str, str]
    memory: int
    digest: str
    share: float = 0.0
    canary: bool = False


@dataclass(frozen=True)
class Releases:
    """The published versions of a stage.

    Attributes:
        releases: newest first.
        stage_prefix: prefix of the functions' names.
    """

    releases: tuple[Release, ...]
    stage_prefix: str = field(metadata=HIDDEN)


def note_of(bundle: Bundle) -> str:
    """Return a version's description: the model's origin and its metric.

    It isn't part of the image, which is equal for equal training at any time.
    """
    provenance = bundle.facts.get("provenance", {})
    facts = {"model": bundle.sha256[:12]}
    if provenance.get("git"):
        facts["git"] = str(provenance["git"])[:12]
    facts["trained"] = str(provenance.get("created", ""))[:19]
    for name, value in list(bundle.facts["metrics"].items())[:1]:
        facts[name] = "undefined" if value is None else f"{value:.4f}"
    return " ".join(f"{name}={value}" for name, value in facts.items() if value)


def facts_of_note(note: str) -> dict[str, str]:
    """Return the facts in a version's description; empty if mldeploy didn't write it."""
    return dict(_NOTE.findall(note))


def list_releases(config: Config, context: Context) -> Releases:
    """Return every published version of the stage's functions, newest first.

    Raises:
        MldeployError: MLD440 if nothing is deployed.
    """
    aliases = live_aliases(config, context)
    found = (one for alias in aliases for one in _of_function(alias, context))
    return Releases(tuple(found), config.stage_prefix)


def live_aliases(config: Config, context: Context) -> list[Alias]:
    """Return the aliases of the configured functions that are deployed.

    Raises:
        MldeployError: MLD440 if none is deployed.
    """
    wanted = [Alias(config.function_name(one.name)) for one in config.functions]
    found = [one for one in observe(wanted, context.reads).values() if isinstance(one, Alias)]
    if not found:
        raise nothing_deployed(config, context)
    return found


def _of_function(alias: Alias, context: Context) -> list[Release]:
    versions = published_versions(alias.function, context.reads)
    with context.clients.workers(_WORKERS) as pool:
        digests = pool.map(
            lambda one: digest_of_version(alias.function, one["Version"], context.reads), versions
        )
    found = [released(alias, one, digest) for one, digest in zip(versions, digests, strict=True)]
    return found[::-1]


def released(alias: Alias, version: dict[str, Any], digest: str) -> Release:
    """Return a release with its share of the alias's traffic.

    Args:
        alias: of the function.
        version: as Lambda describes it.
        digest: of its image.
    """
    release = release_of(version)
    canary = alias.canary is not None and alias.canary.release == release
    share = 0.0
    if alias.canary and canary:
        share = alias.canary.share
    elif version["Version"] == alias.version:
        share = 1.0 - (alias.canary.share if alias.canary else 0.0)
    return Release(
        alias.function,
        version["Version"],
        release,
        str(version.get("LastModified", ""))[:19],
        facts_of_note(version.get("Description", "")),
        int(version.get("MemorySize", 0)),
        digest,
        round(share, 4),
        canary,
    )


def rollback_plan(
    config: Config, wanted: str | None, function: str | None, context: Context
) -> Plan:
    """Return the plan of a rollback: one alias change per function.

    Args:
        config: of the stage.
        wanted: a release's id or a prefix of it, or a version's number; None ends a canary in
            progress, or else reverts the last move.
        function: the function's name in the file; None for all.
        context: for AWS.

    Raises:
        MldeployError: MLD440 if nothing is deployed, MLD111 for an unknown function, MLD460 if
            there is
            no earlier release, MLD461 if no version has the release.
    """
    aliases = _chosen(config, function, live_aliases(config, context))
    return way_back(
        aliases,
        wanted,
        lambda name: versions_by_release(name, context.reads),
        context.now(),
        whole=function is None,
    )


def way_back(
    aliases: Sequence[Alias], wanted: str | None, history: History, now: datetime, *, whole: bool
) -> Plan:
    """Return the plan of a rollback.

    Args:
        aliases: observed ones, of the functions to roll back.
        wanted: as in `rollback_plan`.
        history: returns a function's releases.
        now: time of the rollback.
        whole: whether these are all functions of the stage; a further rollback then reverts the
            deploy before.

    Raises:
        MldeployError: MLD460, MLD461.
    """
    moved, undone = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), ""
    if wanted is not None:
        targets = _named(aliases, wanted, history)
    elif any(one.canary for one in aliases):
        targets = [(one, one.release) for one in aliases if one.canary]
    else:
        last, done = _moved_last(aliases)
        targets = [(one, _previous(one, history)) for one in last]
        undone = last[0].moved if whole else ""
        moved = done[0].moved if done else moved
    changes = []
    for alias, release in targets:
        after = replace(alias, release=release, canary=None, weights="", moved=moved, undid=undone)
        if release != alias.release:
            after = replace(after, previous=_older(alias.function, release, history))
        if after != alias:
            changes.append(Change("update", alias, after))
    return Plan(tuple(changes))


def _moved_last(aliases: Sequence[Alias]) -> tuple[list[Alias], list[Alias]]:
    """Return the aliases for a rollback: those that moved together last.

    If a rollback of several functions was interrupted, these are the remaining ones, followed
    by those that it has already moved.
    """
    newest = max(one.moved for one in aliases)
    last = [one for one in aliases if one.moved == newest]
    undone = {one.undid for one in last if one.undid}
    left = [one for one in aliases if one.moved in undone and one.undid not in undone]
    return (left, last) if left else (last, [])


def _chosen(config: Config, function: str | None, aliases: list[Alias]) -> list[Alias]:
    if function is None:
        return aliases
    name = deployed_function(config, function, (one.function for one in aliases))
    return [one for one in aliases if one.function == name]


def _named(aliases: Sequence[Alias], wanted: str, history: History) -> list[tuple[Alias, str]]:
    """Return the aliases whose function has a release with that id, prefix or number."""
    found = []
    for alias in aliases:
        for number, release in reversed(history(alias.function).items()):
            by_id = len(wanted) >= _SHORTEST_PREFIX and release.startswith(wanted)
            if release and (by_id or (number == wanted and len(aliases) == 1)):
                found.append((alias, release))
                break
    if not found:
        known = [
            f"{alias.function}: version {number}, release {release}"
            for alias in aliases
            for number, release in history(alias.function).items()
        ]
        ambiguous = wanted.isdecimal() and len(aliases) > 1
        raise MldeployError(
            "MLD461",
            f"there is no release {wanted!r}; it may have been pruned ([deploy] keep)",
            "pass --function with a version number" if ambiguous else "use one of these",
            details=tuple(("there is", line) for line in known),
        )
    return found


def _previous(alias: Alias, history: History) -> str:
    """Return the previously live release, or else the next older one."""
    if alias.previous in history(alias.function).values():
        return alias.previous
    older = _older(alias.function, alias.release, history)
    if not older:
        raise MldeployError(
            "MLD460",
            f"{alias.function} has no release before version {alias.version}",
            "list the releases with `mldeploy releases`, or remove the stage with `mldeploy "
            "destroy`",
        )
    return older


def _older(function: str, release: str, history: History) -> str:
    """Return the release published before this one, or ""."""
    earlier = []
    for found in history(function).values():
        if found == release:
            break
        earlier.append(found)
    return next((one for one in reversed(earlier) if one), "")
