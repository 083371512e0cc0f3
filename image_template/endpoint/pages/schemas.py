"""JSON schemas (Draft 2020-12) of rows and requests, from a model's signature.

Generators of clients refuse some of what JSON Schema has: `items: false`, lists as `const`, and
`enum` with values other than texts and integers (openapi-python-client 0.29); linters want `items`
in every array (Spectral's rule `array-items`).
"""

import re
from typing import Any

from endpoint.column_checks import limits
from endpoint.dates import unit_of, zone_of
from endpoint.features import allowed, stored
from endpoint.rows import span

Schema = dict[str, Any]
_SHOWN = 20
MOST_LISTED = 100
"""The most known values of a column that are listed; if there are more, none is."""
_YEARS = {"ns": "(167[89]|16[89][0-9]|1[789][0-9]{2}|2[01][0-9]{2}|22[0-5][0-9]|226[01])"}
"""The whole years that a unit has; another has all but 0000."""
_DAY = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|[12][0-9]))"
)
_TIME = r"[Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?"
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


def reference(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def members(**properties: Schema) -> Schema:
    """Return the schema of an object with all of these members; further ones are ignored."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def closed(**properties: Schema) -> Schema:
    """Return the schema of an object with all of these members and no others."""
    return {**members(**properties), "additionalProperties": False}


def choice(values: list[Any]) -> Schema:
    """Return the schema of one of these values."""
    kinds = {_TYPES.get(type(value), "") for value in values}
    kind = "number" if kinds == {"integer", "number"} else kinds.pop() if len(kinds) == 1 else ""
    if not kind:
        return {"enum": values}
    if kind == "integer" or (kind == "string" and _are_names(values)):
        return {"type": kind, "enum": values}
    return {"type": kind, "anyOf": [{"type": kind, "const": value} for value in values]}


def _are_names(values: list[str]) -> bool:
    """Return whether a generator can make names of an enum's values: none empty, no two equal."""
    names = {re.sub(r"\W+", "_", value).strip("_").lower() for value in values}
    return len(names) == len(values) and "" not in names


def request_components(facts: dict[str, Any], most_rows: int) -> dict[str, Schema]:
    """Return the components of a model's requests."""
    features = facts["signature"]["features"]
    names = [feature["name"] for feature in features]
    columns = [column(feature) for feature in features]
    rows = {"type": "array", "items": reference("Row"), "minItems": 1, "maxItems": most_rows}
    listed = {**rows, "items": reference("RowValues")}
    constants: list[Schema] = [{"type": "string", "const": name} for name in names]
    split = members(columns=_tuple(constants), data=listed)
    split["required"] = ["data"]
    by_column = closed(
        **{name: {**rows, "items": values} for name, values in zip(names, columns, strict=True)}
    )
    forms: list[Schema] = [reference("RowValues"), reference("RowObject")]
    if len(features) == 1 and features[0]["dtype"] == "string":
        forms.append({"title": "only the text", **columns[0]})
    return {
        "RowValues": {"description": "values in the order of the columns", **_tuple(columns)},
        "RowObject": {
            "description": "an object with column names as keys",
            **closed(**dict(zip(names, columns, strict=True))),
        },
        "Row": {"oneOf": forms},
        "OneRow": {"title": "one row", **members(features=reference("Row"))},
        "Rows": {"title": "rows", **members(instances=rows)},
        "DataframeSplit": {
            "title": "dataframe split",
            "description": "MLflow's format of a DataFrame's columns and rows",
            **members(dataframe_split=split),
        },
        "DataframeRecords": {
            "title": "dataframe records",
            "description": "MLflow's format of rows by names",
            **members(dataframe_records=rows),
        },
        "Columns": {"description": "columns by their names, all of one length", **by_column},
        "Inputs": {
            "title": "inputs",
            "description": "MLflow's and TensorFlow Serving's format of rows or columns",
            **members(inputs={"anyOf": [rows, reference("Columns")]}),
        },
    }


_FORMATS = ("OneRow", "Rows", "DataframeSplit", "DataframeRecords", "Inputs")


def request_schema() -> Schema:
    """Return the schema of a JSON request, which has one of several formats."""
    return {"oneOf": [reference(name) for name in _FORMATS]}


def _tuple(schemas: list[Schema]) -> Schema:
    """Return the schema of a list with one schema per value; `items` has the types for tools.

    Columns that accept the same values need no `prefixItems`: @hey-api/openapi-ts 0.94 makes five
    values of four where `items` is beside it, and Spectral's array-items requires `items`.
    """
    length = {"minItems": len(schemas), "maxItems": len(schemas)}
    same = [{key: schema[key] for key in schema if key != "description"} for schema in schemas]
    if all(one == same[0] for one in same):
        return {"type": "array", "items": same[0], **length}
    types: set[str] = set()
    for schema in schemas:
        kind = schema["type"]
        types |= set(kind if isinstance(kind, list) else [kind])
    found = sorted(types)
    return {
        "type": "array",
        "prefixItems": schemas,
        "items": {"type": found if len(found) > 1 else found[0]},
        **length,
    }


def column(feature: dict[str, Any]) -> Schema:
    """Return the schema of a column's values. The training range isn't a limit."""
    found: Schema = {"type": feature["dtype"]}
    match feature["dtype"]:
        case "number" | "integer":
            low, high = limits(feature)
            found |= {"minimum": low, "maximum": high}
        case "datetime":
            found = _time(stored(feature))
    found |= _known(feature)
    if "minimum" in feature and "enum" not in found:
        ends = span(feature["minimum"], feature["maximum"])
        notes = [found.get("description"), f"about {ends} in training", "others get a warning"]
        found["description"] = "; ".join(filter(None, notes))
    return _nullable(found) if feature.get("nullable") else found


def _nullable(schema: Schema) -> Schema:
    found = {**schema, "type": [schema["type"], "null"]}
    if "enum" in found:
        found["enum"] = [*found["enum"], None]
    if "anyOf" in found:
        found["anyOf"] = [*found["anyOf"], {"type": "null"}]
    return found


def _time(storage: str) -> Schema:
    """Return the schema of times. The format `date-time` (RFC 3339) requires an offset."""
    if zone_of(storage):
        text = "an ISO 8601 date and time with an offset or Z"
        return {"type": "string", "format": "date-time", "description": text}
    text = "an ISO 8601 date or time without an offset; a date without a time means midnight"
    year = _YEARS.get(unit_of(storage), "(?!0000)[0-9]{4}")
    return {"type": "string", "pattern": f"^{year}-{_DAY}({_TIME})?$", "description": text}


def _known(feature: dict[str, Any]) -> Schema:
    """Return the keywords for a column's known values: all, some, or a description."""
    known, is_closed = allowed(feature), feature.get("closed")
    match feature["dtype"]:
        case "datetime" if known and is_closed:
            # An enum compares texts, and one time has many texts.
            return {"examples": known[:_SHOWN]}
        case _ if is_closed and not 0 < len(known) <= MOST_LISTED:
            return {"description": "one of the values in the training data (not listed)"}
        case _ if known and is_closed:
            return choice(known)
        case _ if known:
            return {"examples": known[:_SHOWN]}
        case _:
            return {}
