"""Consequences of a plan that need attention: a new model, a public route, a permission."""

import json
from collections.abc import Mapping
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.config import Config
from mldeploy.config.references import SECRETS_VARIABLE
from mldeploy.deploy.disclosure import disclosures
from mldeploy.deploy.findings import Finding, Findings
from mldeploy.facts.prices import Capacity, ceiling, price_list
from mldeploy.model.difference import differences
from mldeploy.plan.consequences import Consequences, ModelChange
from mldeploy.plan.diff import Plan
from mldeploy.plan.observe import Observed
from mldeploy.resources.alias import Alias
from mldeploy.resources.artifact import Artifact, ImageSource
from mldeploy.resources.base import Context, Resource
from mldeploy.resources.ecr_images import labels_of, size_of
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.image_proof import proven
from mldeploy.resources.lambda_state import digest_of_version
from mldeploy.resources.provisioned import ProvisionedConcurrency
from mldeploy.resources.role import Role
from mldeploy.resources.secret_access import access_statements


def consequences(
    config: Config, artifact: Artifact, plan: Plan, observed: Observed, context: Context
) -> Consequences:
    """Return a plan's consequences; reads the live images' labels only if an alias changes."""
    return Consequences(
        _models(config, artifact, plan, observed, context),
        opened(config, plan, context.account),
        _ceiling(config) if config.routed and may_cost_more(plan) else None,
        disclosures(config, artifact, plan),
        config.region,
    )


def opened(config: Config, plan: Plan, account: Account) -> tuple[str, ...]:
    """Return what a plan makes public or permits, and what a role from the user must permit."""
    return (*_routes(plan), *_permissions(plan), *_needed(config, plan, account))


def _models(
    config: Config, artifact: Artifact, plan: Plan, observed: Observed, context: Context
) -> tuple[ModelChange, ...]:
    models = []
    moved = {one.subject.name: one for one in plan.of_kinds(Alias.kind).changes}
    for function in config.listed:
        alias = observed.get((Alias.kind, Alias(config.function_name(function.name)).name))
        if not function.custom and isinstance(alias, Alias) and alias.name in moved:
            found = _model_change(config, function.name, alias, artifact, context)
            models.extend([found] if found else [])
    return tuple(models)


def breaking_findings(found: Consequences, *, allowed: bool) -> Findings:
    """Return MLD463 for a model that may break its clients, unless that was allowed."""
    if allowed or not found.breaking:
        return ()
    return (
        Finding(
            "error",
            "MLD463",
            f"the new model may break its clients: {found.breaking[0]}",
            "nothing was changed. Serve it from another function with its own route, or pass "
            '--allow-breaking; extra_columns = "ignore" lets clients send removed features',
            details=tuple(("breaking", text) for text in found.breaking[1:]),
        ),
    )


def _model_change(
    config: Config, function: str, alias: Alias, artifact: Artifact, context: Context
) -> ModelChange | None:
    """Return how the desired model differs from the live one, or None if they are the same."""
    live = digest_of_version(alias.function, alias.version, context.reads)
    source = artifact.of(function)
    there = proven(config.repository, source.tag, context.reads)
    if there and there["imageDigest"] == live:
        return None
    old = facts_of(labels_of(config.repository, live, context.reads))
    new = _new_facts(source, there, config, context)
    found = differences(old, new) if old and new else ()
    return ModelChange(
        function,
        tuple(one.text for one in found),
        tuple(one.text for one in found if one.breaking),
        size_of(config.repository, live, context.reads),
        int(there["imageSizeInBytes"]) if there and "imageSizeInBytes" in there else None,
        known=bool(old and new),
    )


def _new_facts(
    source: ImageSource, there: dict[str, Any] | None, config: Config, context: Context
) -> Mapping[str, Any]:
    if source.spec:
        return facts_of(dict(source.spec.labels))
    return (
        facts_of(labels_of(config.repository, there["imageDigest"], context.reads)) if there else {}
    )


def facts_of(labels: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the model's facts from its image's labels, or an empty dict."""
    try:
        found = json.loads(labels.get("mldeploy.facts", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) and labels.get("mldeploy.format") == "1" else {}


def may_cost_more(plan: Plan) -> bool:
    """Return whether the plan changes a limit on what requests cost."""
    bounds = {"rate", "memory", "timeout", "reserved", "architecture", "count"}
    return any(
        one.after is not None
        and (one.before is None or any(found.field in bounds for found in one.differences))
        for one in plan.of_kinds(HttpApi.kind, Function.kind, ProvisionedConcurrency.kind).changes
    )


def _ceiling(config: Config) -> float:
    functions = [
        Capacity(one.memory, one.timeout, one.reserved_concurrency, one.provisioned_concurrency)
        for one in config.routed
    ]
    listed = price_list(config.region)
    return ceiling(functions, config.architecture, config.api.rate, listed)


def _routes(plan: Plan) -> tuple[str, ...]:
    """Return the routes that become public with the plan."""
    opened = []
    for change in plan.of_kinds(HttpApi.kind).changes:
        before, after = change.before, change.after
        if not isinstance(after, HttpApi):
            continue
        public = (
            {route.key for route in before.routes if route.auth == "NONE"}
            if isinstance(before, HttpApi)
            else set()
        )
        opened += [
            f"becomes PUBLIC: {route.key}"
            for route in after.routes
            if route.auth == "NONE" and route.key not in public
        ]
    return tuple(opened)


def _permissions(plan: Plan) -> tuple[str, ...]:
    """Return the permissions that roles gain with the plan."""
    opened = []
    for change in plan.of_kinds(Role.kind).changes:
        before, after = change.before, change.after
        if isinstance(after, Role):
            old = allowed(before.policy) if isinstance(before, Role) else set()
            new = sorted(allowed(after.policy) - old)
            opened += [f"becomes permitted: {after.name}: {one}" for one in new]
    return tuple(opened)


def _needed(config: Config, plan: Plan, account: Account) -> tuple[str, ...]:
    """Return the permissions that a role from the user needs for a function's new references."""
    role = config.role.arn
    functions = {config.function_name(one.name): one for one in config.functions}
    found: set[str] = set()
    for change in plan.of_kinds(Function.kind).changes if role else ():
        before, after = change.before, change.after
        if isinstance(after, Function) and _places(before) != _places(after):
            statements = access_statements(functions[after.name].secrets, account)
            found |= allowed(json.dumps({"Statement": statements}))
    return tuple(f"{role} needs {one}" for one in sorted(found))


def _places(resource: Resource | None) -> str:
    variables = dict(resource.environment) if isinstance(resource, Function) else {}
    return variables.get(SECRETS_VARIABLE, "")


def allowed(policy: str) -> set[str]:
    """Return the permissions that a policy grants, as "actions on resource"."""
    statements = json.loads(policy)["Statement"] if policy else []
    return {
        f"{', '.join(_listed(one.get('Action')))} on {resource}"
        for one in statements
        for resource in _listed(one.get("Resource"))
    }


def _listed(value: str | list[str] | None) -> list[str]:
    """Return IAM's string or list of strings as a list."""
    return [value] if isinstance(value, str) else sorted(value or ())
