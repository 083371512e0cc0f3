"""What -o json writes, held by the package `jsonschema` to the schema that ships.

The schema lets new keys come at any time, for its users' sake; here it is closed, so that a key
that isn't in it is found.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).parents[2] / "mldeploy" / "render" / "output.schema.json"


def shipped() -> dict[str, Any]:
    """Return the schema as users read it."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def closed(schema: Any) -> Any:
    """Return a schema whose objects have no further keys."""
    match schema:
        case dict():
            found = {key: closed(one) for key, one in schema.items()}
            return {**found, "additionalProperties": False} if "properties" in schema else found
        case list():
            return [closed(one) for one in schema]
        case _:
            return schema


@cache
def _validators() -> tuple[Any, ...]:
    return tuple(jsonschema.Draft202012Validator(one) for one in (shipped(), closed(shipped())))


def held(envelope: dict[str, Any]) -> dict[str, Any]:
    """Return an envelope of `mldeploy … -o json` that is as the schema says.

    Raises:
        AssertionError: it isn't, with the place where it differs most.
    """
    for validator in _validators():
        found = jsonschema.exceptions.best_match(validator.iter_errors(envelope))
        where = "/".join(map(str, found.absolute_path)) if found else ""
        assert found is None, f"{envelope.get('command')}: {where}: {found.message}"
    return envelope
