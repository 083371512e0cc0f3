"""Checks of settings that keep environments ready, as in `limits`."""

import re
from typing import Any

from mldeploy.config.limits import require
from mldeploy.facts.quotas import INTEGER, TARGETS

MINUTES = (1, 60)
INSTANCES = (1, TARGETS)
PROVISIONED = (0, INTEGER)  # the quota depends on the account
RESERVED = (1, INTEGER)


def every(value: str) -> str:
    """Check the interval of warm-up events, in EventBridge's rate(…)."""
    found = re.fullmatch(r"([1-9]\d?) (minutes?)", value, re.ASCII)
    low, high = MINUTES
    # EventBridge user guide, "Rate expressions": 1 minute, else minutes.
    fits = found and low <= int(found[1]) <= high and (found[1] == "1") == (found[2] == "minute")
    require(fits, f'must be "1 minute" to "{high} minutes", such as "5 minutes"')
    return value


def instances(value: int) -> int:
    """Check the number of environments to keep warm."""
    low, high = INSTANCES
    require(
        low <= value <= high,
        f"must be {low} to {high}: EventBridge invokes up to {high} targets per rule; use "
        "`provisioned_concurrency` for more",
    )
    return value


def reserved(value: int) -> int:
    """Check a reserved concurrency."""
    require(RESERVED[0] <= value <= RESERVED[1], "must be 1 or more: with 0, every request fails")
    return value


def provisioned(value: int) -> int:
    """Check a provisioned concurrency."""
    require(PROVISIONED[0] <= value <= PROVISIONED[1], "must be 0 (none) or more environments")
    return value


def table_of(value: object, info: Any) -> object:
    """Convert the short forms of `keep_warm` into the table: true, false, and an interval."""
    if info.context and value in ("true", "false"):  # from a variable
        value = value == "true"
    match value:
        case bool():
            return {} if value else None
        case str():
            return {"every": value}
        case dict() | None:
            return value
    raise ValueError('must be true, false, a time such as "5 minutes", or a table')


def any_form(schema: dict[str, Any]) -> None:
    """Add the short forms of `keep_warm` to the JSON schema."""
    table = schema.pop("anyOf")[0]
    schema["oneOf"] = [{"type": "boolean"}, {"type": "string"}, table]
