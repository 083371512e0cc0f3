"""Responses of the endpoint, held against the answers that are right."""

import json
from collections.abc import Iterator
from typing import Any

_SCORES = {"probabilities", "decision_values", "score"}
_NUMBERS = {"value", "values", *_SCORES}
_TENSORS = {
    "class_name": "class_name",
    "probabilities": "predict_proba",
    "decision_values": "decision_function",
    "score": "score",
}


def problems(request: dict[str, Any], response: dict[str, Any], noise: float) -> list[str]:
    """Return what is wrong with a response.

    Args:
        request: with "form" ("one", "many" or "v2") and "expected", an answer per row.
        response: with "status" and "body".
        noise: the largest relative difference of numbers.
    """
    if response["status"] != 200:
        return [f"status {response['status']}: {json.dumps(response['body'])[:200]}"]
    expected: Any = request["expected"]
    body = response["body"]
    try:
        match request["form"]:
            case "one":
                found: Any = [_in_order(body["prediction"])]
            case "many":
                found = [_in_order(one) for one in body["predictions"]]
            case _:
                found = _outputs(expected, body)
                expected = _tensors(expected)
    except (KeyError, TypeError, AttributeError) as error:
        return [f"no such answer: {type(error).__name__}: {error}: {json.dumps(body)[:200]}"]
    scales: dict[str, float] = {}
    for path, value in _walk(expected):
        if isinstance(value, float):
            scales[_output(path)] = max(scales.get(_output(path), 0.0), abs(value))
    return list(_differences(dict(_walk(expected)), dict(_walk(found)), noise, scales))[:5]


def _in_order(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer whose outputs and values are lists: their names aren't the estimator's."""
    found = dict(answer)
    for key in ("values", "outputs"):
        if isinstance(found.get(key), dict):
            found[key] = list(found[key].values())
    # Without predict_proba, whether several outputs have decision values is left open.
    for one in found.get("outputs", ()):
        one.pop("decision_values", None)
    return found


def _walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _walk(one, (*path, key))
    elif isinstance(value, list):
        yield (*path, "length"), len(value)
        for number, one in enumerate(value):
            yield from _walk(one, (*path, number))
    else:
        yield path, value


def _output(path: tuple[Any, ...]) -> str:
    return "/".join(str(one) for one in path if isinstance(one, str))


def _differences(
    expected: dict[Any, Any], found: dict[Any, Any], noise: float, scales: dict[str, float]
) -> Iterator[str]:
    for path in expected | found:  # in their order: the first few are what is shown
        if path not in expected or path not in found:
            where = "missing" if path in expected else "too much"
            yield f"{where}: {path} {expected.get(path, found.get(path))!r}"
        elif not _equal(path, expected[path], found[path], noise * scales.get(_output(path), 0)):
            yield f"{path}: the estimator says {expected[path]!r}, the endpoint {found[path]!r}"


def _equal(path: tuple[Any, ...], right: Any, found: Any, room: float) -> bool:
    numeric = any(one in _NUMBERS for one in path)
    if numeric and isinstance(right, float) and isinstance(found, int | float):
        return right == found or abs(right - found) <= room
    return bool(right == found) and (numeric or type(right) is type(found))


def _tensors(expected: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the values that the tensors of a V2 answer must have, by the tensors' names."""
    if "outputs" in expected[0]:
        return {
            f"{name}.{number}": values
            for number in range(len(expected[0]["outputs"]))
            for name, values in _tensors([one["outputs"][number] for one in expected]).items()
        }
    first = expected[0]
    found = {"predict": {_sort("predict", first): [_plain(one) for one in expected]}}
    for key, name in _TENSORS.items():
        if key in first:
            found[name] = {_sort(name, first): [_row(one[key]) for one in expected]}
    return found


def _sort(tensor: str, first: dict[str, Any]) -> str:
    """Return "values" for a tensor whose numbers may have noise, "labels" for an exact one."""
    if tensor == "class_name" or (tensor == "predict" and not first.keys() & _NUMBERS - _SCORES):
        return "labels"
    return "values"


def _plain(answer: dict[str, Any]) -> Any:
    match answer:
        case {"class_label": value} | {"cluster": value} | {"value": value} | {"values": value}:
            return value
        case _:
            return -1 if answer["outlier"] else 1


def _row(value: Any) -> Any:
    return list(value.values()) if isinstance(value, dict) else value


def _outputs(expected: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
    """Return the tensors of a V2 answer in the form of `_tensors`."""
    several = "outputs" in expected[0]
    order: list[str] = []
    found = {}
    for tensor in body["outputs"]:
        name, _, output = tensor["name"].partition(".")
        if several and output not in order:
            order.append(output)
        if several and name == "decision_function":
            continue
        first = expected[0]["outputs"][order.index(output)] if several else expected[0]
        path = f"{name}.{order.index(output)}" if several else name
        found[path] = {_sort(name, first): _shaped(tensor)}
    return found


def _shaped(tensor: dict[str, Any]) -> list[Any]:
    data, shape = tensor["data"], tensor["shape"]
    if len(shape) == 1:
        return list(data)
    width = shape[1]
    return [data[at : at + width] for at in range(0, len(data), width)] or [[]] * shape[0]
