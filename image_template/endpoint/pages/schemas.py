"""JSON schemas (Draft 2020-12) of rows, requests and answers, made of a model's signature."""

from typing import Any

from endpoint.checks import limits
from endpoint.dates import zone_of
from endpoint.known import allowed, stored
from endpoint.table import span

Schema = dict[str, Any]
_SHOWN = 20
MOST_LISTED = 100
"""Of a column's known values; of more, a page or a document lists none."""
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"


def reference(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def components(facts: dict[str, Any]) -> dict[str, Schema]:
    """Return the schemas that a model's requests and answers are described by."""
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
    """Return the schema of a column's values. The range of training is no limit."""
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
        told = [found.get("description"), f"about {ends} in training", "others get a warning"]
        found["description"] = "; ".join(filter(None, told))
    if feature.get("nullable"):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found


def _time(*, zoned: bool) -> Schema:
    """Return the schema of times; RFC 3339, which `date-time` means, wants an offset."""
    if zoned:
        told = "an ISO 8601 date and time with an offset or Z"
        return {"type": "string", "format": "date-time", "description": told}
    told = "an ISO 8601 date, or date and time, without an offset; a date alone is its midnight"
    return {"type": "string", "pattern": f"^{_DATE}({_TIME})?$", "description": told}


def _known(feature: dict[str, Any]) -> Schema:
    """Return what a schema says of a column's known values: all, some, or how many there are."""
    known, closed = allowed(feature), feature.get("closed")
    match feature["dtype"]:
        case "datetime" if known and closed:
            # A time may be written in many ways, and an enum compares texts.
            return {"examples": known[:_SHOWN]}
        case _ if closed and not 0 < len(known) <= MOST_LISTED:
            return {"description": "one of the values of training, which aren't listed"}
        case _ if known and closed:
            return {"enum": known}
        case _ if known:
            return {"examples": known[:_SHOWN]}
        case _:
            return {}


def _row(features: list[dict[str, Any]]) -> Schema:
    columns = [column(one) for one in features]
    names = [one["name"] for one in features]
    forms: list[Schema] = [
        {
            "title": "values in the order of the columns",
            "type": "array",
            "prefixItems": columns,
            "items": False,
            "minItems": len(columns),
        },
        {
            "title": "an object by the columns' names",
            "type": "object",
            "properties": dict(zip(names, columns, strict=True)),
            "required": names,
            "additionalProperties": False,
        },
    ]
    if len(features) == 1 and features[0]["dtype"] == "string":
        forms.append({"title": "the text alone", **columns[0]})
    return {"title": "Row", "oneOf": forms}


def request(facts: dict[str, Any], most_rows: int) -> Schema:
    """Return the schema of a JSON request: one of the formats that clients speak."""
    features = facts["signature"]["features"]
    names, columns = [one["name"] for one in features], [column(one) for one in features]
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
    """Return the schema of an object whose further members say nothing to the endpoint."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def response() -> Schema:
    """Return the schema of an answer: of one row, of rows, or MLflow's plain values."""
    told = {"warnings": reference("Warnings"), "model": reference("Model"), "request_id": _TEXT}
    needed = ["model", "request_id"]

    def form(key: str, schema: Schema) -> Schema:
        return {
            "type": "object",
            "properties": {key: schema, **told},
            "required": [key, *needed],
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
    """Return the schema of a row's answer; a `postprocess` of the user's may answer anything."""
    outputs = signature.get("outputs", [])
    if hooks.get("postprocess"):
        return {"title": "Answer", "type": "object"}
    match signature["task"]:
        case "classification" if outputs:
            classes = {one["name"]: _class(one) for one in outputs}
            found = _object(outputs=_object(**classes))
        case "classification":
            found = _class(signature)
        case "clustering":
            found = _object(cluster={"type": "integer"})
        case "outliers":
            found = _object(outlier={"type": "boolean"}, score=_NUMBER)
            found["required"] = ["outlier"]
        case _ if outputs:
            found = _object(values=_object(**{one["name"]: {} for one in outputs}))
        case "regression":
            found = _object(value=_NUMBER)
        case _:
            found = _object(value={})
    return {"title": "Answer", **found}


def _class(known: dict[str, Any]) -> Schema:
    names = known["class_names"]
    share = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    shares = _object(**dict.fromkeys(names, share))
    # Of an output with two classes, the second's alone may be known.
    shares["required"] = []
    found = _object(
        class_label={"enum": known["classes"]},
        class_name={"enum": names},
        probabilities=shares if "name" in known else {**shares, "required": names},
        decision_values={"type": "object", "additionalProperties": _NUMBER},
    )
    # A model has one of the two, or neither.
    return {**found, "required": ["class_label", "class_name"]}


def _value(signature: dict[str, Any]) -> Schema:
    """Return the schema of what the model's own `predict` returns for a row."""
    outputs = signature.get("outputs")
    if outputs:
        return {"type": "array", "minItems": len(outputs), "maxItems": len(outputs)}
    return {"enum": signature["classes"]} if "classes" in signature else {}


def _warnings() -> Schema:
    return {
        "description": "Values that training saw nothing like; the first 20.",
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
    # The Open Inference Protocol's errors have one member more.
    found["properties"]["error"] = _TEXT
    return found
