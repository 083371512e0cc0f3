"""The model that a stage serves now, as its image's labels describe it."""

from collections.abc import Mapping
from typing import Any

from mldeploy.config import Config
from mldeploy.deploy.consequences import facts_of
from mldeploy.invoke.endpoint import nothing_deployed
from mldeploy.plan.observe import observe
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.ecr_images import labels_of
from mldeploy.resources.lambda_state import digest_of_version


def live_facts(config: Config, context: Context) -> Mapping[str, Any]:
    """Return the facts of the live release of the project's model, as `facts_to_compare` does.

    Args:
        config: of the stage, for one model.
        context: for AWS.

    Returns:
        The facts, and "release", a text that names the stage and the version.

    Raises:
        MldeployError: MLD440 if nothing is deployed.
    """
    names = [one.name for one in config.listed if not one.custom]
    wanted = [Alias(config.function_name(name)) for name in names]
    found = [one for one in observe(wanted, context.reads).values() if isinstance(one, Alias)]
    if not found:
        raise nothing_deployed(config, context)
    alias = found[0]
    digest = digest_of_version(alias.function, alias.version, context.reads)
    facts = facts_of(labels_of(config.repository, digest, context.reads))
    return {**facts, "release": f"stage {config.stage}, version {alias.version}"}
