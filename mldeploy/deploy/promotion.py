"""Deploys the exact images that one stage runs to another stage."""

from collections.abc import Iterator
from dataclasses import replace

from mldeploy.config import Config
from mldeploy.deploy.findings import Finding, Findings, require
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.plan.observe import observe
from mldeploy.resources.alias import Alias
from mldeploy.resources.artifact import Artifact, ImageSource
from mldeploy.resources.base import Context
from mldeploy.resources.ecr_images import tags_of
from mldeploy.resources.image_proof import is_proven
from mldeploy.resources.lambda_state import digest_of_version, published_versions


def artifact_of_stage(source: Config, target: Config, context: Context) -> Artifact:
    """Return the images that a stage's `live` aliases serve, for another stage's functions.

    Args:
        source: the stage to take them from.
        target: the stage to deploy them to.
        context: of the target.

    Raises:
        MldeployError: MLD464 if the stages can't share images, MLD322 if they have separate
            repositories, MLD465 if the source doesn't run one of the target's functions, or
            runs two releases of it.
    """
    require(promotion_findings(source, target))
    wanted = [Alias(source.function_name(one.name)) for one in target.functions]
    found = observe(wanted, context.reads)
    images = []
    for function, seed in zip(target.functions, wanted, strict=True):
        alias = found.get((Alias.kind, seed.name))
        images.append((function.name, _image(source, function.name, alias, context)))
    return Artifact(tuple(images))


def promotion_findings(source: Config, target: Config) -> Findings:
    """Return MLD464 or MLD322 if two stages can't share images; makes no call."""
    return (*_one_stage(source, target), *_apart(source, target))


def _one_stage(source: Config, target: Config) -> Findings:
    if source.stage != target.stage:
        return ()
    what = f"{source.stage} and {target.stage} are the same stage"
    return (Finding("error", "MLD464", what, "use two different stages"),)


def _apart(source: Config, target: Config) -> Iterator[Finding]:
    """Yield the settings that keep stages from sharing images: region and repository."""
    same = "equal inputs have an equal fingerprint"
    if source.region != target.region:
        yield Finding(
            "error",
            "MLD464",
            f"stage {source.stage} is in {source.region}, {target.stage} in {target.region}: each "
            "region has its own repository, and Lambda accepts images of its own region only",
            f"`mldeploy deploy --stage {target.stage}` builds the same image there, because {same}",
        )
    if source.repository != target.repository:
        yield Finding(
            "error",
            "MLD322",
            f"stage {source.stage} has its images in {source.repository}, {target.stage} in "
            f"{target.repository}: mldeploy doesn't copy images between repositories",
            f"`mldeploy deploy --stage {target.stage}` builds and pushes it there, because {same}",
            exit_code=ExitCode.FAILURE,
        )


def _image(source: Config, function: str, alias: object, context: Context) -> ImageSource:
    if not isinstance(alias, Alias):
        raise MldeployError(
            "MLD465",
            f"stage {source.stage} runs no function {function}",
            f"run `mldeploy deploy --stage {source.stage}` first",
        )
    if alias.canary:
        raise MldeployError(
            "MLD465",
            f"stage {source.stage} runs two releases of {function}: a canary is in progress",
            f"finish it with `mldeploy deploy --stage {source.stage}`, or roll it back with "
            f"`mldeploy rollback --stage {source.stage}`",
        )
    if alias.weights:
        raise MldeployError(
            "MLD465",
            f"stage {source.stage} runs two versions of {function}: {alias.weights}, which "
            "mldeploy didn't set",
            f"run `mldeploy deploy --stage {source.stage}`, which resets the weights",
        )
    digest = digest_of_version(alias.function, alias.version, context.reads)
    tags = tags_of(source.repository, digest, context.reads)
    if not tags:
        raise MldeployError(
            "MLD465",
            f"the image {digest} that stage {source.stage} runs is gone from ECR",
            f"run `mldeploy deploy --stage {source.stage}`, which builds and pushes the image "
            "again",
        )
    notes = {
        one["Version"]: str(one.get("Description", ""))
        for one in published_versions(alias.function, context.reads)
    }
    return ImageSource(
        tags[0],
        note=notes.get(alias.version, ""),
        digest=digest,
        golden=context.shelf.get(alias.release),
    )


def unproven_digests(target: Config, artifact: Artifact, context: Context) -> tuple[str, ...]:
    """Return the digests that only the source stage vouches for."""
    return tuple(
        dict.fromkeys(
            source.digest
            for _, source in artifact.images
            if not is_proven(target.repository, source.tag, source.digest, context.reads)
        )
    )


def pinned(artifact: Artifact, context: Context) -> Context:
    """Return a context that trusts exactly the images that the source stage runs."""
    named = frozenset(source.digest for _, source in artifact.images)
    return replace(context, trust=replace(context.trust, named=named))
