"""From configuration and model to the resources that a stage wants, in order of dependence."""

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
    """Return everything that the stage wants, in the order in which it can be made."""
    stage = Stage(config, account, artifact)
    for kind in in_order(kinds):
        stage = replace(stage, earlier=(*stage.earlier, *kind.desired(stage)))
    return stage.earlier


def image_stack(config: Config, artifact: Artifact, account: Account) -> tuple[Resource, ...]:
    """Return what `push` needs: the repository and the images."""
    return stack(config, artifact, account, (Repository, Image))


def leftovers(
    config: Config, wanted: tuple[Resource, ...], reads: Reads, kinds: Kinds = KINDS
) -> list[Resource]:
    """Return what may be there of functions, or of their settings, that are no longer wanted.

    Nothing but names and tags is known of them, which is what looking them up takes.
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
    """Return what `destroy` looks for: the stage, and its repository unless others share it."""
    return leftovers(config, (), reads, kinds)


def is_public(desired: tuple[Resource, ...]) -> bool:
    """Tell whether anybody on the internet may call what is desired."""
    return any(
        route.auth == "NONE" for one in desired if isinstance(one, HttpApi) for route in one.routes
    )
