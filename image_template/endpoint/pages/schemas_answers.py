"""JSON schemas (Draft 2020-12) of what the endpoint returns."""

from typing import Any

from endpoint.pages.schemas import Schema, choice, closed, members, reference

TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": ["number", "null"]}
_SOME_NUMBERS: Schema = {"type": "object", "additionalProperties": _NUMBER}


def answer_components(facts: dict[str, Any]) -> dict[str, Schema]:
    """Return the components of a model's responses and of refusals."""
    signature = facts["signature"]
    answers = {"type": "array", "items": reference("Answer")}
    values = {"type": "array", "items": reference("Value")}
    return {
        "Answer": _answer(signature, facts.get("hooks") or {}),
        "Value": _value(signature),
        "Prediction": _response("one row's prediction", prediction=reference("Answer")),
        "Predictions": _response("the rows' predictions", predictions=answers),
        "Values": _response("what the model's `predict` returns", predictions=values),
        "Warnings": _warnings(),
        "Model": _texts("release", "version", "sha256"),
        "Problem": _problem(),
        "Message": {"description": "API Gateway's own refusals", **members(message=TEXT)},
    }


def response_schema() -> Schema:
    """Return the schema of a response: for one row, for rows, or MLflow's plain values."""
    return {"anyOf": [reference(name) for name in ("Prediction", "Predictions", "Values")]}


def _response(description: str, **predictions: Schema) -> Schema:
    found = closed(
        **predictions, warnings=reference("Warnings"), model=reference("Model"), request_id=TEXT
    )
    found["required"] = [*predictions, "model", "request_id"]
    return {"description": description, **found}


def _texts(*names: str) -> Schema:
    return closed(**dict.fromkeys(names, TEXT))


def _answer(signature: dict[str, Any], hooks: dict[str, Any]) -> Schema:
    """Return the schema of a row's prediction; the user's `postprocess` may return any object."""
    outputs = signature.get("outputs", [])
    if hooks.get("postprocess"):
        return {"type": "object"}
    match signature["task"]:
        case "classification" if outputs:
            found = closed(outputs=closed(**{one["name"]: _class(one) for one in outputs}))
        case "classification":
            found = _class(signature)
        case "clustering":
            found = closed(cluster={"type": "integer"})
        case "outliers":
            found = closed(outlier={"type": "boolean"}, score=_NUMBER)
            found["required"] = ["outlier"]
        case _ if outputs:
            found = closed(values=closed(**{one["name"]: {} for one in outputs}))
        case "regression":
            found = closed(value=_NUMBER)
        case _:
            found = closed(value={})
    return found


def _class(output: dict[str, Any]) -> Schema:
    names = output["class_names"]
    share = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    shares = closed(**dict.fromkeys(names, share))
    # An output with two classes may have only the second's score.
    found = closed(
        class_label=choice(output["classes"]),
        class_name=choice(names),
        probabilities={**shares, "required": []} if "name" in output else shares,
        decision_values=_SOME_NUMBERS,
    )
    # A model has probabilities, decision values or neither.
    return {**found, "required": ["class_label", "class_name"]}


def _value(signature: dict[str, Any]) -> Schema:
    """Return the schema of the value that the model's `predict` returns for a row."""
    count = len(signature.get("outputs") or ())
    if count:
        return {"type": "array", "items": {}, "minItems": count, "maxItems": count}
    return choice(signature["classes"]) if "classes" in signature else {}


def _warnings() -> Schema:
    return {
        "description": "The first 20 values unlike the training data.",
        "type": "array",
        "items": closed(row={"type": "integer"}, column=TEXT, detail=TEXT),
    }


def _problem() -> Schema:
    finding = closed(row={"type": "integer"}, column=TEXT, expected=TEXT, got=TEXT)
    finding["required"] = ["row", "expected", "got"]
    found = closed(
        type=TEXT,
        title=TEXT,
        status={"type": "integer"},
        detail=TEXT,
        errors={"type": "array", "items": finding},
        error=TEXT,
    )
    found["required"] = ["type", "title", "status", "detail"]
    text = "A problem document (RFC 9457); `error` is for clients of other protocols"
    return {"description": text, **found}
