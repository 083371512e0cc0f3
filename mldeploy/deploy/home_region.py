"""Keeps a stage in its region if the shell specifies another one.

The functions' IAM roles are a stage's only global resources, and a role's name ends with the region
of its function. The names show in which other regions a stage is deployed.
"""

from collections.abc import Mapping, Sequence

from mldeploy.aws.errors import is_aws_error
from mldeploy.config import TAG_PROJECT, TAG_STAGE, Config
from mldeploy.deploy.findings import Finding, Findings
from mldeploy.resources.base import Context, Key, Resource, tag_map
from mldeploy.resources.image import Image
from mldeploy.resources.repository import Repository

ACTIONS = ("iam:ListRoles",)

_NAMED = {"--region", "MLDEPLOY_REGION", "mldeploy.toml"}
"""A region from these sources is meant for this project, unlike one from a shell or a profile."""
_OF_ALL_STAGES = {Repository.kind, Image.kind}


def home_findings(config: Config, observed: Mapping[Key, Resource], context: Context) -> Findings:
    """Return findings against a region that wasn't specified for this project.

    Makes no call if the stage is already in this region or if the region was specified.
    """
    here = any(one.kind not in _OF_ALL_STAGES for one in observed.values())
    if here or config.region_from in _NAMED:
        return ()
    return elsewhere(config, context.account.region, _homes(config, context))


def elsewhere(config: Config, region: str, homes: Sequence[str] | None) -> Findings:
    """Return MLD132 if a stage is deployed only in other regions.

    Args:
        config: of the stage.
        region: that a command uses.
        homes: the stage's regions; None if the caller may not list roles.
    """
    if homes is None:
        text = (
            f"{config.region_from} sets the region, and without iam:ListRoles mldeploy can't "
            "check whether the stage is deployed in another region: set region under [project]"
        )
        return (Finding("warning", "", text),)
    if not homes or region in homes:
        return ()
    return (
        Finding(
            "error",
            "MLD132",
            f"stage {config.stage} of {config.name} is deployed in {' and '.join(homes)}, and not "
            f"in {region}, which {config.region_from} sets; nothing was changed",
            f'set region = "{homes[0]}" under [project] to keep it there, or pass '
            f"--region {region} to use that region as well",
        ),
    )


def _homes(config: Config, context: Context) -> list[str] | None:
    """Return the regions that this stage has roles for, sorted; None if access is denied."""
    try:
        answer = context.reads.read("iam", "list_roles", PaginationConfig={"PageSize": 1000})
    except Exception as error:
        if not is_aws_error(error):
            raise
        return None
    names = [one["RoleName"] for one in (answer or {}).get("Roles", [])]
    ours = [name for name in names if name.startswith(config.stage_prefix)]
    return sorted({name.rpartition("_")[2] for name in ours if _is_ours(name, config, context)})


def _is_ours(name: str, config: Config, context: Context) -> bool:
    """Return whether a role has the stage's tags, which ListRoles omits (API reference)."""
    answer = context.reads.read("iam", "get_role", RoleName=name)
    tags = tag_map(answer["Role"].get("Tags", [])) if answer else {}
    return (tags.get(TAG_PROJECT), tags.get(TAG_STAGE)) == (config.name, config.stage)
