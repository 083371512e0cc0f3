"""The endpoint and the proof of training make the same predictions of what an estimator returns."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mldeploy.config import FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.model.frameworks.sklearn.labels import labels_of
from mldeploy.model.proof.answers import answers_of, plain_of
from mldeploy.model.proof.judging import Response, requests_for, require_true
from mldeploy.model.proof.outputs import Outputs, ask
from mldeploy.model.proof.truth import Truth
from tests.support.models import ROOT
from tests.support.shapes import SHAPES, TIES, WRONG_COUNTS, Estimator, Shape

Endpoint = Callable[[str], Any]
FEATURE = {"name": "x", "dtype": "number", "storage": "float64", "nullable": False}
TABLE = {"input": "array", "features": [FEATURE]}


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """Return a function that imports a module of the image."""
    monkeypatch.syspath_prepend(str(ROOT / "image_template"))
    return lambda name: importlib.import_module(f"endpoint.{name}")


def predicted(endpoint: Endpoint, shape: Shape) -> list[dict[str, Any]]:
    """Return the endpoint's predictions."""
    facts = {"signature": {**shape.signature, **TABLE}, "model": {"scores": shape.method}}
    table = endpoint("frameworks.tables").table_maker(facts)
    model = endpoint("frameworks.estimators").EstimatorModel(shape.estimator, facts, table)
    return list(model.predict([[0.0] for _ in shape.answers]))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_both_make_the_predictions_of_the_table(endpoint: Endpoint, shape: Shape) -> None:
    """The forms of docs/requests.md, whatever container the estimator returns."""
    rows = np.zeros((len(shape.answers), 1))
    outputs = ask(shape.estimator, rows, shape.signature["task"], shape.method)
    assert answers_of(outputs, shape.signature) == shape.answers
    assert predicted(endpoint, shape) == shape.answers


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_both_have_the_same_plain_value(endpoint: Endpoint, shape: Shape) -> None:
    """MLflow's formats and V2's `predict` contain what the estimator's `predict` returns."""
    value_of = endpoint("service").value_of
    assert [plain_of(answer) for answer in shape.answers] == shape.plain
    assert [value_of(answer) for answer in shape.answers] == shape.plain


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_proof_reads_the_tensors_that_the_endpoint_makes(
    endpoint: Endpoint, shape: Shape
) -> None:
    """Each tensor has the name and the shape under which the proof looks for it."""
    tensors = endpoint("v2.output_tensors").tensors_of(shape.answers)
    inputs = [[0.0] for _ in shape.answers]
    truth = Truth(inputs, shape.answers, shape.answers[:1] if len(shape.answers) == 1 else [])
    requests = requests_for({**shape.signature, **TABLE}, truth)
    sent = [request for request in requests if request.form == "V2"]
    proved = require_true(truth, sent, [Response(200, {"outputs": tensors})] * len(sent), "")
    assert proved.requests == len(sent) > 0


@pytest.mark.parametrize("found", WRONG_COUNTS.values(), ids=WRONG_COUNTS)
def test_both_refuse_another_count_than_the_rows(endpoint: Endpoint, found: Any) -> None:
    """A model that drops rows is refused in training, and can't mix up rows in the endpoint."""
    with pytest.raises(MldeployError, match="for 3 rows"):
        ask(Estimator(found), np.zeros((3, 1)), "regression", "")
    with pytest.raises(RuntimeError, match="for 3 rows"):
        endpoint("frameworks.outputs").per_row(found, 3)


@pytest.mark.parametrize(("scores", "tied"), TIES)
def test_both_leave_ties_to_the_estimator(
    endpoint: Endpoint, scores: list[float], *, tied: bool
) -> None:
    """Only there may a label differ from the most probable class, and only there it is asked."""
    names = [f"c{number}" for number in range(len(scores))]
    asked = []

    def decide(rows: Any) -> Any:
        asked.extend(rows.tolist())
        return np.array([0] * len(rows))

    classes = endpoint("frameworks.classes").Classes(list(range(len(scores))), names)
    classes.most_probable(np.array([scores, scores]), decide)
    assert asked == ([0, 1] if tied else [])
    other = int(np.argsort(scores)[-2])
    estimator = LogisticRegression()
    estimator.classes_ = np.arange(len(scores))
    outputs = Outputs(np.array([other]), np.array([scores]), "predict_proba")
    found = labels_of(estimator, outputs, {"classes": [0, 1]})
    assert found == ("probabilities" if tied else "predict")


def test_the_limits_without_a_variable_are_the_configurations(endpoint: Endpoint) -> None:
    """The command sets no variable for a default, so both must have the same one."""
    assert FunctionConfig.max_body == endpoint("event").MOST_BYTES
    assert FunctionConfig.max_rows == endpoint("rows").MOST_ROWS
