"""Removing what nobody will go back to: old versions, and images that nothing refers to."""

from datetime import datetime
from typing import Any

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Note
from mldeploy.facts.thresholds import YOUNG
from mldeploy.monitoring.results import Pruned
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.ecr_images import (
    all_documents,
    all_images,
    delete_images,
    lasting_tags,
    left_tags,
    subject_of,
    untag,
)
from mldeploy.resources.lambda_state import (
    digest_of_version,
    published_versions,
    release_of,
)
from mldeploy.resources.log_group import functions_with_logs
from mldeploy.resources.version import delete_unused

_WORKERS = 8


def prune(config: Config, context: Context) -> Pruned:
    """Remove old versions of the stage, then the project's images that nothing uses.

    A failure is told and stops the pruning; it doesn't matter to what was deployed.
    """
    versions: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    try:
        versions = _prune_versions(config, context)
        images = _prune_images(config, context)
    except Exception as error:  # noqa: BLE001 - whatever it is, the deploy went well
        text = " ".join(str(error).split())[:300]
        context.emit(Note(f"old versions and images couldn't all be pruned: {text}", "warning"))
    if versions or images:
        what = f"{len(versions)} old versions and {len(images)} images that nothing uses"
        context.emit(Note(f"pruned {what}"))
    return Pruned(versions, images)


def _prune_versions(config: Config, context: Context) -> tuple[str, ...]:
    """Keep the newest versions, what an alias refers to, and what a rollback goes back to.

    Of the aliases Lambda takes care itself: it refuses to delete what one of them refers to.
    """
    gone = []
    for function in config.functions:
        name = config.function_name(function.name)
        versions = published_versions(name, context.reads)
        old = versions[: -config.deploy.keep]
        if not old:
            continue
        alias = Alias(name).observe(context.reads)
        live, back = (alias.version, alias.previous) if alias else ("", "")
        for version in old:
            if version["Version"] == live or (back and release_of(version) == back):
                continue
            if delete_unused(name, version["Version"], context):
                gone.append(f"{name}:{version['Version']}")
    return tuple(gone)


def _prune_images(config: Config, context: Context) -> tuple[str, ...]:
    """Remove images that no version, alias or newest code of any stage refers to."""
    images = all_images(config.repository, context.reads.again("ecr"))
    left = left_tags(images)
    if left:
        untag(config.repository, left, context)
    gone = _unused(config, images, context)
    _delete_documents(config.repository, {str(one["imageDigest"]) for one in images}, gone, context)
    delete_images(config.repository, gone, context)
    return tuple(gone)


def _delete_documents(repository: str, there: set[str], gone: list[str], context: Context) -> None:
    """Remove what stands beside images that go or have gone.

    Indexes go first: ECR deletes no manifest that one of them names (ECR API reference,
    ImageFailure, "ImageReferencedByManifestList").
    """
    kept = there - set(gone)
    left = [one for one in all_documents(repository, context.reads) if subject_of(one) not in kept]
    for tagged in (True, False):
        some = [one["imageDigest"] for one in left if bool(one.get("imageTags")) is tagged]
        delete_images(repository, some, context)


def _is_old(image: dict[str, Any], now: datetime) -> bool:
    return bool(now - image["imagePushedAt"] > YOUNG)


def _unused(config: Config, images: list[dict[str, Any]], context: Context) -> list[str]:
    """Return the digests of old images that nothing refers to."""
    old = [one for one in images if _is_old(one, context.now())]
    if len(images) <= config.deploy.keep:
        old = [one for one in old if not lasting_tags(one)]  # left of pushes
    if not old:
        return []
    # What another deploy has published meanwhile counts as well.
    used = _used_digests(config, context.reads.again())
    return sorted(one["imageDigest"] for one in old if one["imageDigest"] not in used)


def _used_digests(config: Config, reads: Reads) -> set[str]:
    """Return the digests that any function of the project, in any stage, can still run."""
    names = functions_with_logs(config.repository_users, reads)
    with reads.workers(_WORKERS) as pool:
        listed = list(pool.map(lambda name: published_versions(name, reads), names))
        wanted: list[tuple[str, str]] = [
            (name, number)
            for name, versions in zip(names, listed, strict=True)
            for number in ("$LATEST", *_numbers(versions))
        ]
        found = list(pool.map(lambda one: digest_of_version(one[0], one[1], reads), wanted))
    unknown = [one for one, digest in zip(wanted, found, strict=True) if digest == "sha256:"]
    if unknown:
        name, number = unknown[0]
        raise MldeployError("MLD411", f"nobody knows which image {name}:{number} runs")
    return set(found)


def _numbers(versions: list[dict[str, Any]]) -> list[str]:
    return [str(one["Version"]) for one in versions]
