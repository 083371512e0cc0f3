"""Example requests and responses, made of the model's own example."""

import csv
import io
from typing import Any

from endpoint.service import value_of

Examples = dict[str, dict[str, Any]]


def json_examples(facts: dict[str, Any]) -> Examples:
    """Return a request in each JSON format; empty for a model without an example."""
    if not facts.get("example"):
        return {}
    row = facts["example"]["features"]
    values = _values(facts)
    named = dict(zip(_names(facts), values, strict=True))
    return {
        "row": _example("one row", {"features": row}),
        "named": _example("one row by names", {"features": named}),
        "rows": _example("rows", {"instances": [row, row]}),
        "split": _example(
            "MLflow, split", {"dataframe_split": {"columns": _names(facts), "data": [values]}}
        ),
        "records": _example("MLflow, records", {"dataframe_records": [named]}),
        "inputs": _example("MLflow and TensorFlow Serving, rows", {"inputs": [values]}),
        "columns": _example(
            "MLflow and TensorFlow Serving, columns",
            {"inputs": {name: [value] for name, value in named.items()}},
        ),
    }


def csv_examples(facts: dict[str, Any]) -> Examples:
    """Return a request as CSV with a header; empty for a model without an example."""
    if not facts.get("example"):
        return {}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_names(facts))
    writer.writerow([_field(value) for value in _values(facts)])
    return {"rows": _example("a header and rows", stream.getvalue())}


def response_examples(facts: dict[str, Any], identity: dict[str, str]) -> Examples:
    """Return the responses to the example, with the prediction from training if it is known."""
    known = facts.get("example_answer")
    if known is None:
        return {}
    common = {"model": identity, "request_id": "…"}
    return {
        "row": _example("one row", {"prediction": known, **common}),
        "rows": _example("rows", {"predictions": [known, known], **common}),
        "values": _example("MLflow's formats", {"predictions": [value_of(known)], **common}),
    }


def _example(summary: str, value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


def _names(facts: dict[str, Any]) -> list[str]:
    return [feature["name"] for feature in facts["signature"]["features"]]


def _values(facts: dict[str, Any]) -> list[Any]:
    """Return the example's values in the order of training."""
    match facts["example"]["features"]:
        case str(text):
            return [text]
        case dict(named):
            return [named[name] for name in _names(facts)]
        case values:
            return list(values)


def _field(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
