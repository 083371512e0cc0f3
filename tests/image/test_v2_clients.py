"""What MLServer's and Triton's clients write beside the protocol: content types, extensions, paths.

Sources: https://github.com/SeldonIO/MLServer, mlserver/codecs (1.7.1);
https://github.com/triton-inference-server/server, docs/protocol/extension_*.md
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from mldeploy.local.api.routes import select
from mldeploy.model.bundle import Bundle
from tests.image.conftest import ROUTES
from tests.support.events import answered, routed
from tests.support.models import FRAME, bundle_of

Handler = Callable[[Any, Any], Any]
INFER = "POST /v2/models/predict/infer"
FLOWERS = load_iris()
ROWS = FLOWERS.data[[0, 60, 120]]
PEOPLE = pd.DataFrame(
    {
        "age": [30, 41],
        "weight": [float("nan"), 50.5],
        "smoker": [True, False],
        "city": ["Ulm", "Köln"],
        "plan": ["plus", "basic"],
        "note": ["a", "b"],
    }
)
DATATYPES = {"i": "INT64", "f": "FP64", "b": "BOOL"}


def columns(**kinds: str) -> list[dict[str, Any]]:
    """Return a tensor per column as MLServer's codecs write them; `kinds`: content types."""
    found = []
    for name, column in PEOPLE.items():
        kind = kinds.get(str(name), "")
        found.append(
            {
                "name": name,
                "shape": [len(column), 1],
                "datatype": DATATYPES.get(column.dtype.kind, "BYTES"),
                "data": [written(value, kind) for value in column.tolist()],
                "parameters": {"content_type": kind} if kind else None,
            }
        )
    return found


def written(value: Any, kind: str) -> Any:
    match kind:
        case "base64":
            return base64.b64encode(value.encode()).decode()
        case "pd_json":
            return json.dumps(value)
        case _:
            return value


def flowers(**more: Any) -> dict[str, Any]:
    tensor = {"name": "x", "datatype": "FP64", "shape": [3, 4], "data": ROWS.ravel().tolist()}
    return {"inputs": [{**tensor, **more}]}


def inferred(handler: Handler, body: Any) -> tuple[int, Any]:
    return answered(handler, routed(INFER, body))


def outputs(answer: Any) -> dict[str, Any]:
    return {one["name"]: one["data"] for one in answer["outputs"]}


@pytest.mark.parametrize(
    "kinds",
    [
        {"city": "str", "plan": "str", "note": "str"},
        {"city": "base64", "plan": "base64"},
        {"city": "pd_json", "note": "pd_json"},
        {"age": "np", "weight": "np", "city": "np", "smoker": "np"},
        {"age": "pd", "city": "pd"},
    ],
    ids=lambda kinds: next(reversed(kinds.values())),
)
def test_a_content_type_says_what_values_mean(
    frame_handler: Handler, kinds: dict[str, str]
) -> None:
    """Decoded, the values get the predictions that the estimator makes for the DataFrame."""
    body = {"inputs": columns(**kinds), "parameters": {"content_type": "pd"}}
    assert "NaN" in json.dumps(body)
    status, answer = inferred(frame_handler, body)
    assert status == 200, answer
    estimator = joblib.load(bundle_of(FRAME).path / "model.joblib")
    assert outputs(answer)["predict"] == estimator.predict(PEOPLE).tolist()
    assert outputs(answer)["predict_proba"] == estimator.predict_proba(PEOPLE).ravel().tolist()


def test_pd_json_holds_more_than_texts(frame_handler: Handler) -> None:
    """A column of Python objects: each value is JSON, and fits its column's type or doesn't."""
    inputs = columns()
    smoker = next(one for one in inputs if one["name"] == "smoker")
    smoker |= {"datatype": "BYTES", "parameters": {"content_type": "pd_json"}}
    smoker["data"] = ["true", "false"]
    status, answer = inferred(frame_handler, {"inputs": inputs})
    estimator = joblib.load(bundle_of(FRAME).path / "model.joblib")
    assert (status, outputs(answer)["predict"]) == (200, estimator.predict(PEOPLE).tolist())
    smoker["data"] = ["true", "1"]
    status, problem = inferred(frame_handler, {"inputs": inputs})
    assert (status, "row 1, 'smoker': expected true or false" in problem["detail"]) == (422, True)


def test_a_missing_text_stays_missing(frame_handler: Handler) -> None:
    """No value to decode is in a null."""
    inputs = columns(city="base64")
    next(one for one in inputs if one["name"] == "city")["data"][1] = None
    status, problem = inferred(frame_handler, {"inputs": inputs})
    assert (status, problem["detail"]) == (422, "row 1, 'city': expected a string, got null")


def test_a_times_content_type_leaves_its_text(frame_handler: Handler) -> None:
    """ISO 8601 in BYTES, as MLServer's DatetimeCodec writes it, is what a column of times takes."""
    assert inferred(frame_handler, {"inputs": columns(note="datetime")})[0] == 200


KNOWN = '"content_type" must be one of base64, datetime, np, pd, pd_json, str'


@pytest.mark.parametrize(
    ("name", "kind", "values", "says"),
    [
        ("city", "hg_json", None, f"the tensor 'city': {KNOWN}, got 'hg_json'"),
        ("city", "", None, f"{KNOWN}, got ''"),
        ("city", 1, None, f"{KNOWN}, got a number"),
        ("city", ["str"], None, f"{KNOWN}, got a list"),
        ("city", "base64", ["VWxt", "Ulm"], "value 1 must be base64 of a text in UTF-8, got 'Ulm'"),
        ("city", "base64", ["VWxt", "VW xt"], "value 1 must be base64"),
        ("city", "base64", ["VWxt", "/w=="], "value 1 must be base64 of a text in UTF-8"),
        ("city", "base64", ["VWxt", "Köln"], "value 1 must be base64 of a text in UTF-8"),
        ("city", "pd_json", ['"Ulm"', "Ulm"], "value 1 must be JSON, got 'Ulm'"),
        ("age", "str", None, 'the content type "str" is for BYTES, got INT64'),
        ("weight", "base64", None, 'the content type "base64" is for BYTES, got FP64'),
        ("smoker", "datetime", None, 'the content type "datetime" is for BYTES, got BOOL'),
        ("city", "base64", [1, 2], "value 0 must be BYTES, got a number"),
    ],
)
def test_a_content_type_that_doesnt_fit_is_refused(
    frame_handler: Handler, name: str, kind: Any, values: Any, says: str
) -> None:
    """An unknown one is never taken as text: its values may mean something else."""
    inputs = columns()
    tensor = next(one for one in inputs if one["name"] == name)
    tensor["parameters"] = {"content_type": kind}
    tensor["data"] = values or tensor["data"]
    status, problem = inferred(frame_handler, {"inputs": inputs})
    assert (status, says in problem["detail"]) == (422, True), problem


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"parameters": {"content_type": "hg_json"}},
         "the request: \"content_type\" must be one of np, pd, str, got 'hg_json'"),
        ({"parameters": []}, 'the request: "parameters" must be an object'),
        ({"outputs": [{"name": "predict", "parameters": {"content_type": "base64"}}]},
         "the output 'predict': \"content_type\" must be one of np, pd, str, got 'base64'"),
        ({"outputs": [{"name": "predict", "parameters": {"shared_memory_region": "r"}}]},
         "the output 'predict': shared memory isn't supported"),
    ],
)  # fmt: skip
def test_requests_and_outputs_have_content_types_too(
    iris_handler: Handler, more: dict[str, Any], says: str
) -> None:
    """Those that the endpoint can't serve are refused, as an input's are."""
    status, problem = inferred(iris_handler, {**flowers(), **more})
    assert (status, problem["detail"]) == (422, says)


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_a_classification_has_the_highest_classes(
    iris: Bundle, iris_handler: Handler, count: int
) -> None:
    """Value, index and label, highest first, at most as many as there are; from the estimator."""
    wanted = [{"name": "predict_proba", "parameters": {"classification": count}}]
    status, answer = inferred(iris_handler, {**flowers(), "outputs": wanted})
    estimator = joblib.load(iris.path / "model.joblib")
    expected = [
        f"{row[index]}:{index}:{FLOWERS.target_names[index]}"
        for row in estimator.predict_proba(ROWS)
        for index in np.argsort(-row, kind="stable")[:count]
    ]
    assert status == 200, answer
    assert answer["outputs"] == [
        {
            "name": "predict_proba",
            "datatype": "BYTES",
            "shape": [3, min(count, 3)],
            "data": expected,
        }
    ]


def test_a_classification_of_several_outputs(iris_handler: Handler) -> None:
    """Each output of such a model has classes of its own; null comes last."""
    outputs_of = iris_handler.__globals__["respond"].__globals__["v2"].outputs_of
    heat = {"class_label": 1, "class_name": "hot", "probabilities": {"cold": 0.25, "hot": 0.75}}
    sign = {"class_label": 1, "class_name": "+", "decision_values": {"-": None, "+": -2.0}}
    wanted = [
        {"name": "decision_function.sign", "parameters": {"classification": 2}},
        {"name": "predict_proba.heat", "parameters": {"classification": 1}},
    ]
    found = outputs_of([{"outputs": {"heat": heat, "sign": sign}}] * 2, wanted)
    assert [(one["shape"], one["data"]) for one in found] == [
        ([2, 2], ["-2.0:1:+", "-inf:0:-"] * 2),
        ([2, 1], ["0.75:1:hot"] * 2),
    ]


@pytest.mark.parametrize(
    ("name", "count", "says"),
    [
        ("predict", 1, "is only for predict_proba and decision_function"),
        ("class_name", 1, "is only for predict_proba and decision_function"),
        ("predict_proba", -1, "must be the number of classes, got -1"),
        ("predict_proba", 1.5, "must be the number of classes, got a number"),
        ("predict_proba", "1", "must be the number of classes, got a string"),
        ("predict_proba", True, "must be the number of classes, got a boolean"),
    ],
)  # fmt: skip
def test_a_classification_that_isnt_one_is_refused(
    iris_handler: Handler, name: str, count: Any, says: str
) -> None:
    """Never ignored: the client would read numbers as classes."""
    wanted = [{"name": name, "parameters": {"classification": count}}]
    status, problem = inferred(iris_handler, {**flowers(), "outputs": wanted})
    assert (status, says in problem["detail"]) == (422, True), problem


def test_what_pydantic_writes_as_null_is_left_out(iris_handler: Handler) -> None:
    """MLServer's types, dumped whole, have null for each member that wasn't set."""
    parameters = {"content_type": None, "headers": None}
    more = {"id": None, "outputs": [{"name": "predict", "parameters": parameters}]}
    body = {**flowers(parameters=parameters), **more, "parameters": parameters}
    status, answer = inferred(iris_handler, body)
    assert (status, outputs(answer)) == (200, {"predict": [0, 1, 2]})
    assert inferred(iris_handler, {**flowers(parameters=None), "parameters": None})[0] == 200


def test_a_classification_of_none_is_none(iris_handler: Handler) -> None:
    """As Triton reads 0: the output itself."""
    wanted = [{"name": "predict", "parameters": {"classification": 0}}]
    _, answer = inferred(iris_handler, {**flowers(), "outputs": wanted})
    assert outputs(answer) == {"predict": [0, 1, 2]}


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "models/predict/config", 501, "the model configuration isn't supported"),
        ("GET", "models/predict/stats", 501, "statistics isn't supported"),
        ("GET", "models/stats", 501, "statistics isn't supported"),
        ("GET", "models/predict/trace/setting", 501, "tracing isn't supported"),
        ("POST", "models/predict/generate", 501, "generation isn't supported"),
        ("POST", "repository/index", 501, "the model repository isn't supported"),
        ("POST", "repository/models/predict/load", 501, "the model repository isn't supported"),
        ("GET", "systemsharedmemory/status", 501, "shared memory isn't supported"),
        ("POST", "logging", 501, "logging isn't supported"),
        ("GET", "models/predict/versions/1", 404, "no versions; leave out the version"),
        ("POST", "models/predict/versions/1/infer", 404, "no versions; leave out the version"),
        ("POST", "models/other/infer", 404, "unknown model 'other'; this function's model is pre"),
        ("GET", "models/other", 404, "unknown model 'other'"),
        ("GET", "models/other/ready", 404, "unknown model 'other'"),
        ("GET", "models/predict/infer", 404, "infer requires POST"),
        ("POST", "models/predict", 404, "the model's other paths GET"),
        ("GET", "models", 404, "unknown path"),
        ("GET", "a/b/c", 404, "unknown path"),
        ("GET", "models/\ud800" + "x" * 99, 404, "unknown model '?xxx"),
    ],
)
def test_any_other_path_has_an_error_that_clients_read(
    iris_handler: Handler, method: str, path: str, status: int, says: str
) -> None:
    """Triton's client reads the member "error" of every answer but 200."""
    match = select(ROUTES, method, f"/v2/{path}")
    assert match is not None
    event = routed(match.route, "{}", pathParameters=dict(match.parameters))
    found, problem = answered(iris_handler, event)
    assert (found, says in problem["detail"]) == (status, True), problem
    assert problem["error"] == problem["detail"]


def test_an_event_without_the_path_is_answered_too(iris_handler: Handler) -> None:
    """Whatever sends it isn't API Gateway."""
    assert answered(iris_handler, routed("GET /v2/{path+}", pathParameters=[1]))[0] == 404


@pytest.mark.parametrize("name", ["iris_handler", "frame_handler"])
def test_the_openapi_document_has_a_request_that_is_answered_so(
    name: str, request: pytest.FixtureRequest
) -> None:
    """Its example gets the outputs of its example response, and only paths that work are in it."""
    handler = request.getfixturevalue(name)
    _, document = answered(handler, routed("GET /openapi.json"))
    infer = document["paths"]["/v2/models/predict/infer"]["post"]
    sent = infer["requestBody"]["content"]["application/json"]["examples"]["row"]["value"]
    found = infer["responses"]["200"]["content"]["application/json"]["examples"]["row"]["value"]
    status, answer = inferred(handler, sent)
    assert (status, answer["outputs"]) == (200, found["outputs"])
    assert not [path for path in document["paths"] if path.startswith("/v2/{")]
