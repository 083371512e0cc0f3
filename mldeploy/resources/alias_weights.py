"""Distinguishes an alias's weights: our canary, a gradual shift by Lambda, or a manual change.

An alias with provisioned concurrency keeps sending traffic to its previous version after a move
until the new one's environments are ready. Meanwhile Lambda itself sets AdditionalVersionWeights
such as {"1": 1} (terraform-provider-aws#48116, reproduced in its acceptance tests).
"""

import json
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Waiting
from mldeploy.facts.thresholds import SHIFT_SECONDS
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.lambda_state import ALIAS

_EVERY = 3.0
_SURE = 2
"""Consecutive reads without weights before a shift counts as ended; weights may appear late."""


def notes_of(alias: dict[str, Any]) -> dict[str, Any]:
    """Return the data in an alias's description; empty if the description isn't ours."""
    try:
        notes = json.loads(alias.get("Description", ""))
    except ValueError:
        return {}
    return notes if isinstance(notes, dict) and notes.get("by") == "mldeploy" else {}


def weights_of(alias: dict[str, Any]) -> dict[str, float]:
    """Return the shares of additional versions, by their numbers."""
    found = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {number: float(share) for number, share in found.items()}


def current(function: str, reads: Reads) -> dict[str, Any] | None:
    """Return the alias, or None; reads it again if a shift may have ended since."""
    which = {"FunctionName": function, "Name": ALIAS}
    found = reads.read("lambda", "get_alias", **which)
    if found is None or not weights_of(found) or has_canary(found):
        return found
    if is_provisioned(function, reads) and not is_shifting(function, reads):
        found = reads.again("lambda", "get_alias", **which).read("lambda", "get_alias", **which)
    return found


def has_canary(alias: dict[str, Any]) -> bool:
    """Return whether an alias's weights are our canary, according to its description."""
    return bool(weights_of(alias)) and isinstance(notes_of(alias).get("canary"), dict)


def is_provisioned(function: str, reads: Reads) -> bool:
    """Return whether the alias has provisioned concurrency."""
    return _provisioned(function, reads) is not None


def is_shifting(function: str, reads: Reads) -> bool:
    """Return whether Lambda is creating the alias's environments and sets weights itself."""
    found = _provisioned(function, reads)
    return found is not None and found.get("Status") == "IN_PROGRESS"


def _provisioned(function: str, reads: Reads) -> dict[str, Any] | None:
    return reads.read(
        "lambda", "get_provisioned_concurrency_config", FunctionName=function, Qualifier=ALIAS
    )


def shifted(function: str, context: Context, step: str) -> dict[str, Any]:
    """Wait until an alias has no weights set by Lambda itself, and return it.

    Raises:
        MldeployError: MLD423 after 15 minutes.
    """
    reason, clear = "", 0
    for waited in context.clients.polls(SHIFT_SECONDS, _EVERY):
        found: dict[str, Any] = context.clients.functions.get_alias(
            FunctionName=function, Name=ALIAS
        )
        weights = {} if has_canary(found) else weights_of(found)
        clear = 0 if weights else clear + 1
        if clear == _SURE:
            return found
        if weights:
            shares = ", ".join(f"{share:.0%} to version {one}" for one, share in weights.items())
            reason = f"Lambda still sends {shares} while it makes environments ready"
            context.emit(Waiting(step, reason, waited))
    raise MldeployError(
        "MLD423",
        f"{function}:{ALIAS} was not moved in full after {SHIFT_SECONDS:.0f} s: {reason}",
        "Lambda goes on with it, and requests are answered meanwhile; `mldeploy plan` tells "
        "whether its provisioned concurrency failed",
    )
