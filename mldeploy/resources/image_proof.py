"""Proof that an image in ECR is this project's; its tag isn't enough.

Anyone who may push to the repository can use any tag, so an image counts as ours only if

- the caller passed its digest (`--digest`, a reviewed plan, a confirmed promotion),
- this machine pushed it, according to its own record, or
- a function of this stage already runs it.

With `[sign] key` the key must have signed the image, and none of these is enough.

If the tag belongs to another image, ours gets a derived tag: the same with a prefix of its digest.
So no image loses its tag while a function may run it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.images.kept import Pushed
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.ecr_images import (
    all_images,
    refused_error,
    repository_uri,
    tag_beside,
    tagged,
    why_refused,
    written,
)
from mldeploy.resources.lambda_state import digest_of_version, live_version, published_versions
from mldeploy.resources.signatures import signature_problem

_NONE: frozenset[str] = frozenset()


def proven(repository: str, tag: str, reads: Reads) -> dict[str, Any] | None:
    """Return ECR's description of a tag's image if it is proved to be ours, else None.

    An image whose digest the caller passed takes precedence.
    """
    named = reads.trust.named
    for one in _candidates(repository, tag, reads):
        digest = str(one["imageDigest"])
        if (not named or digest in named) and is_proven(repository, tag, digest, reads):
            return one
    if not named:
        return None
    return proven(repository, tag, replace(reads, trust=replace(reads.trust, named=_NONE)))


def _candidates(repository: str, tag: str, reads: Reads) -> Iterator[dict[str, Any]]:
    """Yield the image of a tag, then those of derived tags, newest first."""
    main = tagged(repository, tag, reads)
    if main:
        yield main
    for image in reversed(all_images(repository, reads)):
        if tag_beside(tag, str(image["imageDigest"])) in image.get("imageTags", []):
            yield image


def unproven(repository: str, tag: str, reads: Reads) -> str:
    """Return the digest of an image with the tag that isn't proved to be ours, or ""."""
    found = tagged(repository, tag, reads)
    return str(found["imageDigest"]) if found and not proven(repository, tag, reads) else ""


def is_proven(repository: str, tag: str, digest: str, reads: Reads) -> bool:
    """Return whether an image with a tag is proved to be ours."""
    if reads.trust.key:
        return not signature_problem(repository, digest, reads, tag=tag)
    return (
        digest in reads.trust.named
        or digest == pushed(repository, tag, reads.account).digest
        or any(one == digest for one in _run_here(reads))
    )


def pushed(repository: str, tag: str, account: Account) -> Pushed:
    """Return this machine's record of its push of a tag."""
    return Pushed(account.id, account.region, repository, tag)


def _run_here(reads: Reads) -> Iterator[str]:
    """Yield the digests that the stage's functions run, live ones first as they are cached."""
    for name in reads.trust.functions:
        live = live_version(name, reads)
        if live:
            yield digest_of_version(name, live, reads)
    for name in reads.trust.functions:
        for one in published_versions(name, reads):
            yield digest_of_version(name, str(one["Version"]), reads)


def deployable_uri(repository: str, tag: str, context: Context) -> str:
    """Return `uri@sha256:…` for a tag, because Lambda resolves a tag only once.

    Raises:
        MldeployError: MLD411 if ECR has no such tag, MLD414 if it isn't an image, MLD318 if it
            isn't
            proved to be this project's.
    """
    digest = unproven(repository, tag, context.reads)
    image = None if digest else written(repository, tag, bool, context, find=proven)
    if digest or image is None:
        raise _missing(repository, tag, digest)
    why = why_refused(repository, image, context.reads)
    if why:
        raise refused_error(f"{repository}:{tag}", why)
    return f"{repository_uri(repository, context.reads)}@{image['imageDigest']}"


def _missing(repository: str, tag: str, digest: str) -> MldeployError:
    if digest:
        return unproven_error(f"{repository}:{tag}", digest)
    return MldeployError(
        "MLD411", f"ECR has no image {repository}:{tag}", "run `mldeploy push`, then deploy"
    )


def unproven_error(name: str, digest: str, why: str = "") -> MldeployError:
    """Return the error for an image that is neither trusted nor can be rebuilt here."""
    cant = f", and it can't be built again: {why}" if why else ""
    return MldeployError(
        "MLD318",
        f"ECR has {name} as {digest}, but nothing proves that this project's build pushed it{cant}",
        "if another job of yours pushed it, pass its digest: `mldeploy push -o json` prints it, "
        "`mldeploy deploy --digest` takes it; or start a Docker engine, and deploy builds the "
        "image itself; or sign images: [sign] key",
        exit_code=ExitCode.FAILURE,
    )
