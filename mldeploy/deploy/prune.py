"""Removes old versions, and images that nothing refers to."""

from collections.abc import Collection, Mapping, Sequence
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
    versions_by_release,
)
from mldeploy.resources.log_group import functions_with_logs
from mldeploy.resources.version import delete_unused

_WORKERS = 8


def prune(config: Config, context: Context) -> Pruned:
    """Remove old versions of the stage, then the project's images that nothing uses.

    A failure is reported and stops the pruning; it doesn't affect what was deployed.
    """
    versions: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    try:
        versions = _prune_versions(config, context)
        images = _prune_images(config, context)
    except Exception as error:  # noqa: BLE001 - whatever it is, the deploy went well
        text = " ".join(str(error).split())[:300]
        context.emit(Note(f"some old versions and images couldn't be pruned: {text}", "warning"))
    if versions or images:
        what = f"{len(versions)} old versions and {len(images)} unused images"
        context.emit(Note(f"pruned {what}"))
    return Pruned(versions, images)


def _prune_versions(config: Config, context: Context) -> tuple[str, ...]:
    """Keep the newest versions, those that aliases refer to, and those for a rollback.

    Lambda refuses to delete a version that an alias refers to.
    """
    gone = []
    for function in config.functions:
        name = config.function_name(function.name)
        releases = versions_by_release(name, context.reads)
        if len(releases) <= config.deploy.keep:
            continue
        old = superseded(releases, config.deploy.keep, Alias(name).observe(context.reads))
        gone += [f"{name}:{one}" for one in old if delete_unused(name, one, context)]
    return tuple(gone)


def superseded(releases: Mapping[str, str], keep: int, alias: Alias | None) -> list[str]:
    """Return the numbers of versions to delete: old ones, neither live nor the rollback's target.

    Args:
        releases: of the versions, by their numbers, oldest first.
        keep: how many of the newest to keep.
        alias: that serves one of them, or None.
    """
    live, back = (alias.version, alias.previous) if alias else ("", "")
    old = list(releases.items())[:-keep]
    return [number for number, release in old if number != live and (not back or release != back)]


def _prune_images(config: Config, context: Context) -> tuple[str, ...]:
    """Remove images that no version, alias or $LATEST of any stage refers to."""
    images = all_images(config.repository, context.reads.again("ecr"))
    left = left_tags(images)
    if left:
        untag(config.repository, left, context)
    gone = _unused(config, images, context)
    _delete_documents(config.repository, {str(one["imageDigest"]) for one in images}, gone, context)
    delete_images(config.repository, gone, context)
    return tuple(gone)


def _delete_documents(repository: str, there: set[str], gone: list[str], context: Context) -> None:
    """Remove the documents of images that are being removed or are gone.

    Indexes are deleted first, because ECR deletes no manifest that one of them lists (API
    reference, ImageFailure, "ImageReferencedByManifestList").
    """
    for some in orphans(all_documents(repository, context.reads), there - set(gone)):
        delete_images(repository, some, context)


def orphans(documents: Sequence[dict[str, Any]], kept: Collection[str]) -> list[list[str]]:
    """Return the digests of documents whose image isn't kept, indexes first.

    Args:
        documents: as ECR describes them.
        kept: digests of images.
    """
    left = [one for one in documents if subject_of(one) not in kept]
    return [
        [one["imageDigest"] for one in left if bool(one.get("imageTags")) is tagged]
        for tagged in (True, False)
    ]


def candidates(images: Sequence[dict[str, Any]], keep: int, now: datetime) -> list[str]:
    """Return the digests of images to remove if nothing uses them, sorted.

    Recent images are kept. If there are few images, only those left by failed pushes are returned.

    Args:
        images: as ECR describes them.
        keep: how many images count as few.
        now: the time, in UTC.
    """
    old = [one for one in images if now - one["imagePushedAt"] > YOUNG]
    if len(images) <= keep:
        old = [one for one in old if not lasting_tags(one)]
    return sorted(str(one["imageDigest"]) for one in old)


def _unused(config: Config, images: list[dict[str, Any]], context: Context) -> list[str]:
    """Return the digests of old images that nothing refers to."""
    old = candidates(images, config.deploy.keep, context.now())
    if not old:
        return []
    # Includes what another deploy has published in the meantime.
    used = _used_digests(config, context.reads.again())
    return [one for one in old if one not in used]


def _used_digests(config: Config, reads: Reads) -> set[str]:
    """Return the digests that functions of the project can still run, in any stage."""
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
        raise MldeployError("MLD411", f"the image of {name}:{number} is unknown")
    return set(found)


def _numbers(versions: list[dict[str, Any]]) -> list[str]:
    return [str(one["Version"]) for one in versions]
