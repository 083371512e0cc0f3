"""Request bodies that the clean process sends to the endpoint.

See docs/requests.md for the formats. Rows that a format can't represent aren't sent in it.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ROUTE = "POST /predict"
V2_ROUTE = "POST /v2/models/model/infer"
JSON, _CSV = "application/json", "text/csv"
_DATATYPES = {"float16": "FP16", "float32": "FP32", "bool": "BOOL"}

Row = list[Any]
Feature = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A request to the endpoint.

    Attributes:
        form: "JSON", "CSV" or "V2".
        rows: the numbers of the rows in it.
        route: a route key of API Gateway.
        content_type: of the body.
        body: text.
    """

    form: str
    rows: tuple[int, ...]
    route: str
    content_type: str
    body: str


def requests_of(signature: dict[str, Any], inputs: list[Row], alone: int) -> Iterator[Request]:
    """Yield requests with all rows together and with the first ones alone, in every format.

    Args:
        signature: of model.json.
        inputs: rows of JSON values in the order of the columns.
        alone: number of rows to send alone.
    """
    every = tuple(range(len(inputs)))
    for rows in (every, *((row,) for row in range(alone))):
        yield _json(signature, inputs, rows)
        carried = tuple(row for row in rows if _fits_csv(signature["features"], inputs[row]))
        # For many rows, the estimator's predictions are those of the same rows together.
        if carried == rows:
            yield _csv(signature["features"], inputs, rows)
        yield _v2(signature, inputs, rows)


def _json(signature: dict[str, Any], inputs: list[Row], rows: tuple[int, ...]) -> Request:
    named = signature["input"] == "dataframe"
    names = [one["name"] for one in signature["features"]]
    sent = [dict(zip(names, inputs[row], strict=True)) if named else inputs[row] for row in rows]
    body = {"features": sent[0]} if len(rows) == 1 else {"instances": sent}
    return Request("JSON", rows, ROUTE, JSON, json.dumps(body))


def _fits_csv(features: list[Feature], row: Row) -> bool:
    """Return whether a CSV can represent it: an empty field is a missing value, not a text."""
    return not any(
        value == "" and feature["nullable"] for value, feature in zip(row, features, strict=True)
    )


def _csv(features: list[Feature], inputs: list[Row], rows: tuple[int, ...]) -> Request:
    stream = io.StringIO()
    # Without quotes a line with one empty field would be an empty line.
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow([one["name"] for one in features])
    writer.writerows([[_field(value) for value in inputs[row]] for row in rows])
    return Request("CSV", rows, ROUTE, _CSV, stream.getvalue())


def _field(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _v2(signature: dict[str, Any], inputs: list[Row], rows: tuple[int, ...]) -> Request:
    features = signature["features"]
    if signature["input"] == "array":
        values = [value for row in rows for value in inputs[row]]
        datatype = _datatype(features[0])
        tensors = [_tensor("features", datatype, [len(rows), len(features)], values)]
    else:
        tensors = [
            _tensor(
                feature["name"],
                _datatype(feature),
                [len(rows), 1],
                [inputs[row][number] for row in rows],
            )
            for number, feature in enumerate(features)
        ]
    return Request("V2", rows, V2_ROUTE, JSON, json.dumps({"inputs": tensors}))


def _tensor(name: str, datatype: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def _datatype(feature: Feature) -> str:
    storage = str(feature.get("storage", ""))
    match feature["dtype"]:
        case "integer":
            known = storage.upper()
            whole = known.removeprefix("U").removeprefix("INT") in {"8", "16", "32", "64"}
            return known if whole else "INT64"
        case "boolean":
            return "BOOL"
        case "number":
            return _DATATYPES.get(storage, "FP64")
        case _:
            return "BYTES"
