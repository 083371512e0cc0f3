"""JSON schemas (Draft 2020-12) of rows, requests and responses, from a model's signature."""

from typing import Any

from endpoint.column_checks import limits
from endpoint.dates import zone_of
from endpoint.features import allowed, stored
from endpoint.rows import span

Schema = dict[str, Any]
_SHOWN = 20
MOST_LISTED = 100
"""The most known values of a column that are listed; if there are more, none is."""
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"


def reference(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def components(facts: dict[str, Any]) -> dict[str, Schema]:
    """Return the components of a model's requests and responses."""
    signature = facts["signature"]
    return {
        "Row": _row(signature["features"]),
        "Answer": _answer(signature, facts.get("hooks") or {}),
        "Value": _value(signature),
        "Warnings": _warnings(),
        "Model": _texts("release", "version", "sha256"),
        "Problem": _problem(),
    }


def column(feature: dict[str, Any]) -> Schema:
    """Return the schema of a column's values. The training range isn't a limit."""
    found: Schema = {"type": feature["dtype"]}
    match feature["dtype"]:
        case "number" | "integer":
            low, high = limits(feature)
            found |= {"minimum": low, "maximum": high}
        case "datetime":
            found = _time(zoned=bool(zone_of(stored(feature))))
    found |= _known(feature)
    if "minimum" in feature and "enum" not in found:
        ends = span(feature["minimum"], feature["maximum"])
        notes = [found.get("description"), f"about {ends} in training", "others get a warning"]
        found["description"] = "; ".join(filter(None, notes))
    if feature.get("nullable"):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found


def _time(*, zoned: bool) -> Schema:
    """Return the schema of times. The format `date-time` (RFC 3339) requires an offset."""
    if zoned:
        text = "an ISO 8601 date and time with an offset or Z"
        return {"type": "string", "format": "date-time", "description": text}
    text = "an ISO 8601 date or time without an offset; a date without a time means midnight"
    return {"type": "string", "pattern": f"^{_DATE}({_TIME})?$", "description": text}


def _known(feature: dict[str, Any]) -> Schema:
    """Return the keywords for a column's known values: all, some, or a description."""
    known, closed = allowed(feature), feature.get("closed")
    match feature["dtype"]:
        case "datetime" if known and closed:
            # An enum compares texts, and one time has many texts.
            return {"examples": known[:_SHOWN]}
        case _ if closed and not 0 < len(known) <= MOST_LISTED:
            return {"description": "one of the values in the training data (not listed)"}
        case _ if known and closed:
            return {"enum": known}
        case _ if known:
            return {"examples": known[:_SHOWN]}
        case _:
            return {}


def _row(features: list[dict[str, Any]]) -> Schema:
    columns = [column(feature) for feature in features]
    names = [feature["name"] for feature in features]
    forms: list[Schema] = [
        {
            "title": "values in the order of the columns",
            "type": "array",
            "prefixItems": columns,
            "items": False,
            "minItems": len(columns),
        },
        {
            "title": "an object with column names as keys",
            "type": "object",
            "properties": dict(zip(names, columns, strict=True)),
            "required": names,
            "additionalProperties": False,
        },
    ]
    if len(features) == 1 and features[0]["dtype"] == "string":
        forms.append({"title": "only the text", **columns[0]})
    return {"title": "Row", "oneOf": forms}


def request_schema(facts: dict[str, Any], most_rows: int) -> Schema:
    """Return the schema of a JSON request, which has one of several formats."""
    features = facts["signature"]["features"]
    names = [feature["name"] for feature in features]
    columns = [column(feature) for feature in features]
    rows = {"type": "array", "items": reference("Row"), "minItems": 1, "maxItems": most_rows}
    listed = {"type": "array", "prefixItems": columns, "items": False, "minItems": len(names)}
    split = _members(columns={"const": names}, data={**rows, "items": listed})
    by_column = _object(
        **{name: {**rows, "items": values} for name, values in zip(names, columns, strict=True)}
    )
    return {
        "oneOf": [
            {"title": "one row", **_members(features=reference("Row"))},
            {"title": "rows", **_members(instances=rows)},
            {"title": "MLflow, split", **_members(dataframe_split=split)},
            {"title": "MLflow, records", **_members(dataframe_records=rows)},
            {
                "title": "MLflow and TensorFlow Serving",
                **_members(inputs={"anyOf": [rows, {"title": "columns", **by_column}]}),
            },
        ]
    }


def _members(**properties: Schema) -> Schema:
    """Return the schema of an object; the endpoint ignores further members."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def response_schema() -> Schema:
    """Return the schema of a response: for one row, for rows, or MLflow's plain values."""
    common = {"warnings": reference("Warnings"), "model": reference("Model"), "request_id": _TEXT}
    required = ["model", "request_id"]

    def form(key: str, schema: Schema) -> Schema:
        return {
            "type": "object",
            "properties": {key: schema, **common},
            "required": [key, *required],
            "additionalProperties": False,
        }

    return {
        "anyOf": [
            form("prediction", reference("Answer")),
            form("predictions", {"type": "array", "items": reference("Answer")}),
            form("predictions", {"type": "array", "items": reference("Value")}),
        ]
    }


_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": ["number", "null"]}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _texts(*names: str) -> Schema:
    return _object(**dict.fromkeys(names, _TEXT))


def _answer(signature: dict[str, Any], hooks: dict[str, Any]) -> Schema:
    """Return the schema of a row's prediction; the user's `postprocess` may return any object."""
    outputs = signature.get("outputs", [])
    if hooks.get("postprocess"):
        return {"title": "Answer", "type": "object"}
    match signature["task"]:
        case "classification" if outputs:
            classes = {output["name"]: _class(output) for output in outputs}
            found = _object(outputs=_object(**classes))
        case "classification":
            found = _class(signature)
        case "clustering":
            found = _object(cluster={"type": "integer"})
        case "outliers":
            found = _object(outlier={"type": "boolean"}, score=_NUMBER)
            found["required"] = ["outlier"]
        case _ if outputs:
            found = _object(values=_object(**{output["name"]: {} for output in outputs}))
        case "regression":
            found = _object(value=_NUMBER)
        case _:
            found = _object(value={})
    return {"title": "Answer", **found}


def _class(output: dict[str, Any]) -> Schema:
    names = output["class_names"]
    share = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    shares = _object(**dict.fromkeys(names, share))
    # An output with two classes may have only the second's score.
    shares["required"] = []
    found = _object(
        class_label={"enum": output["classes"]},
        class_name={"enum": names},
        probabilities=shares if "name" in output else {**shares, "required": names},
        decision_values={"type": "object", "additionalProperties": _NUMBER},
    )
    # A model has probabilities, decision values or neither.
    return {**found, "required": ["class_label", "class_name"]}


def _value(signature: dict[str, Any]) -> Schema:
    """Return the schema of the value that the model's `predict` returns for a row."""
    outputs = signature.get("outputs")
    if outputs:
        return {"type": "array", "minItems": len(outputs), "maxItems": len(outputs)}
    return {"enum": signature["classes"]} if "classes" in signature else {}


def _warnings() -> Schema:
    return {
        "description": "The first 20 values unlike the training data.",
        "type": "array",
        "items": _object(row={"type": "integer"}, column=_TEXT, detail=_TEXT),
    }


def _problem() -> Schema:
    finding = _object(row={"type": "integer"}, column=_TEXT, expected=_TEXT, got=_TEXT)
    finding["required"] = ["row", "expected", "got"]
    found = _object(
        type=_TEXT,
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
        errors={"type": "array", "items": finding},
    )
    found["required"] = ["type", "title", "status", "detail"]
    found["description"] = "A problem document (RFC 9457)"
    # Errors of the Open Inference Protocol have this member too.
    found["properties"]["error"] = _TEXT
    return found
