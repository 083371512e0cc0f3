"""What a plan means for the people behind it: another model, a public route, a permission."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.config import Config
from mldeploy.config.references import SECRETS_VARIABLE
from mldeploy.deploy.disclosure import disclosures
from mldeploy.errors import MldeployError
from mldeploy.facts.prices import REGION, Capacity, ceiling, price_list
from mldeploy.model.difference import ModelDifference, differences
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


@dataclass(frozen=True)
class ModelChange:
    """A function that is about to serve another model.

    Attributes:
        function: its name in the file.
        differences: between the model that is live and the new one; empty where nothing is
            known of one of them.
        known: whether both models' facts could be read.
        live_bytes: of the live image in ECR, compressed; None where nobody knows.
        new_bytes: of the new image in ECR; None before it is built and pushed.
    """

    function: str
    differences: tuple[ModelDifference, ...] = ()
    known: bool = True
    live_bytes: int | None = None
    new_bytes: int | None = None

    @property
    def breaking(self) -> tuple[str, ...]:
        """What may break the clients."""
        return tuple(one.text for one in self.differences if one.breaking)


@dataclass(frozen=True)
class Consequences:
    """Of a plan: other models, what becomes public or permitted, and what that may cost.

    Attributes:
        models: that are about to change.
        opened: what becomes public or permitted.
        ceiling: the most that the requests can cost, USD an hour; None where that doesn't change.
        readable: what of the training data becomes readable.
        region: whose prices the ceiling is computed with.
    """

    models: tuple[ModelChange, ...] = ()
    opened: tuple[str, ...] = ()
    ceiling: float | None = None
    readable: tuple[str, ...] = ()
    region: str = REGION

    @property
    def breaking(self) -> tuple[str, ...]:
        """What may break clients, with the function's name."""
        return tuple(f"{one.function}: {text}" for one in self.models for text in one.breaking)

    @property
    def lines(self) -> tuple[tuple[str, bool], ...]:
        """What people read: (text, whether it is a warning)."""
        lines = []
        for one in self.models:
            lines.append((f"model of {one.function}: {_sizes(one)}", False))
            if not one.known:
                lines.append(("    the live image has no facts of its model to compare", False))
            for found in one.differences:
                mark = "BREAKING: " if found.breaking else ""
                lines.append((f"    {mark}{found.text}", found.breaking))
        lines += [(text, text.startswith("becomes PUBLIC")) for text in self.opened]
        lines += [(text, False) for text in self.readable]
        if self.ceiling is not None:
            lines.append((_cost(self.ceiling, self.region), False))
        return tuple(lines)

    def data(self) -> dict[str, Any]:
        """Return the consequences for scripts."""
        return {
            "models": [
                {
                    "function": one.function,
                    "differences": [found.text for found in one.differences],
                    "breaking": list(one.breaking),
                    "live_bytes": one.live_bytes,
                    "new_bytes": one.new_bytes,
                }
                for one in self.models
            ],
            "opened": list(self.opened),
            "cost_ceiling_usd_per_hour": None if self.ceiling is None else round(self.ceiling, 2),
            "readable": list(self.readable),
        }


def consequences(
    config: Config, artifact: Artifact, plan: Plan, observed: Observed, context: Context
) -> Consequences:
    """Say what a plan means; the live images' labels are read only where an alias changes."""
    models = []
    moved = {one.subject.name: one for one in plan.of_kinds(Alias.kind).changes}
    for function in config.functions:
        alias = observed.get((Alias.kind, Alias(config.function_name(function.name)).name))
        if not function.custom and isinstance(alias, Alias) and alias.name in moved:
            found = _model_change(config, function.name, alias, artifact, context)
            models.extend([found] if found else [])
    return Consequences(
        tuple(models),
        (*_routes(plan), *_permissions(plan), *_needed(config, plan, context.account)),
        _ceiling(config) if config.routed and _may_cost_more(plan) else None,
        disclosures(config, artifact, plan),
        config.region,
    )


def require_compatible(found: Consequences, *, allowed: bool) -> None:
    """Refuse a model that may break its clients, unless that was allowed.

    Raises:
        MldeployError: MLD463; nothing was changed.
    """
    if found.breaking and not allowed:
        raise MldeployError(
            "MLD463",
            f"the new model may break its clients: {found.breaking[0]}",
            "nothing was changed. Give it a function and a route of its own, or pass "
            "--allow-breaking",
            details=tuple(("breaking", text) for text in found.breaking[1:]),
        )


def _model_change(
    config: Config, function: str, alias: Alias, artifact: Artifact, context: Context
) -> ModelChange | None:
    """Compare the model that is live with the one that is wanted; None where they are one."""
    live = digest_of_version(alias.function, alias.version, context)
    source = artifact.of(function)
    there = proven(config.repository, source.tag, context)
    if there and there["imageDigest"] == live:
        return None
    old = facts_of(labels_of(config.repository, live, context))
    new = _new_facts(source, there, config, context)
    return ModelChange(
        function,
        differences(old, new) if old and new else (),
        bool(old and new),
        size_of(config.repository, live, context),
        int(there["imageSizeInBytes"]) if there and "imageSizeInBytes" in there else None,
    )


def _new_facts(
    source: ImageSource, there: dict[str, Any] | None, config: Config, context: Context
) -> Mapping[str, Any]:
    if source.spec:
        return facts_of(dict(source.spec.labels))
    return facts_of(labels_of(config.repository, there["imageDigest"], context)) if there else {}


def facts_of(labels: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the facts of a model out of its image's labels; empty where there are none."""
    try:
        found = json.loads(labels.get("mldeploy.facts", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) and labels.get("mldeploy.format") == "1" else {}


def _sizes(one: ModelChange) -> str:
    live = "unknown" if one.live_bytes is None else f"{one.live_bytes / 1e6:.0f} MB"
    new = "known after the build" if one.new_bytes is None else f"{one.new_bytes / 1e6:.0f} MB"
    return f"image in ECR {live} → {new}"


def _may_cost_more(plan: Plan) -> bool:
    """Tell whether something changes that bounds what requests cost."""
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
    return ceiling(functions, config.architecture, config.api.rate, config.region)


def _cost(ceiling: float, region: str) -> str:
    listed = price_list(region)
    amount = f"${ceiling:.2f}" if ceiling < 10 else f"${ceiling:,.0f}"  # noqa: PLR2004 - cents
    return (
        f"requests can cost up to {amount} per hour, if all that [api] rate admits run until their "
        f"timeout (list prices of {listed.region}, {listed.month}); a lower rate, timeout, memory "
        "or reserved_concurrency lowers it"
    )


def _routes(plan: Plan) -> tuple[str, ...]:
    """Name the routes that anybody may call after the plan and nobody could before."""
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
    """Name what roles may do after the plan and couldn't before."""
    opened = []
    for change in plan.of_kinds(Role.kind).changes:
        before, after = change.before, change.after
        if isinstance(after, Role):
            old = allowed(before.policy) if isinstance(before, Role) else set()
            new = sorted(allowed(after.policy) - old)
            opened += [f"becomes permitted: {after.name}: {one}" for one in new]
    return tuple(opened)


def _needed(config: Config, plan: Plan, account: Account) -> tuple[str, ...]:
    """Name what a role of the user's must permit for references that are new to a function."""
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
    """Return what a policy allows, as "actions on resource"."""
    statements = json.loads(policy)["Statement"] if policy else []
    return {
        f"{', '.join(_listed(one.get('Action')))} on {resource}"
        for one in statements
        for resource in _listed(one.get("Resource"))
    }


def _listed(value: str | list[str] | None) -> list[str]:
    """Return what IAM takes as one text or as a list of them."""
    return [value] if isinstance(value, str) else sorted(value or ())
