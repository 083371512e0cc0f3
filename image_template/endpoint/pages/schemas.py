"""JSON schemas (Draft 2020-12) of rows, requests and answers, made of a model's signature."""

from typing import Any

Schema = dict[str, Any]
_LARGEST = 3.4028234663852886e38
_SHOWN = 20


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
        case "number":
            found |= {"minimum": -_LARGEST, "maximum": _LARGEST}
        case "string" if feature.get("closed"):
            found["enum"] = list(feature["categories"])
        case "string" if feature.get("categories"):
            found["examples"] = feature["categories"][:_SHOWN]
    if "minimum" in feature:
        found["description"] = (
            f"{feature['minimum']:g} to {feature['maximum']:g} in training; other values are "
            "answered with a warning"
        )
    if feature.get("nullable"):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return found


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
    found = _object(
        class_label={"enum": known["classes"]},
        class_name={"enum": names},
        probabilities=_object(**dict.fromkeys(names, share)),
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
