"""The IAM policy for deploying: each kind declares its calls, and this module scopes them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mldeploy.config import Config
from mldeploy.deploy import home_region
from mldeploy.deploy.batch_permissions import batch_calls
from mldeploy.monitoring import logs, metrics, where
from mldeploy.resources import scans, signatures
from mldeploy.resources.kind import ANY, LOG_GROUPS, REPOSITORY, Calls, Condition
from mldeploy.resources.kinds import KINDS, Kinds


@dataclass(frozen=True)
class _Scope:
    """The resources and condition of a grant. `condition`: canonical JSON."""

    name: str
    on: tuple[str, ...]
    condition: str


_SEEING = ("Get", "List", "Describe")
"""Prefixes of read-only actions. Actions that show requests' logs aren't among them."""


def _if_signed(config: Config) -> Condition | None:
    """Grant signed API calls only if the API requires them."""
    return {} if config.api.auth == "iam" else None


_BESIDE = (
    Calls((*metrics.ACTIONS, *where.ACTIONS, *home_region.ACTIONS), ANY),
    Calls(logs.ACTIONS, LOG_GROUPS),
    Calls(scans.ACTIONS, REPOSITORY),
    Calls(
        ("execute-api:Invoke",),
        ("arn:*:execute-api:{region}:*:*/$default/*",),
        when=_if_signed,
    ),
)
"""Calls in addition to the kinds' own: to inspect what is deployed, and to invoke it."""


def deployer_policy(config: Config, kinds: Kinds = KINDS) -> dict[str, Any]:
    """Return a policy document for deploying, invoking and destroying one stage of a project.

    The repository is the project's or the stage's. The policy can read the project's other stages,
    which `promote` and `prune` do. Reading the caller's own identity needs no permission. Makes no
    call, so the account is "*", and so is the region if the settings specify none.
    """
    calls = [*(one for kind in kinds for one in kind.calls), *_BESIDE, *_signing(config)]
    calls += batch_calls(config)
    granted: dict[_Scope, set[str]] = {}
    for one in sorted(calls, key=_place):
        for scope, actions in _scopes(one, config):
            granted.setdefault(scope, set()).update(actions)
    return {"Version": "2012-10-17", "Statement": list(_statements(granted))}


def _signing(config: Config) -> list[Calls]:
    return [Calls(signatures.ACTIONS, (config.sign.key,), "Signing")] if config.sign.key else []


def makes_administrators(config: Config) -> bool:
    """Return whether the policy lets its holder grant the functions' roles any permission.

    A principal that can write a role's policy and pass the role to a function has every permission
    in the account, unless a permissions boundary limits the role (IAM user guide, "Permissions
    boundaries for IAM entities", "Delegating responsibility to others").
    """
    return config.role.arn is None and config.role.permissions_boundary is None


def _service(calls: Calls) -> str:
    return calls.actions[0].partition(":")[0]


def _place(calls: Calls) -> tuple[bool, bool, str]:
    """Return the sort key of calls in the document: named ones next to last, unscoped ones last."""
    return calls.on == ANY, bool(calls.name), _service(calls)


def _scopes(calls: Calls, config: Config) -> Iterator[tuple[_Scope, set[str]]]:
    """Yield the scopes for reading the project and for changing the stage."""
    found = calls.when(config)
    if found is None:
        return
    condition = json.dumps(found)
    name = calls.name or ("Unscoped" if calls.on == ANY else _service(calls))
    whole = tuple(_filled(one, f"{config.project_prefix}*", config) for one in calls.on)
    ours = tuple(_filled(one, config.stage_names, config) for one in calls.on)
    seeing = {one for one in calls.actions if one.partition(":")[2].startswith(_SEEING)}
    if whole == ours:
        seeing = set()
    if seeing:
        yield _Scope(f"see-{name}", whole, condition), seeing
    if rest := {*calls.actions} - seeing:
        yield _Scope(name, ours, condition), rest


def _filled(pattern: str, names: str, config: Config) -> str:
    """Return a pattern of ARNs with its placeholders filled in: see `Calls`."""
    repository = config.repository
    if config.owns_repository and config.pattern:
        repository = f"{repository.removesuffix(config.stage)}{config.pattern}"
    role = config.role.arn or f"arn:*:iam::*:role/{names}"
    region = config.region or "*"
    return pattern.format(names=names, region=region, repository=repository, role=role)


def _statements(granted: Mapping[_Scope, set[str]]) -> Iterator[dict[str, Any]]:
    """Yield statements; later ones for the same service get a number."""
    used: Counter[str] = Counter()
    for scope, actions in granted.items():
        sid = "Mldeploy" + "".join(part[0].upper() + part[1:] for part in scope.name.split("-"))
        used[sid] += 1
        condition = json.loads(scope.condition)
        yield {
            "Sid": f"{sid}{used[sid]}" if used[sid] > 1 else sid,
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": list(scope.on),
            **({"Condition": condition} if condition else {}),
        }
