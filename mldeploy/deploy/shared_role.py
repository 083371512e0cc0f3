"""Checks that both versions of a canary can share an execution role."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mldeploy.config.references import SECRETS_VARIABLE
from mldeploy.deploy.consequences import allowed
from mldeploy.deploy.findings import Finding, Findings
from mldeploy.plan.diff import Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context, Resource
from mldeploy.resources.function import Function
from mldeploy.resources.lambda_state import published_versions
from mldeploy.resources.role import Role


def role_findings(
    desired: Sequence[Resource], plan: Plan, live: Mapping[str, Mapping[str, Any]]
) -> Findings:
    """Return MLD426 for each canary whose two versions can't share a role.

    Lambda requires both versions of a weighted alias to have the same execution role (developer
    guide, "weighted aliases"), and both lose the permissions that the role loses.

    Args:
        desired: the stage's resources.
        plan: with the canaries to begin. A running canary accepts no other release.
        live: the live version of each function, as Lambda lists it.
    """
    functions = {one.name: one for one in desired if isinstance(one, Function)}
    findings = []
    for alias in _tried(plan):
        new, version = functions[alias.function], live[alias.function]
        role = str(version.get("Role", new.role))
        lost = _taken(new.role, plan) if _secrets_of(version) != _secrets(new) else []
        if role != new.role:
            why = f"the live version's role is {role}, the new one's {new.role}"
        elif lost:
            why = f"the live version needs a permission that their role would lose: {lost[0]}"
        else:
            continue
        findings.append(_refused(alias, why))
    return tuple(findings)


def live_versions(plan: Plan, context: Context) -> dict[str, Mapping[str, Any]]:
    """Return the live version of each function whose canary begins with the plan."""
    return {alias.function: _live(alias, context) for alias in _tried(plan)}


def _tried(plan: Plan) -> Iterator[Alias]:
    """Yield the observed aliases that get a canary."""
    for change in plan.of_kinds(Alias.kind).changes:
        before, after = change.before, change.after
        if isinstance(before, Alias) and isinstance(after, Alias) and after.canary:
            yield before


def _live(alias: Alias, context: Context) -> Mapping[str, Any]:
    versions = published_versions(alias.function, context.reads)
    return next((one for one in versions if one["Version"] == alias.version), {})


def _secrets_of(version: Mapping[str, Any]) -> str:
    return str(version.get("Environment", {}).get("Variables", {}).get(SECRETS_VARIABLE, ""))


def _secrets(function: Function) -> str:
    return dict(function.environment).get(SECRETS_VARIABLE, "")


def _taken(arn: str, plan: Plan) -> list[str]:
    """Return the permissions that a plan removes from a role, as "actions on resource"."""
    lost: set[str] = set()
    for change in plan.of_kinds(Role.kind).changes:
        before, after = change.before, change.after
        if not isinstance(before, Role) or not isinstance(after, Role):
            continue
        if arn.endswith(f":role/{before.name}"):
            lost |= allowed(before.policy) - allowed(after.policy)
    return sorted(lost)


def _refused(alias: Alias, why: str) -> Finding:
    return Finding(
        "error",
        "MLD426",
        f"a canary of {alias.function} isn't possible with this change: {why}",
        "nothing was changed; deploy without a canary: --canary 0%",
    )
