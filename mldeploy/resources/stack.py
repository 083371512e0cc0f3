"""Derives a stage's desired resources from configuration and model, in order of dependence."""

from dataclasses import replace

from mldeploy.aws.clients import Account
from mldeploy.config import Config
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Reads, Resource, key
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.image import Image
from mldeploy.resources.kind import Inventory, Stage
from mldeploy.resources.kinds import KINDS, Kinds, in_order
from mldeploy.resources.log_group import functions_with_logs
from mldeploy.resources.repository import Repository


def stack(
    config: Config, artifact: Artifact, account: Account, kinds: Kinds = KINDS
) -> tuple[Resource, ...]:
    """Return the stage's desired resources in order of creation."""
    stage = Stage(config, account, artifact)
    for kind in in_order(kinds):
        stage = replace(stage, earlier=(*stage.earlier, *kind.desired(stage)))
    return stage.earlier


def image_stack(config: Config, artifact: Artifact, account: Account) -> tuple[Resource, ...]:
    """Return the resources for `push`: the repository and the images."""
    return stack(config, artifact, account, (Repository, Image))


def leftovers(
    config: Config, wanted: tuple[Resource, ...], reads: Reads, kinds: Kinds = KINDS
) -> list[Resource]:
    """Return resources that may exist for functions or settings that are no longer desired.

    They have only names and tags, which is enough to look them up.
    """
    logged = functions_with_logs(config.project_prefix, reads)
    here = {one for one in logged if one.startswith(config.stage_prefix)}
    functions = here | {one.name for one in wanted if one.kind == "function"}
    inventory = Inventory(
        config, reads.account, tuple(sorted(functions)), shared=len(here) < len(logged)
    )
    looked_at = {key(one) for one in wanted}
    found = [one for kind in in_order(kinds) for one in kind.seed(inventory)]
    return [one for one in found if key(one) not in looked_at]


def everything(config: Config, reads: Reads, kinds: Kinds = KINDS) -> list[Resource]:
    """Return the resources for `destroy`: the stage's, and its repository unless it is shared."""
    return leftovers(config, (), reads, kinds)


def is_public(desired: tuple[Resource, ...]) -> bool:
    """Return whether the desired API is public."""
    return any(
        route.auth == "NONE" for one in desired if isinstance(one, HttpApi) for route in one.routes
    )
