"""What keeps environments ready, as mldeploy.toml may say it: checks as in `limits`."""

import re
from typing import Any

from mldeploy.config.limits import require
from mldeploy.facts.quotas import INTEGER, TARGETS

MINUTES = (1, 60)
INSTANCES = (1, TARGETS)
PROVISIONED = (0, INTEGER)  # the quota is the account's
RESERVED = (1, INTEGER)


def every(value: str) -> str:
    """Check how often warm-up events come, as EventBridge's rate(…) has it."""
    found = re.fullmatch(r"([1-9]\d?) (minutes?)", value, re.ASCII)
    low, high = MINUTES
    # EventBridge user guide, "Rate expressions": 1 minute, else minutes.
    fits = found and low <= int(found[1]) <= high and (found[1] == "1") == (found[2] == "minute")
    require(fits, f'must be "1 minute" to "{high} minutes", such as "5 minutes"')
    return value


def instances(value: int) -> int:
    """Check how many environments are kept warm."""
    low, high = INSTANCES
    require(
        low <= value <= high,
        f"must be {low} to {high}: EventBridge invokes up to {high} targets per rule; use "
        "`provisioned_concurrency` for more",
    )
    return value


def reserved(value: int) -> int:
    """Check a ceiling of executions at once."""
    require(RESERVED[0] <= value <= RESERVED[1], "must be 1 or more: with 0, every request fails")
    return value


def provisioned(value: int) -> int:
    """Check how many environments Lambda keeps ready."""
    require(PROVISIONED[0] <= value <= PROVISIONED[1], "must be 0 (none) or more environments")
    return value


def table_of(value: object, info: Any) -> object:
    """Turn the short forms of `keep_warm` into the table: true, false, and a time."""
    if info.context and value in ("true", "false"):  # a variable's
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
    """Let an editor take the short forms of `keep_warm`, too."""
    table = schema.pop("anyOf")[0]
    schema["oneOf"] = [{"type": "boolean"}, {"type": "string"}, table]
