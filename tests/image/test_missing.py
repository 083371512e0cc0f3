"""NaN, as MLflow's client writes it, is a missing value; the estimator's own predictions decide."""

import json
from collections.abc import Callable
from typing import Any

import joblib
import pytest

from tests.support.events import answered, http
from tests.support.models import FRAME, bundle_of
from tests.support.people import PEOPLE

Handler = Callable[[Any, Any], Any]
BODIES = {
    # As mlflow/utils/proto_json_utils.py writes them (MLflow 3.17.2, `dump_input_data`).
    "dataframe_split": PEOPLE.to_dict(orient="split"),
    "dataframe_records": PEOPLE.to_dict(orient="records"),
    "inputs": PEOPLE.to_dict(orient="list"),
}


@pytest.mark.parametrize("key", BODIES)
def test_a_gap_is_predicted_as_the_estimator_predicts_it(frame_handler: Handler, key: str) -> None:
    """A bare NaN gets the prediction that the estimator makes for the DataFrame with the gap."""
    body = json.dumps({key: BODIES[key]})
    assert "NaN" in body
    status, answer = answered(frame_handler, http(body))
    assert status == 200, answer
    bundle = bundle_of(FRAME)
    estimator = joblib.load(bundle.path / "model.joblib")
    assert answer["predictions"] == estimator.predict(PEOPLE).tolist()


def test_a_column_without_gaps_refuses_nan_as_it_refuses_null(frame_handler: Handler) -> None:
    """A gap where training had none is refused with its row and column."""
    rows = {**BODIES["inputs"], "age": [30, float("nan"), 79]}
    status, problem = answered(frame_handler, http(json.dumps({"inputs": rows})))
    as_null = answered(frame_handler, http({"inputs": {**rows, "age": [30, None, 79]} | WEIGHTS}))
    assert (status, problem["errors"][0]["row"], problem["errors"][0]["column"]) == (422, 1, "age")
    assert (status, problem) == as_null


WEIGHTS = {"weight": [None, 50.5, None]}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('{"features": [NaN, 1, 1, 1]}', "NaN"),
        ('{"instances": [[NaN, 1, 1, 1]]}', "NaN"),
        ('{"other": NaN}', "NaN"),
        ("NaN", "NaN"),
        ("[NaN]", "NaN"),
        ('{"inputs": [[NaN, Infinity, 1, 1]]}', "Infinity"),
        ('{"inputs": [[-Infinity, NaN, 1, 1]]}', "-Infinity"),
        ('{"dataframe_split": {"data": [[1, 1, 1, Infinity]]}}', "Infinity"),
    ],
)
def test_elsewhere_nan_isnt_json_and_infinity_never_is(
    iris_handler: Handler, body: str, name: str
) -> None:
    """The endpoint's own formats are strict, and no format has infinity."""
    status, problem = answered(iris_handler, http(body))
    assert (status, problem["detail"]) == (400, f"the body isn't JSON: {name} isn't a JSON value")
