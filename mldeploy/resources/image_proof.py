"""What proves that an image in ECR is this project's: its tag alone doesn't, whoever pushed it.

A tag names what the image should be made of. Everybody who may push to the repository can put
anything under it, so an image counts as ours only if

- the caller named its digest (`--digest`, a reviewed plan, a promotion that somebody agreed to),
- this machine itself has pushed it there, by its own record, or
- a function of this stage runs it already: who may change that decides what it runs anyway.

With `[sign] key` none of these is enough: the key must have signed the image.

Where the tag names something else, our image gets a tag of its own beside it: the same with the
beginning of its digest. So nobody's image loses its name while a function may run it.
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
    """Return ECR's description of the image that a tag stands for, if it is proved to be ours.

    An image that the caller named comes before others.
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
    """Yield the image of a tag, then those beside it, the newest first."""
    main = tagged(repository, tag, reads)
    if main:
        yield main
    for image in reversed(all_images(repository, reads)):
        if tag_beside(tag, str(image["imageDigest"])) in image.get("imageTags", []):
            yield image


def unproven(repository: str, tag: str, reads: Reads) -> str:
    """Return the digest of an image that has the tag and that nothing proves to be ours, or ""."""
    found = tagged(repository, tag, reads)
    return str(found["imageDigest"]) if found and not proven(repository, tag, reads) else ""


def is_proven(repository: str, tag: str, digest: str, reads: Reads) -> bool:
    """Tell whether an image under a tag is proved to be ours."""
    if reads.trust.key:
        return not signature_problem(repository, digest, reads, tag=tag)
    return (
        digest in reads.trust.named
        or digest == pushed(repository, tag, reads.account).digest
        or any(one == digest for one in _run_here(reads))
    )


def pushed(repository: str, tag: str, account: Account) -> Pushed:
    """Return this machine's record of what it has pushed under a tag."""
    return Pushed(account.id, account.region, repository, tag)


def _run_here(reads: Reads) -> Iterator[str]:
    """Yield the digests that the stage's functions run, what is live first: that has been read."""
    for name in reads.trust.functions:
        live = live_version(name, reads)
        if live:
            yield digest_of_version(name, live, reads)
    for name in reads.trust.functions:
        for one in published_versions(name, reads):
            yield digest_of_version(name, str(one["Version"]), reads)


def deployable_uri(repository: str, tag: str, context: Context) -> str:
    """Return `uri@sha256:…` of a tag: Lambda resolves a tag once and then never again.

    Raises:
        MldeployError: MLD411 where ECR has no such tag, MLD414 where it is no image, MLD318 where
            nothing proves that it is this project's.
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
    """Return the error of an image that can be neither trusted nor built anew here."""
    cant = f", and it can't be built again: {why}" if why else ""
    return MldeployError(
        "MLD318",
        f"ECR has {name} as {digest}, but nothing proves that this project's build pushed it{cant}",
        "if another job of yours pushed it, pass its digest: `mldeploy push -o json` prints it, "
        "`mldeploy deploy --digest` takes it; or start a Docker engine, and deploy builds the "
        "image itself; or sign images: [sign] key",
        exit_code=ExitCode.FAILURE,
    )
