"""What generators of clients and linters demand of an OpenAPI document, each rule with its tool."""

import re
from collections.abc import Iterator
from typing import Any

PLACES = {"properties", "prefixItems", "oneOf", "anyOf", "items", "additionalProperties"}


def schemas_in(found: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema of a document: what is under `schema`, `schemas` and their parts."""
    if isinstance(found, list):
        for one in found:
            yield from schemas_in(one)
    if not isinstance(found, dict):
        return
    for key, value in found.items():
        if key == "schema":
            yield from parts(value)
        elif key == "schemas":
            for one in value.values():
                yield from parts(one)
        elif key not in {"example", "examples"}:
            yield from schemas_in(value)


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a schema and the schemas inside."""
    yield schema
    for place in PLACES & schema.keys():
        inner = schema[place]
        if place == "properties":
            inner = list(inner.values())
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                yield from parts(one)


def assert_generators_take(found: dict[str, Any]) -> None:
    """openapi-python-client 0.29 reads the document into its own types, and makes names."""
    for schema in schemas_in(found):
        # "Input should be a valid dictionary or instance of Schema"
        assert not isinstance(schema.get("items"), bool), schema
        # of `const`: "Input should be a valid string", or a valid integer, number or boolean
        assert not isinstance(schema.get("const"), list | dict), schema
        # Spectral 6, array-items: `type: array` requires a sibling `items`
        assert schema.get("type") != "array" or "items" in schema, schema
        values = [value for value in schema.get("enum", ()) if value is not None]
        # "Unsupported enum type", and one name for two values
        assert all(type(value) in {str, int} for value in values), schema
        texts = [value for value in values if isinstance(value, str)]
        names = {re.sub(r"\W+", "_", value).strip("_").lower() for value in texts}
        assert len(names) == len(texts), schema
        assert "" not in names, schema


def assert_linters_agree(found: dict[str, Any]) -> None:
    """The recommended rules of redocly 2 and Spectral 6, but two: contact and license."""
    tags = {tag["name"] for tag in found["tags"]}
    assert "security" in found  # redocly, security-defined
    assert all(tag["description"] for tag in found["tags"])  # redocly, tag-description
    for server in found["servers"]:  # redocly, no-server-trailing-slash; oas3-server-trailing-slash
        assert re.fullmatch(r"https?://[^/]+(/.*[^/])?", server["url"]), server
    operations = [one for methods in found["paths"].values() for one in methods.values()]
    for one in operations:
        assert any(status.startswith("4") for status in one["responses"])  # operation-4xx-response
        assert one["description"]  # Spectral, operation-description
        assert one["tags"]  # Spectral, operation-tags
        assert set(one["tags"]) <= tags  # Spectral, operation-tag-defined
    ids = [one["operationId"] for one in operations]
    assert len(set(ids)) == len(ids)  # operation-operationId-unique
