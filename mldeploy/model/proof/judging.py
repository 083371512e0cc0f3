"""Compares the endpoint's responses with the estimator, on the parent's side. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.proof.answers import Answer, plain_of
from mldeploy.model.proof.comparing import compare, scales_of
from mldeploy.model.proof.requests import Request, requests_of
from mldeploy.model.proof.truth import Truth

_OK = 200
_SCORES = {
    "probabilities": "predict_proba",
    "decision_values": "decision_function",
    "class_name": "class_name",
    "score": "score",
}
"""Keys of a prediction, and the equivalent tensors of the V2 protocol."""


@dataclass(frozen=True)
class Response:
    """The endpoint's response: the HTTP status and the parsed body."""

    status: int
    body: Any


@dataclass(frozen=True)
class Proved:
    """The comparison: counts, and the largest relative difference of a number."""

    rows: int
    alone: int
    requests: int
    largest: float

    def __str__(self) -> str:
        """Return a summary."""
        alone = "each also alone" if self.alone == self.rows else f"{self.alone} also alone"
        found = "equal to the last bit" if not self.largest else f"equal within {self.largest:.0e}"
        return f"{self.rows} rows, {alone}, as JSON, CSV and V2: {found}"


def requests_for(signature: dict[str, Any], truth: Truth) -> list[Request]:
    """Return the requests to send."""
    return list(requests_of(signature, truth.inputs, len(truth.alone)))


def require_true(
    truth: Truth, requests: list[Request], responses: list[Response], cause: str
) -> Proved:
    """Check the endpoint's responses against the expected predictions.

    Args:
        truth: of the estimator.
        requests: as sent.
        responses: one per request.
        cause: a known difference, or "".

    Raises:
        MldeployError: MLD222, with the row, the two predictions and the cause.
    """
    scales, largest = scales_of(truth.together), 0.0
    for request, response in zip(requests, responses, strict=True):
        if response.status != _OK:
            raise _refused(request, response, truth, cause)
        expected = _expected(truth, request)
        found = _answers(request, response.body, expected, truth)
        if len(found) != len(expected):
            raise _differs(
                request,
                request.rows[0],
                f"expected {len(expected)} predictions, got {len(found)}",
                cause,
            )
        for row, one, other in zip(request.rows, expected, found, strict=True):
            compared = compare(one, other, truth.noise, scales)
            if compared.differences:
                raise _differs(request, row, compared.differences[0], cause)
            largest = max(largest, compared.largest)
    return Proved(len(truth.together), len(truth.alone), len(requests), largest)


def _expected(truth: Truth, request: Request) -> list[Answer]:
    if len(request.rows) == 1:
        return [truth.alone[request.rows[0]]]
    return truth.together


def _answers(request: Request, body: Any, expected: list[Answer], truth: Truth) -> list[Any]:
    """Return the body's predictions; for V2 those that its tensors contain."""
    if request.form == "V2":
        return list(_of_tensors(body["outputs"], expected, truth))
    return [body["prediction"]] if "prediction" in body else list(body["predictions"])


def _of_tensors(
    outputs: list[dict[str, Any]], expected: list[Answer], truth: Truth
) -> Iterator[Answer]:
    """Yield the expected predictions with their values replaced by those of the tensors."""
    by_name = {one["name"]: _rows_of(one) for one in outputs}
    count = len(next(iter(by_name.values())))
    if count != len(expected):
        yield from ({} for _ in range(count))
        return
    for number, answer in enumerate(expected):
        if truth.postprocessed:
            yield answer  # tensors can't represent every object of the user
            continue
        yield _of_row(answer, {name: rows[number] for name, rows in by_name.items()}, "")


def _of_row(answer: Answer, found: dict[str, Any], suffix: str) -> Answer:
    outputs = answer.get("outputs")
    if isinstance(outputs, dict):
        told = {name: _of_row(one, found, f".{name}") for name, one in outputs.items()}
        return {"outputs": told}
    value = found[f"predict{suffix}"]
    if not isinstance(plain_of(answer), str):
        value = _parsed(value)
    return {key: _of_tensor(key, one, value, found, suffix) for key, one in answer.items()}


def _of_tensor(key: str, one: Any, value: Any, found: dict[str, Any], suffix: str) -> Any:
    """Return the tensors' value of a key of a prediction."""
    match key:
        case "class_label" | "value" | "cluster":
            return value
        case "outlier":
            return value == -1
        case "values":
            return dict(zip(one, value, strict=False))
        case _ if isinstance(one, dict):
            return dict(zip(one, found[_SCORES[key] + suffix], strict=False))
        case _:
            return found[_SCORES[key] + suffix]


def _rows_of(tensor: dict[str, Any]) -> list[Any]:
    """Return a tensor's values, one list per row if it has columns."""
    data = tensor["data"]
    if len(tensor["shape"]) == 1:
        return list(data)
    width = tensor["shape"][1]
    return [data[at : at + width] for at in range(0, len(data), width)]


def _parsed(text: Any) -> Any:
    """Return a text's JSON value, because the protocol has no other form for it."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _refused(request: Request, response: Response, truth: Truth, cause: str) -> MldeployError:
    row = request.rows[0]
    detail = response.body.get("detail", "") if isinstance(response.body, dict) else ""
    errors = response.body.get("errors") if isinstance(response.body, dict) else None
    if errors and isinstance(errors[0].get("row"), int):
        row = request.rows[errors[0]["row"]]
    said = f"status {response.status}" + (f" ({detail})" if detail else "")
    expected = truth.alone[row] if len(request.rows) == 1 else truth.together[row]
    return _differs(request, row, f"expected {expected!r:.80}, got {said}", cause)


def _differs(request: Request, row: int, what: str, cause: str) -> MldeployError:
    how = "alone" if len(request.rows) == 1 else f"among {len(request.rows)} rows"
    return MldeployError(
        "MLD222",
        f"the endpoint's prediction differs from the estimator's: row {row}, sent {how} as "
        f"{request.form}: "
        f"{what}",
        cause
        or "remove what the model uses in addition to its saved state and the rows: probably a "
        "global that train.py sets, a file, the clock or chance",
    )
