"""The Open Inference Protocol, from its own document: what it says of requests and answers.

Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.events import CONTEXT, answered, routed
from tests.support.models import USUAL

Handler = Callable[[Any, Any], Any]
PLATFORM = {"off": "sklearn_joblib", "auto": "compiled_safetensors"}[USUAL.compile]
INFER = "POST /v2/models/predict/infer"
SETOSA, VIRGINICA = [5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]
COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "age": ("INT64", [30, 70]),
    "weight": ("FP64", [70.5, None]),
    "smoker": ("BOOL", [True, False]),
    "city": ("BYTES", ["Ulm", "Köln"]),
    "plan": ("BYTES", ["plus", "basic"]),
    "note": ("BYTES", ["", "two"]),
}


def tensor(data: Any, shape: Any, datatype: Any = "FP64", name: Any = "input-0") -> dict[str, Any]:
    return {"name": name, "shape": shape, "datatype": datatype, "data": data}


def columns(*shape: int, **changed: Any) -> list[dict[str, Any]]:
    """Return a tensor a column; `changed` puts others in their place, or None for no tensor."""
    found = {name: tensor(data, list(shape), kind, name) for name, (kind, data) in COLUMNS.items()}
    return [one for one in (found | changed).values() if one]


def inferred(handler: Handler, inputs: Any, **more: Any) -> tuple[int, Any]:
    return answered(handler, routed(INFER, {"inputs": inputs, **more}))


def outputs(answer: Any) -> dict[str, Any]:
    return {one["name"]: one["data"] for one in answer["outputs"]}


SERVER = {
    "name": "mldeploy",
    "version": "",
    "extensions": ["binary_tensor_data", "classification"],
}
"""The names are those of Triton's documents, docs/protocol/extension_*.md."""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2", SERVER),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"live": True, "ready": True}),
        ("/v2/models/predict/ready", {"name": "predict", "ready": True}),
    ],
)
def test_server_and_health_are_answered(iris_handler: Handler, path: str, expected: Any) -> None:
    """Each GET has the members that the document gives it, whatever comes as a body."""
    assert answered(iris_handler, routed(f"GET {path}")) == (200, expected)
    assert answered(iris_handler, routed(f"GET {path}", "{")) == (200, expected)


def test_an_arrays_metadata_is_one_tensor(iris_handler: Handler) -> None:
    """Inputs and outputs have name, datatype and shape, -1 for the rows."""
    assert answered(iris_handler, routed("GET /v2/models/predict")) == (
        200,
        {
            "name": "predict",
            "platform": PLATFORM,
            "inputs": [{"name": "features", "datatype": "FP64", "shape": [-1, 4]}],
            "outputs": [
                {"name": "predict", "datatype": "INT64", "shape": [-1]},
                {"name": "class_name", "datatype": "BYTES", "shape": [-1]},
                {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 3]},
            ],
        },
    )


def test_a_dataframes_metadata_is_a_tensor_a_column(frame_handler: Handler) -> None:
    """Each column's name and type, and what it describes is what `infer` takes and gives."""
    _, found = answered(frame_handler, routed("GET /v2/models/predict"))
    assert {one["name"]: one["datatype"] for one in found["inputs"]} == {
        name: kind for name, (kind, _) in COLUMNS.items()
    }
    assert {tuple(one["shape"]) for one in found["inputs"]} == {(-1, 1)}
    status, answer = inferred(frame_handler, columns(2, 1))
    described = [{**one, "shape": [-1, *one["shape"][1:]]} for one in answer["outputs"]]
    assert status == 200
    assert [{**one, "data": None} for one in described] == [
        {**one, "data": None} for one in found["outputs"]
    ]


@pytest.mark.parametrize(
    "given",
    [
        tensor([SETOSA, VIRGINICA], [2, 4]),
        tensor([*SETOSA, *VIRGINICA], [2, 4]),
        tensor([*SETOSA, *VIRGINICA], [2, 4], "FP32", "anything"),
        {**tensor([*SETOSA, *VIRGINICA], [2, 4], "FP16"), "parameters": {"content_type": "np"}},
    ],
    ids=["nested", "flat", "another name", "parameters"],
)
def test_one_tensor_holds_an_arrays_rows(iris_handler: Handler, given: Any) -> None:
    """Row-major, flat or nested, and the answer has every output with its shape."""
    status, answer = inferred(iris_handler, [given], id="42", parameters={"x": 1})
    assert status == 200
    assert (answer["model_name"], answer["id"]) == ("predict", "42")
    # "Inference servers that do not implement versioning should not provide this field".
    assert "model_version" not in answer
    assert answer["outputs"][:2] == [
        {"name": "predict", "datatype": "INT64", "shape": [2], "data": [0, 2]},
        {"name": "class_name", "datatype": "BYTES", "shape": [2],
         "data": ["setosa", "virginica"]},
    ]  # fmt: skip
    assert answer["outputs"][2]["shape"] == [2, 3]
    assert len(answer["outputs"][2]["data"]) == 6
    assert answer["parameters"] == {"release": "", "version": "", "request_id": "request-1"}


def test_an_array_may_come_by_columns_too(iris_handler: Handler) -> None:
    """A tensor a column in any order is the same request."""
    names = [one["name"] for one in iris_handler.__globals__["MODEL"].features]
    given = [
        tensor([one, other], [2], "FP64", name)
        for name, one, other in zip(names, SETOSA, VIRGINICA, strict=True)
    ]
    status, answer = inferred(iris_handler, given[::-1])
    assert (status, outputs(answer)["predict"]) == (200, [0, 2])


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_a_dataframe_comes_by_columns(frame_handler: Handler, shape: list[int]) -> None:
    """Strings are BYTES, null is a missing value, and the answers are those of `instances`."""
    status, answer = inferred(frame_handler, columns(*shape))
    rows = [list(row) for row in zip(*(data for _, data in COLUMNS.values()), strict=True)]
    _, expected = answered(frame_handler, routed("POST /predict", {"instances": rows}))
    assert (status, outputs(answer)["predict"]) == (
        200,
        [one["class_label"] for one in expected["predictions"]],
    )
    probabilities = [
        value for one in expected["predictions"] for value in one["probabilities"].values()
    ]
    assert outputs(answer)["predict_proba"] == probabilities


def test_outputs_are_chosen_by_name(iris_handler: Handler) -> None:
    """Only what was asked for, in that order; an empty list asks for nothing in particular."""
    given = [tensor(SETOSA, [1, 4])]
    wanted = [{"name": "predict_proba", "parameters": {"binary_data": False}}, {"name": "predict"}]
    _, answer = inferred(iris_handler, given, outputs=wanted)
    assert list(outputs(answer)) == ["predict_proba", "predict"]
    assert len(inferred(iris_handler, given, outputs=[])[1]["outputs"]) == 3


def test_without_an_id_it_is_the_requests(iris_handler: Handler) -> None:
    """It can then be found in the log."""
    assert inferred(iris_handler, [tensor(SETOSA, [1, 4])])[1]["id"] == "request-1"


def test_a_value_unlike_training_is_a_parameter(iris_handler: Handler) -> None:
    """The warnings of other formats, as one string: parameters hold no lists."""
    _, answer = inferred(iris_handler, [tensor([50, 3.5, 1.4, 0.2], [1, 4], "FP64")])
    told = "row 0, 'sepal length (cm)': outside 4 to 8, the rounded range of the training data"
    assert answer["parameters"]["warnings"] == told


@pytest.mark.parametrize("headers", [{}, None, {"content-type": "application/json"}])
def test_a_content_type_may_be_left_out(iris_handler: Handler, headers: Any) -> None:
    """The protocol's requests are JSON, and its clients don't all say so."""
    body = {"inputs": [tensor(SETOSA, [1, 4])]}
    assert answered(iris_handler, routed(INFER, body, headers=headers))[0] == 200


ROW = tensor(SETOSA, [1, 4])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, '"inputs" must be a list of tensors, got null'),
        ({"inputs": []}, '"inputs" must be a list of tensors, got an empty list'),
        ({"inputs": {}}, "got an object"),
        ({"inputs": [1]}, "tensor 0 must be an object, got a number"),
        ({"inputs": [tensor(SETOSA, [1, 4], name=None)]}, 'tensor 0: "name" must be a string'),
        ({"inputs": [tensor(SETOSA, [1, 4], name="\ud800")]}, '"name" must be a string'),
        ({"inputs": [ROW, ROW]}, "duplicate tensor 'input-0'"),
        ({"inputs": [tensor(SETOSA, [1, 4], "FP8")]}, '"datatype" must be one of BOOL, BYTES'),
        ({"inputs": [tensor(SETOSA, [1, 4], ["FP64"])]}, '"datatype" must be one of'),
        ({"inputs": [tensor(SETOSA, [1, 4, 1])]}, '"shape" must be [rows] or [rows, columns]'),
        ({"inputs": [tensor(SETOSA, [])]}, '"shape" must be'),
        ({"inputs": [tensor(SETOSA, 4)]}, '"shape" must be'),
        ({"inputs": [tensor(SETOSA, [-1, 4])]}, '"shape" must be'),
        ({"inputs": [tensor(SETOSA, [-1, -4])]}, '"shape" must be'),
        ({"inputs": [tensor(SETOSA, [True, 4])]}, '"shape" must be'),
        ({"inputs": [tensor(SETOSA, [1.0, 4])]}, '"shape" must be'),
        ({"inputs": [tensor(SETOSA, [2**64, 4])]}, '"shape" must be'),
        ({"inputs": [tensor(SETOSA, [10**4000, 10**4000])]}, '"shape" must be'),
        (
            {"inputs": [tensor(SETOSA, [2**63, 4])]},
            'needs 36893488147419103232 values, "data" has 4',
        ),
        ({"inputs": [tensor(SETOSA, [2, 4])]}, 'the shape needs 8 values, "data" has 4'),
        ({"inputs": [tensor([SETOSA], [2, 4])]}, 'the rows of "data" don\'t match the shape'),
        ({"inputs": [tensor([SETOSA, [1]], [2, 4])]}, 'the rows of "data" don\'t match'),
        ({"inputs": [tensor([[SETOSA]], [1, 4])]}, 'the rows of "data" don\'t match'),
        ({"inputs": [tensor("1234", [1, 4])]}, '"data" must be a list, got a string'),
        ({"inputs": [tensor([SETOSA, 1, 1, 1], [1, 4])]}, "value 0 must be FP64, got a list"),
        ({"inputs": [tensor([], [0, 4])]}, "the request has no rows"),
        (
            {"inputs": [tensor(SETOSA, [4])]},
            "the shape must be [rows, 4], or send one tensor per column",
        ),
        ({"inputs": [tensor(SETOSA[:3], [1, 3])]}, "the shape must be [rows, 4]"),
        ({"inputs": [tensor([1, 1, 1, "1"], [1, 4])]}, "value 3 must be FP64, got '1'"),
        ({"inputs": [tensor([1, 1, 1, True], [1, 4])]}, "value 3 must be FP64, got true"),
        ({"inputs": [tensor([1, 1, 1, 256], [1, 4], "UINT8")]}, "value 3 must be UINT8"),
        ({"inputs": [tensor([1, 1, 1, -1], [1, 4], "UINT64")]}, "value 3 must be UINT64"),
        ({"inputs": [tensor([1, 1, 1, 128], [1, 4], "INT8")]}, "value 3 must be INT8"),
        ({"inputs": [tensor([1, 1, 1, 2**63], [1, 4], "INT64")]}, "value 3 must be INT64"),
        ({"inputs": [tensor([1, 1, 1, 1.5], [1, 4], "INT64")]}, "must be INT64, got 1.5"),
        ({"inputs": [tensor([1, 1, 1, 65505], [1, 4], "FP16")]}, "value 3 must be FP16"),
        ({"inputs": [tensor([1, 1, 1, 1e39], [1, 4], "FP32")]}, "value 3 must be FP32, got 1e+39"),
        ({"inputs": [tensor([1, 1, 1, 1e39], [1, 4], "FP64")]}, "a number of at most 3.4e38"),
        ({"inputs": [tensor([True] * 4, [1, 4], "BOOL")]}, "expected a number, got true"),
        ({"inputs": [tensor(["1"] * 4, [1, 4], "BYTES")]}, "expected a number, got '1'"),
        ({"inputs": [tensor([1, None, 1, 1], [1, 4])]}, "expected a number, got null"),
        ({"inputs": [ROW], "id": 42}, '"id" must be a string, got a number'),
        ({"inputs": [ROW], "outputs": {}}, '"outputs" must be a list, got an object'),
        ({"inputs": [ROW], "outputs": ["predict"]}, 'a list of objects with a "name"'),
        (
            {"inputs": [ROW], "outputs": [{"name": "x"}]},
            "unknown output 'x'; the outputs are predict",
        ),
        ({"inputs": [ROW], "outputs": [{"name": "predict"}] * 2}, "duplicate output 'predict'"),
    ],
)
def test_a_bad_tensor_is_named(iris_handler: Handler, body: Any, says: str) -> None:
    """422, and what is wrong with which tensor; `error` is the protocol's own member."""
    text = json.dumps(body).replace("1e+39", "1e39")
    status, problem = answered(iris_handler, routed(INFER, text))
    assert (status, says in problem["detail"]) == (422, True), problem
    assert problem["error"] == problem["detail"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"city": None}, "the request has no tensor for the column 'city'"),
        (
            {"town": tensor(["Ulm"] * 2, [2], "BYTES", "town")},
            "the model has no column for the tensor 'town'",
        ),
        (
            {"city": tensor(["Ulm"] * 2, [2], "BYTES", "City_")},
            "the model has no column for the tensor 'City_'; did you mean 'city'?",
        ),
        (
            {
                "age": tensor([1, 2], [2], "INT64", "xyz"),
                "weight": tensor([1.0, 2.0], [2], "FP64", "wieght"),
            },
            "the model has no column for the tensor 'wieght'; did you mean 'weight'?",
        ),
        ({"age": tensor([1], [1], "INT64", "age")}, "'weight': the shape must be [1] or"),
        ({"city": tensor(["Ulm"], [1], "BYTES", "city")}, "'city': the shape must be [2] or"),
        ({"city": tensor(["Ulm"] * 4, [2, 2], "BYTES", "city")}, "'city': the shape must be [2]"),
        ({"smoker": tensor([0, 1], [2], "INT64", "smoker")}, "row 0, 'smoker': expected true"),
        ({"age": tensor(["1", "2"], [2], "BYTES", "age")}, "row 0, 'age': expected a number"),
        ({"plan": tensor(["a", "b"], [2], "BYTES", "plan")}, "expected one of 'basic', 'plus'"),
        ({"city": tensor(["\ud800", ""], [2], "BYTES", "city")}, "'city': expected a string"),
    ],
)
def test_a_bad_column_is_named(frame_handler: Handler, changed: Any, says: str) -> None:
    """A tensor too few, too many or too short; values go through the checks of every format."""
    status, problem = inferred(frame_handler, columns(2, **changed))
    assert (status, says in problem["detail"]) == (422, True), problem


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("{", {"content-type": "application/json"}, 400),
        ("[]", {"content-type": "application/json"}, 400),
        (None, {"content-type": "application/json"}, 400),
        ('{"inputs": Infinity}', {}, 400),
        ('{"inputs": 1, "inputs": 2}', {}, 400),
        ("{", {"content-type": "application/octet-stream"}, 400),
        ("{}", {"content-type": "image/png"}, 415),
        ("a,b", {"content-type": "text/csv"}, 415),
        ("{}", {"content-type": "application/json; charset=utf-16"}, 415),
        (json.dumps({"inputs": [tensor([0] * 40_004, [10_001, 4])]}), {}, 413),
    ],
)
def test_other_mistakes_have_an_error_too(
    iris_handler: Handler, body: Any, headers: Any, status: int
) -> None:
    """What isn't JSON, an unsupported type, and too many rows."""
    found, problem = answered(iris_handler, routed(INFER, body, headers=headers))
    assert (found, problem["status"]) == (status, status)
    assert problem["error"] == problem["detail"]


def test_a_failure_has_an_error_that_tells_nothing(iris_handler: Handler) -> None:
    """A 500 of the model's is written as the protocol has it, and only on its paths."""
    service = iris_handler.__globals__["_SERVICE"]
    model, service.model = service.model, None
    try:
        body = {"inputs": [tensor(SETOSA, [1, 4])]}
        status, problem = answered(iris_handler, routed(INFER, body))
        assert (status, problem["error"]) == (500, problem["detail"])
        assert "error" not in answered(iris_handler, routed("POST /predict", {"features": 1}))[1]
    finally:
        service.model = model


def test_the_log_names_the_route(iris_handler: Handler, capsys: pytest.CaptureFixture[str]) -> None:
    """The line of every request, with its rows."""
    iris_handler(routed(INFER, {"inputs": [tensor(SETOSA * 3, [3, 4])]}), CONTEXT)
    line = json.loads(capsys.readouterr().out)
    assert (line["route"], line["status"], line["rows"]) == (INFER, 200, 3)


def label(one: Any, name: str, **more: Any) -> dict[str, Any]:
    return {"class_label": one, "class_name": name, **more}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([{"value": 1.5}, {"value": None}], [("predict", "FP64", [2], [1.5, None])]),
        ([{"value": 3}, {"value": 4}], [("predict", "INT64", [2], [3, 4])]),
        ([{"value": "a"}, {"value": True}], [("predict", "BYTES", [2], ["a", "true"])]),
        ([{"value": [1.0, 2.0]}] * 2, [("predict", "FP64", [2, 2], [1.0, 2.0] * 2)]),
        ([{"value": [1.0]}, {"value": []}], [("predict", "BYTES", [2], ["[1.0]", "[]"])]),
        ([{"values": {"a": 1.0, "b": 2.0}}], [("predict", "FP64", [1, 2], [1.0, 2.0])]),
        ([{"cluster": 2}], [("predict", "INT64", [1], [2])]),
        (
            [{"outlier": True, "score": -0.5}, {"outlier": False, "score": 0.5}],
            [("predict", "INT64", [2], [-1, 1]), ("score", "FP64", [2], [-0.5, 0.5])],
        ),
        (
            [label(name="yes", one=True, decision_values={"yes": 2.0})],
            [
                ("predict", "BOOL", [1], [True]),
                ("class_name", "BYTES", [1], ["yes"]),
                ("decision_function", "FP64", [1, 1], [2.0]),
            ],
        ),
        (
            [{"outputs": {"heat": label(1, "hot"), "sign": label("+", "plus")}}],
            [
                ("predict.heat", "INT64", [1], [1]),
                ("class_name.heat", "BYTES", [1], ["hot"]),
                ("predict.sign", "BYTES", [1], ["+"]),
                ("class_name.sign", "BYTES", [1], ["plus"]),
            ],
        ),
        ([{"price": 5}, {}], [("predict", "BYTES", [2], ['{"price": 5}', "{}"])]),
        ([{"value": 1.0, "score": 1.0}, {"value": 1.0}], [("predict", "FP64", [2], [1.0, 1.0])]),
    ],
)
def test_every_kind_of_answer_is_tensors(
    iris_handler: Handler, answers: list[Any], expected: list[Any]
) -> None:
    """A tensor for each thing that rows have, of one datatype and rectangular, or else as text."""
    made = iris_handler.__globals__["respond"].__globals__["v2"].outputs_of(answers, None)
    found = [(one["name"], one["datatype"], one["shape"], one["data"]) for one in made]
    assert found == expected


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_one_column_may_have_any_name_and_one_dimension(
    iris_handler: Handler, shape: tuple[int, ...]
) -> None:
    """A model on texts, or on one number, takes its only tensor whatever it is called."""
    v2 = iris_handler.__globals__["respond"].__globals__["v2"]
    given = {"inputs": [tensor(["a", "b"], shape, "BYTES", "anything")]}
    found = v2.rows_of(v2.tensors_in(json.loads(json.dumps(given))), [{"name": "text"}], 10)
    assert found == [["a"], ["b"]]
