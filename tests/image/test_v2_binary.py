"""Triton's binary tensors, made by NumPy and struct; the estimators say what is right.

Source: https://github.com/triton-inference-server/server, docs/protocol/extension_binary_data.md
"""

import base64
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mldeploy.model.bundle import Bundle
from tests.support.events import answered, routed
from tests.support.models import FRAME, bundle_of, handler_of, task_of
from tests.support.people import PEOPLE

Handler = Callable[[Any, Any], Any]
INFER = "POST /v2/models/predict/infer"
HEADER = "Inference-Header-Content-Length"
OCTETS = "application/octet-stream"
FLOWERS = load_iris().data[[0, 60, 120]]
SPECIAL = {"bool": "BOOL", "float16": "FP16", "float32": "FP32", "float64": "FP64"}


def texts(*values: str | bytes) -> bytes:
    """Each element after its length, 4 bytes, as the extension has it."""
    raw = [value.encode() if isinstance(value, str) else value for value in values]
    return b"".join(struct.pack("<I", len(one)) + one for one in raw)


def described(name: str, datatype: str, shape: list[int], size: object) -> dict[str, Any]:
    parameters = {"binary_data_size": size}
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": parameters}


def of_array(array: Any, name: str = "features") -> tuple[dict[str, Any], bytes]:
    """Return a tensor and its bytes: row-major and little endian."""
    kind = str(array.dtype)
    raw = array.astype(array.dtype.newbyteorder("<")).tobytes(order="C")
    return described(name, SPECIAL.get(kind, kind.upper()), list(array.shape), len(raw)), raw


def of_frame(frame: pd.DataFrame) -> list[tuple[dict[str, Any], bytes]]:
    found = []
    for name, column in frame.items():
        if isinstance(column.iloc[0], str):
            raw = texts(*column)
            found.append((described(str(name), "BYTES", [len(column)], len(raw)), raw))
        else:
            found.append(of_array(column.to_numpy(), str(name)))
    return found


def sent(
    handler: Handler, *tensors: tuple[dict[str, Any], bytes], after: bytes = b"", **more: Any
) -> tuple[int, Any]:
    head = json.dumps({"inputs": [one for one, _ in tensors], **more}).encode()
    body = head + b"".join(raw for _, raw in tensors) + after
    return posted(handler, body, **{HEADER: str(len(head)), "content-type": OCTETS})


def posted(handler: Handler, body: bytes, **headers: str) -> tuple[int, Any]:
    """Send a body as API Gateway does: what isn't text comes in base64."""
    event = routed(INFER, base64.b64encode(body).decode(), headers=headers, isBase64Encoded=True)
    return answered(handler, event)


def outputs(answer: Any) -> dict[str, Any]:
    return {one["name"]: one["data"] for one in answer["outputs"]}


@pytest.mark.parametrize(
    "dtype",
    [*(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
     "float16", "float32", "float64"],
)  # fmt: skip
def test_every_number_is_predicted_as_the_estimator_predicts_it(
    iris: Bundle, iris_handler: Handler, dtype: str
) -> None:
    """Of each datatype's bytes, the values that NumPy reads out of them."""
    array = FLOWERS.astype(dtype)
    status, answer = sent(iris_handler, of_array(array))
    assert status == 200, answer
    estimator = joblib.load(iris.path / "model.joblib")
    as_trained = array.astype("float64")
    found = outputs(answer)
    assert found["predict"] == estimator.predict(as_trained).tolist()
    assert found["predict_proba"] == estimator.predict_proba(as_trained).ravel().tolist()


@pytest.mark.parametrize("kind", [OCTETS, "application/json", None])
def test_columns_with_gaps_are_predicted_as_the_estimator_predicts_them(
    frame_handler: Handler, kind: str | None
) -> None:
    """A NaN among floats is a missing value; texts have any length, also none."""
    tensors = of_frame(PEOPLE)
    head = json.dumps({"inputs": [one for one, _ in tensors]}).encode()
    headers = {HEADER: str(len(head))} | ({"content-type": kind} if kind else {})
    body = head + b"".join(raw for _, raw in tensors)
    status, answer = posted(frame_handler, body, **headers)
    assert status == 200, answer
    estimator = joblib.load(bundle_of(FRAME).path / "model.joblib")
    found = outputs(answer)
    assert found["predict"] == estimator.predict(PEOPLE).tolist()
    assert found["predict_proba"] == estimator.predict_proba(PEOPLE).ravel().tolist()


def test_binary_tensors_and_json_go_together(frame_handler: Handler) -> None:
    """Only tensors with a size take bytes, in the order of the JSON."""
    tensors = of_frame(PEOPLE)
    _, expected = sent(frame_handler, *tensors)
    name = "city"
    data = {"name": name, "datatype": "BYTES", "shape": [3], "data": list(PEOPLE[name])}
    mixed = [(data, b"") if one["name"] == name else (one, raw) for one, raw in tensors]
    status, answer = sent(frame_handler, *mixed[::-1])
    assert (status, answer["outputs"]) == (200, expected["outputs"])


def test_json_may_come_as_octets(iris_handler: Handler) -> None:
    """As tritonclient.http.aio 2.73 sends it: aiohttp adds the type of bytes, and no length."""
    rows = {"name": "x", "datatype": "FP64", "shape": [3, 4], "data": FLOWERS.ravel().tolist()}
    status, answer = posted(
        iris_handler, json.dumps({"inputs": [rows]}).encode(), **{"content-type": OCTETS}
    )
    assert (status, outputs(answer)["predict"]) == (200, [0, 1, 2])


def test_the_answer_is_json_though_binary_outputs_are_wanted(iris_handler: Handler) -> None:
    """Clients tell both forms apart by the header: tritonclient reads "data" without it."""
    wanted = [{"name": "predict", "parameters": {"binary_data": True}}]
    more: Any = {"outputs": wanted, "parameters": {"binary_data_output": True}}
    status, answer = sent(iris_handler, of_array(FLOWERS), **more)
    assert (status, outputs(answer)) == (200, {"predict": [0, 1, 2]})
    assert "parameters" not in answer["outputs"][0]


ROW = FLOWERS[:1]
SIZE = ROW.nbytes
BYTES = texts("Ulm", "Bonn", "Köln")
_LATE = ("binary", "content_types", "classification", "missing_texts")


@pytest.mark.parametrize(
    ("tensor", "raw", "says"),
    [
        (of_array(ROW)[0], of_array(ROW)[1][:-1], '"binary_data_size" is 32, but only 31 bytes'),
        (of_array(ROW)[0], of_array(ROW)[1] + b"x", "the body has 1 bytes after its last binary"),
        (described("x", "FP64", [1, 4], SIZE - 8), b"\0" * 24, "the shape needs 32 bytes of FP64"),
        (
            described("x", "FP32", [1, 4], SIZE),
            of_array(ROW)[1],
            "the shape needs 16 bytes of FP32",
        ),
        (described("x", "FP64", [2**63, 4], 8), b"\0" * 8, "needs 295147905179352825856 bytes"),
        (described("x", "FP64", [1, 4], -1), b"", "a number of bytes, got a negative one"),
        (described("x", "FP64", [1, 4], 1.0), b"\0", "a number of bytes, got a number"),
        (described("x", "FP64", [1, 4], "32"), b"\0" * 32, "a number of bytes, got a string"),
        (described("x", "FP64", [1, 4], size=True), b"\0", "a number of bytes, got a boolean"),
        (described("x", "BF16", [1, 4], 8), b"\0" * 8, "BYTES, INT8, INT16, INT32, INT64, UINT8"),
        (described("x", "BF16", [1, 4], 8), b"\0" * 8, "got 'BF16'"),
        (
            described("x", "BOOL", [1, 4], 4),
            b"\0\1\2\3",
            "value 2 must be BOOL, a byte of 0 or 1, got 2",
        ),
        ({**of_array(ROW)[0], "data": [1, 2, 3, 4]}, of_array(ROW)[1], "can't be used together"),
        (*of_array(np.array([[1.0, np.inf, 1.0, 1.0]])), "value 1 must be FP64, got inf"),
        (*of_array(np.array([[1.0, 1.0, -np.inf, 1.0]], "float16")), "must be FP16, got -inf"),
        (*of_array(np.array([[1.0, 1.0, 1.0, np.nan]])), "row 0, 'petal width (cm)': expected"),
        (described("x", "BYTES", [1, 4], 3), b"\0\0\0", "value 0 ends after the tensor's bytes"),
        (described("x", "BYTES", [1, 4], len(BYTES)), BYTES, "needs 4 values, its bytes have 3"),
        (described("x", "BYTES", [1, 1], len(BYTES)), BYTES, "needs 1 values, its bytes have 3"),
        (
            described("x", "BYTES", [1, 3], len(BYTES) - 1),
            BYTES[:-1],
            "value 2 ends after the tensor's bytes",
        ),
        (
            described("x", "BYTES", [1, 1], 8),
            struct.pack("<I", 2**32 - 1) + b"Ulm!",
            "value 0 ends after the tensor's bytes",
        ),
        (
            described("x", "BYTES", [1, 1], 5),
            texts(b"\xff"),
            "value 0 must be text in UTF-8, got '\ufffd'",
        ),
        (
            {"name": "x", "datatype": "FP64", "shape": [1, 4], "parameters": []},
            b"",
            '"parameters" must be an object',
        ),
        (
            {**of_array(ROW)[0], "parameters": {"shared_memory_region": "r"}},
            b"",
            "shared memory isn't supported",
        ),
    ],
)
def test_bytes_that_dont_fit_are_refused(
    iris_handler: Handler, tensor: dict[str, Any], raw: bytes, says: str
) -> None:
    """Sizes are checked exactly, before anything is read; the message names the tensor."""
    status, problem = sent(iris_handler, (tensor, raw))
    assert (status, says in problem["detail"]) == (422, True), problem
    assert problem["error"] == problem["detail"]


def test_nan_is_refused_as_null_is(iris_handler: Handler) -> None:
    """In binary, as NaN in JSON and as null: a column without missing values in training."""
    gap = np.array([[1.0, np.nan, 1.0, 1.0]])
    in_json = {"name": "x", "datatype": "FP64", "shape": [1, 4], "data": gap.ravel().tolist()}
    body = json.dumps({"inputs": [in_json]})
    assert "NaN" in body
    as_null = answered(iris_handler, routed(INFER, body.replace("NaN", "null")))
    assert as_null[0] == 422
    assert "expected a number, got null" in as_null[1]["detail"]
    assert answered(iris_handler, routed(INFER, body)) == as_null
    assert sent(iris_handler, of_array(gap)) == as_null


@pytest.mark.parametrize(
    ("length", "status", "says"),
    [
        ("", 400, "isn't JSON"),
        ("0", 422, "is 0: a body without the JSON of the tensors isn't supported"),
        ("-1", 400, "must be a whole number of bytes, at most"),
        ("1e2", 400, "must be a whole number"),
        ("٣", 400, "must be a whole number"),
        ("9" * 5000, 400, "must be a whole number"),
        ("99999", 400, "the length of the body"),
        ("7", 400, "isn't JSON"),
    ],
)
def test_the_length_of_the_json_is_within_the_body(
    iris_handler: Handler, length: str, status: int, says: str
) -> None:
    """Without it, bytes after the JSON aren't JSON; and a wrong one cuts the JSON off."""
    tensor, raw = of_array(ROW)
    body = json.dumps({"inputs": [tensor]}).encode() + raw.replace(raw, b"\0" * 32)
    headers = {HEADER: length, "content-type": OCTETS}
    found, problem = posted(iris_handler, body, **headers)
    assert (found, says in problem["detail"]) == (status, True), problem
    assert problem["error"] == problem["detail"]


def test_a_size_without_the_header_is_refused(iris_handler: Handler) -> None:
    """The JSON alone promises bytes that don't come."""
    body = json.dumps({"inputs": [of_array(ROW)[0]]}).encode()
    status, problem = posted(iris_handler, body, **{"content-type": OCTETS})
    assert status == 422
    assert "requires the header inference-header-content-length" in problem["detail"]


def test_limits_hold_for_bytes(iris_handler: Handler) -> None:
    """As many rows and bytes as in every other format."""
    status, problem = sent(iris_handler, of_array(np.zeros((10_001, 4), "uint8")))
    assert (status, problem["error"]) == (413, problem["detail"])
    assert "too many rows; at most 10000" in problem["detail"]
    status, problem = sent(iris_handler, of_array(np.zeros((32_000, 4))))
    assert status == 413
    assert "at most 1000000 are allowed" in problem["detail"]


def test_only_a_binary_request_imports_the_parser(iris: Bundle, tmp_path: Path) -> None:
    """A start pays nothing for what most requests don't need."""
    handler = handler_of(task_of(iris, tmp_path / "task"), "POST /predict", INFER)
    rows = {"name": "x", "datatype": "FP64", "shape": [3, 4], "data": FLOWERS.ravel().tolist()}
    late = {f"endpoint.v2.{name}" for name in _LATE}
    assert answered(handler, routed(INFER, {"inputs": [rows]}))[0] == 200
    assert late.isdisjoint(sys.modules)
    assert sent(handler, of_array(FLOWERS))[0] == 200
    assert "endpoint.v2.binary" in sys.modules
