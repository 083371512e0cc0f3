"""What a client's first call sends: the model's example, from the document."""

from dataclasses import dataclass
from typing import Any

_NAMED = "named"
"""The example whose columns have names, which all generators' types accept."""


@dataclass(frozen=True)
class Call:
    """A call of a model.

    Attributes:
        path: that it goes to.
        example: its JSON.
        schemas: names of the components that the example may be.
    """

    path: str
    example: dict[str, Any]
    schemas: tuple[str, ...]


def call_of(document: dict[str, Any]) -> Call | None:
    """Return the first call of a document that has an example in JSON, or None."""
    schemas = document.get("components", {}).get("schemas", {})
    for path, methods in document["paths"].items():
        body = methods.get("post", {}).get("requestBody", {}).get("content", {})
        json = body.get("application/json", {})
        examples = {name: one.get("value") for name, one in json.get("examples", {}).items()}
        example = examples.get(_NAMED) or next(iter(examples.values()), None)
        if isinstance(example, dict) and "{" not in path:
            return Call(path, example, _fitting(json.get("schema", {}), example, schemas))
    return None


def _fitting(
    schema: dict[str, Any], example: dict[str, Any], schemas: dict[str, Any]
) -> tuple[str, ...]:
    """Return the components of a body that require the example's keys."""
    named = [one.get("$ref", "").rpartition("/")[2] for one in schema.get("oneOf", [schema])]
    return tuple(
        name for name in named if set(schemas.get(name, {}).get("required", ())) == example.keys()
    )
