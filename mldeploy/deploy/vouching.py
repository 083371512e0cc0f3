"""Vouching for images and releases: digests from the caller, and local bundles."""

from collections.abc import Iterable

from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.findings import Finding, Findings
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.model.golden import Golden
from mldeploy.plan.observe import Observed
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Context, Resource, key
from mldeploy.resources.image import Image
from mldeploy.resources.stack import stack
from mldeploy.resources.version import Version


def keep_golden(
    config: Config, artifact: Artifact, desired: Iterable[Resource], context: Context
) -> None:
    """Store the golden examples of an artifact's releases on this machine."""
    for release, golden in golden_of_releases(config, artifact, desired):
        context.shelf.put(release, golden)


def golden_of_releases(
    config: Config, artifact: Artifact, desired: Iterable[Resource]
) -> list[tuple[str, Golden]]:
    """Return an artifact's releases with their golden examples, if any."""
    releases = {one.function: one.release for one in desired if isinstance(one, Version)}
    found = [
        (config.function_name(one.name), artifact.of(one.name).golden_of(one.handler))
        for one in config.functions
    ]
    return [(releases[name], golden) for name, golden in found if golden]


def keep_at_hand(config: Config, context: Context) -> None:
    """Store the golden examples of the bundles on disk, which may match a release."""
    try:
        artifact = artifact_of_bundles(config)
    except MldeployError:
        return
    keep_golden(config, artifact, stack(config, artifact, context.account), context)


def digest_findings(
    desired: Iterable[Resource], observed: Observed, named: Iterable[str]
) -> Findings:
    """Return MLD323 for digests from the caller that no image of the plan has."""
    wanted = [key(one) for one in desired if isinstance(one, Image)]
    found = {one.digest for one in observed.values() if isinstance(one, Image)}
    missing = sorted(set(named) - found)
    if not missing:
        return ()
    tags = ", ".join(name for _, name in wanted)
    return (
        Finding(
            "error",
            "MLD323",
            f"ECR has no image {missing[0]} under {tags}",
            "deploy with the same mldeploy, files and bundle that were pushed, because any "
            "difference changes the image's tag; `mldeploy push -o json` prints the tag and the "
            "digest",
            exit_code=ExitCode.USAGE,
        ),
    )
