"""The execution role that both versions of a canary have."""

from collections.abc import Sequence
from typing import Any

from mldeploy.config.references import SECRETS_VARIABLE
from mldeploy.deploy.consequences import allowed
from mldeploy.errors import MldeployError
from mldeploy.plan.diff import Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context, Resource
from mldeploy.resources.function import Function
from mldeploy.resources.lambda_state import published_versions
from mldeploy.resources.role import Role


def require_shared_roles(desired: Sequence[Resource], plan: Plan, context: Context) -> None:
    """Refuse a canary whose two versions can't have one role, before anything is changed.

    Lambda takes only versions with the same execution role on one alias (developer guide,
    "weighted aliases"), and what a role loses both of them lose.

    Args:
        desired: what the stage wants.
        plan: with the canaries that are to begin. One that runs takes no other release at all.
        context: how the live versions are read.

    Raises:
        MldeployError: MLD426.
    """
    functions = {one.name: one for one in desired if isinstance(one, Function)}
    for change in plan.of_kinds(Alias.kind).changes:
        alias, after = change.before, change.after
        if not isinstance(alias, Alias) or not isinstance(after, Alias) or not after.canary:
            continue
        new, live = functions[alias.function], _live(alias, context)
        role = str(live.get("Role", new.role))
        if role != new.role:
            raise _refused(alias, f"the live version's role is {role}, the new one's {new.role}")
        lost = _taken(new.role, plan) if _secrets_of(live) != _secrets(new) else []
        if lost:
            raise _refused(
                alias, f"the role of both versions would lose what the live one needs: {lost[0]}"
            )


def _live(alias: Alias, context: Context) -> dict[str, Any]:
    versions = published_versions(alias.function, context.reads)
    return next((one for one in versions if one["Version"] == alias.version), {})


def _secrets_of(version: dict[str, Any]) -> str:
    return str(version.get("Environment", {}).get("Variables", {}).get(SECRETS_VARIABLE, ""))


def _secrets(function: Function) -> str:
    return dict(function.environment).get(SECRETS_VARIABLE, "")


def _taken(arn: str, plan: Plan) -> list[str]:
    """Return what a plan takes away from a role, as "actions on resource"."""
    lost: set[str] = set()
    for change in plan.of_kinds(Role.kind).changes:
        before, after = change.before, change.after
        if not isinstance(before, Role) or not isinstance(after, Role):
            continue
        if arn.endswith(f":role/{before.name}"):
            lost |= allowed(before.policy) - allowed(after.policy)
    return sorted(lost)


def _refused(alias: Alias, why: str) -> MldeployError:
    return MldeployError(
        "MLD426",
        f"a canary of {alias.function} isn't possible with this change: {why}",
        "nothing was changed; deploy without a canary: --canary 0%",
    )
