"""The paths of other protocols: the estimator's own predictions, as each document writes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest

from mldeploy.local.api.routes import select
from mldeploy.model.bundle import Bundle
from tests.image.conftest import ROUTES
from tests.support.events import CONTEXT, answered, http
from tests.support.models import FRAME, bundle_of, handler_of, task_of

Handler = Callable[[Any, Any], Any]
FLOWERS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3], [5.9, 2.8, 4.3, 1.3]]
PEOPLE = pd.DataFrame(
    {
        "age": [30, 41, 79],
        "weight": [70.5, 50.5, None],
        "smoker": [True, False, False],
        "city": ["Ulm", "Bonn", "Köln"],
        "plan": ["plus", "basic", "plus"],
        "note": ["a", "b", "c"],
    }
)
TENSORFLOW = "/v1/models/predict:predict"


def sent(method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """Return the event of a request, with the route that API Gateway's rules choose."""
    match = select(ROUTES, method, path)
    assert match is not None, path
    context = {"http": {"method": method, "path": path}, "routeKey": match.route}
    return http(body, routeKey=match.route, rawPath=path, requestContext=context, **more)


def of_flowers(iris: Bundle) -> list[Any]:
    """Return what the estimator itself predicts, outside the endpoint."""
    labels: list[Any] = joblib.load(iris.path / "model.joblib").predict(FLOWERS).tolist()
    return labels


def of_people() -> list[Any]:
    """Return what the estimator of the DataFrame itself predicts."""
    estimator = joblib.load(bundle_of(FRAME).path / "model.joblib")
    labels: list[Any] = estimator.predict(PEOPLE).tolist()
    return labels


def as_split(table: pd.DataFrame) -> str:
    """Return the body that MLflow's client sends (`dump_input_data` of MLflow 3.17.2)."""
    return json.dumps({"dataframe_split": table.to_dict(orient="split")})


def test_mlflows_path_predicts_and_ignores_extra_columns(frame_handler: Handler) -> None:
    """As MLflow's server, whose log says of extra inputs: "These inputs will be ignored"."""
    table = PEOPLE.assign(customer=[7, 8, 9], note2=["x", "y", "z"])
    status, answer = answered(frame_handler, sent("POST", "/invocations", as_split(table)))
    assert (status, answer["predictions"]) == (200, of_people())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps({"instances": FLOWERS}), "application/json"),
        (json.dumps({"inputs": FLOWERS, "params": {"a": 1}}), "application/json"),
        (pd.DataFrame(FLOWERS), "text/csv"),
    ],
    ids=["instances", "inputs", "CSV"],
)
def test_every_format_gets_plain_values_at_invocations(
    iris: Bundle, iris_handler: Handler, body: Any, kind: str
) -> None:
    """`predictions_to_json` of MLflow writes what `predict` returned, whatever the format was."""
    if isinstance(body, pd.DataFrame):
        body.columns = [one["name"] for one in iris.facts["signature"]["features"]]
        body = body.to_csv(index=False)
    event = sent("POST", "/invocations", body, headers={"content-type": kind})
    status, answer = answered(iris_handler, event)
    assert (status, answer["predictions"]) == (200, of_flowers(iris))


def test_ping_and_version_answer_as_text(iris_handler: Handler) -> None:
    """SageMaker wants a 200 without content; MLflow's client reads the version as text."""
    found = [iris_handler(sent("GET", path), CONTEXT) for path in ("/ping", "/version")]
    assert [one["statusCode"] for one in found] == [200, 200]
    assert [one["headers"]["content-type"] for one in found] == ["text/plain", "text/plain"]
    assert found[0]["body"] == ""


@pytest.mark.parametrize(
    ("setting", "path", "expected"),
    [
        ("", "/predict", 422),
        ("", "/invocations", 200),
        ("ignore", "/predict", 200),
        ("ignore", "/invocations", 200),
        ("ignore", TENSORFLOW, 200),
        ("refuse", "/invocations", 422),
        ("", TENSORFLOW, 422),
    ],
)
def test_extra_columns_are_ignored_by_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, path: str, expected: int
) -> None:
    """The setting decides for every path; without it only MLflow's path ignores them."""
    monkeypatch.setenv("MLDEPLOY_EXTRA_COLUMNS", setting)
    handler = handler_of(task_of(bundle_of(FRAME), tmp_path / "task"), *ROUTES)
    rows = PEOPLE.astype(object).where(PEOPLE.notna(), None).to_dict(orient="records")
    body = {"instances": [{**row, "customer": 7} for row in rows]}
    status, answer = answered(handler, sent("POST", path, body))
    assert status == expected, answer
    if status == 200 and path != "/predict":
        assert answer["predictions"] == of_people()
    without = {"instances": [{**row, "age2": row["age"]} for row in rows]}
    for row in without["instances"]:
        del row["age"]
    assert answered(handler, sent("POST", path, without))[0] == 422


def test_azures_body_gets_a_list(iris: Bundle, iris_handler: Handler) -> None:
    """Azure ML's page on MLflow models shows `input_data` as a split table and a list as answer."""
    names = [one["name"] for one in iris.facts["signature"]["features"]]
    backwards = [row[::-1] for row in FLOWERS]
    table = {"columns": names[::-1], "index": [0, 1, 2], "data": backwards}
    for body in ({"input_data": table, "params": {}}, {"input_data": FLOWERS}):
        assert answered(iris_handler, http(body)) == (200, of_flowers(iris))


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"instances": FLOWERS}, "predictions"),
        ({"signature_name": "serving_default", "instances": FLOWERS}, "predictions"),
        ({"instances": FLOWERS, "parameters": {"confidence": 0.5}}, "predictions"),
        ({"inputs": FLOWERS}, "outputs"),
    ],
    ids=["rows", "named signature", "Vertex AI", "columns"],
)
def test_tensorflows_path_answers_rows_and_columns(
    iris: Bundle, iris_handler: Handler, body: Any, key: str
) -> None:
    """The document's `curl -d` says that its JSON is a form; "outputs" answers "inputs"."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    status, answer = answered(iris_handler, sent("POST", TENSORFLOW, body, headers=form))
    assert (status, answer[key]) == (200, of_flowers(iris))
    assert len({"predictions", "outputs"} & answer.keys()) == 1


def test_tensorflows_columns_are_named_inputs(frame_handler: Handler) -> None:
    """An object of columns, with a gap as NaN, which TensorFlow Serving's JSON has, too."""
    body = json.dumps({"inputs": PEOPLE.to_dict(orient="list")})
    assert "NaN" in body
    status, answer = answered(frame_handler, sent("POST", TENSORFLOW, body))
    assert (status, answer["outputs"]) == (200, of_people())


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/v1/models/other:predict", {"instances": FLOWERS}, 404, "/v1/models/predict:predict"),
        ("/v1/models/predict:classify", {"examples": []}, 404, "not found: 'predict:classify'"),
        (TENSORFLOW, {"features": FLOWERS[0]}, 422, "got neither"),
        (TENSORFLOW, {"inputs": FLOWERS, "instances": FLOWERS}, 422, "got both"),
        (TENSORFLOW, [FLOWERS], 422, "got a list"),
        (TENSORFLOW, {"instances": FLOWERS, "signature_name": "regress"}, 422, "serving_default"),
        (TENSORFLOW, {"instances": [[1, 2]]}, 422, "row 0: expected 4 values, got 2"),
        (TENSORFLOW, "{", 400, "isn't JSON"),
    ],
)
def test_tensorflows_errors_have_a_member_error(
    iris_handler: Handler, path: str, body: Any, status: int, says: str
) -> None:
    """Clients read "error", which the document shows."""
    found, problem = answered(iris_handler, sent("POST", path, body))
    assert (found, says in problem["error"]) == (status, True), problem


def test_the_status_is_tensorflows_and_kserves(iris_handler: Handler) -> None:
    """The document's own example, without its numbers; KServe's client reads "ready"."""
    status, answer = answered(iris_handler, sent("GET", "/v1/models/predict"))
    version = answer["model_version_status"][0].pop("version")
    assert (status, int(version) > 0) == (200, True)
    assert (answer["name"], answer["ready"]) == ("predict", True)
    assert answer["model_version_status"] == [
        {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/models/predict/infer", 404),
        ("/v2", 404),
        ("/v2/repository/index", 404),
        ("/v1/models/predict:predict", 404),
        ("/invocations", 404),
        ("/ping", 404),
        ("/version", 404),
        ("/docs", 404),
        ("/openapi.json", 404),
        ("/health", 404),
        ("/metadata", 404),
        ("/", 200),
        ("/score", 200),
        ("/v1/predict", 200),
        ("/v2/predict", 200),
        ("/pings", 200),
        ("/api/v2/models/predict/infer", 200),
    ],
)
@pytest.mark.parametrize("route", ["$default", "ANY /{rest+}"])
def test_a_route_for_any_path_leaves_protocols_out(
    iris_handler: Handler, route: str, path: str, status: int
) -> None:
    """A path of a protocol that isn't served is a 404, not a prediction in another form."""
    context = {"http": {"method": "POST", "path": path}, "routeKey": route}
    event = http({"instances": FLOWERS}, routeKey=route, rawPath=path, requestContext=context)
    found, answer = answered(iris_handler, event)
    assert (found, "paths" in answer.get("detail", "paths")) == (status, True)
    assert ("error" in answer) == (status == 404 and path.startswith(("/v1", "/v2")))
