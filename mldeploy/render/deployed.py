"""Text of what is deployed, and of applied plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldeploy.render.words import Rows, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mldeploy.images.produced import BuiltImages, PushedImages
    from mldeploy.monitoring.outputs import FunctionOutput, Outputs
    from mldeploy.monitoring.results import (
        Deployed,
        DestroyedStages,
        Planned,
        RolledBack,
        Status,
    )


def output_words(outputs: Outputs) -> Words:
    """Return what is deployed, function by function; on stdout the URLs."""
    rows: Rows = tuple(row for one in outputs.functions for row in _rows(one))
    return Words(_urls(outputs), (rows,))


def _urls(outputs: Outputs) -> str:
    return "\n".join(one.url for one in outputs.functions if one.url)


def _rows(function: FunctionOutput) -> Iterator[tuple[str, str]]:
    yield "function", function.name
    yield "  url", function.url or "(no route)"
    if function.page:
        yield "  page", function.page
    yield "  live", f"version {function.version}, release {function.release}"
    yield "  image", function.digest
    yield "  role", function.role
    yield "  logs", function.log_group


def deployed_words(deployed: Deployed) -> Words:
    """Return what is deployed after a deploy."""
    return output_words(deployed.outputs)


def status_words(status: Status) -> Words:
    """Return the text of `status` after the plan; what is deployed was shown before."""
    outputs = status.outputs
    if not status.deployed:
        return Words(notes=(_nothing(outputs.project, outputs.stage),))
    canaries = tuple(_canary(one) for one in outputs.functions if one.canary)
    missing = "There is no bundle here, so the running model is the one compared."
    return Words(_urls(outputs), (*canaries, *(() if status.trained else (missing,))))


def _canary(function: FunctionOutput) -> str:
    canary = function.canary
    if canary is None:
        return ""
    return (
        f"canary of {function.name}: release {canary.release} gets {canary.share:.0%} of the "
        f"traffic since {canary.started}, for {canary.seconds} s; `mldeploy deploy` finishes it, "
        "`mldeploy rollback` undoes it"
    )


def _nothing(project: str, stage: str) -> str:
    return f"{project} isn't deployed in stage {stage}."


def rollback_words(done: RolledBack) -> Words:
    """Return the release of each function; on stdout the releases."""
    return Words(
        "\n".join(one.release for one in done.live),
        tuple(f"{one.function} serves release {one.release}" for one in done.live),
    )


def removed_words(planned: Planned) -> Words:
    """Return the text for a removed stage."""
    where = planned.where
    gone = f"Removed stage {where.stage} of {where.project}."
    return Words(notes=(gone if planned.changes else _nothing(where.project, where.stage),))


def removed_stages_words(done: DestroyedStages, project: str, region: str) -> Words:
    """Return the names of the expired stages that were removed."""
    stages = tuple(one.where.stage for one in done.stages)
    none = () if stages else (f"No stage of {project} has expired in {region}.",)
    return Words("\n".join(stages), none)


def built_words(built: BuiltImages) -> Words:
    """Return the names of images on this machine."""
    return Words("\n".join(one.image for one in built.images))


def pushed_words(pushed: PushedImages) -> Words:
    """Return the URIs of images in ECR."""
    return Words("\n".join(one.image for one in pushed.images))
