"""The endpoint's responses held to the truth: every format, each row, all of an answer."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.proof.judging import Response, require_true
from mldeploy.model.proof.requests import Request, requests_of
from mldeploy.model.proof.truth import Truth

FEATURES = [
    {"name": "age", "dtype": "integer", "nullable": False, "storage": "int8"},
    {"name": "city", "dtype": "string", "nullable": True, "storage": "str"},
]
SIGNATURE = {"input": "dataframe", "features": FEATURES}
INPUTS: list[list[Any]] = [[30, "Ulm"], [31, None], [32, ""]]
ANSWERS = [
    {"class_label": label, "class_name": name, "probabilities": {"no": 1 - p, "yes": p}}
    for label, name, p in ((0, "no", 0.25), (1, "yes", 0.75), (1, "yes", 0.875))
]
TRUTH = Truth(INPUTS, ANSWERS, ANSWERS)


def bodies(answers: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    """Answer a request as docs/requests.md says, with these answers."""
    chosen = [answers[row] for row in request.rows]
    if request.form == "V2":
        shares = [share for one in chosen for share in one["probabilities"].values()]
        count = len(chosen)
        return {
            "outputs": [
                tensor("predict", "INT64", [count], [one["class_label"] for one in chosen]),
                tensor("class_name", "BYTES", [count], [one["class_name"] for one in chosen]),
                tensor("predict_proba", "FP64", [count, 2], shares),
            ]
        }
    if len(chosen) == 1 and request.form == "JSON":
        return {"prediction": chosen[0]}
    return {"predictions": chosen}


def tensor(name: str, datatype: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    """Return a tensor of the V2 protocol."""
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


REQUESTS = list(requests_of(SIGNATURE, INPUTS, len(INPUTS)))


def responses(answers: list[dict[str, Any]]) -> list[Response]:
    """Answer every request."""
    return [Response(200, bodies(answers, one)) for one in REQUESTS]


def test_equal_answers_pass_in_every_format() -> None:
    """All rows at once and each alone; a row that a CSV can't carry isn't sent as one."""
    proved = require_true(TRUTH, REQUESTS, responses(ANSWERS), "")
    assert (proved.rows, proved.alone, proved.largest) == (3, 3, 0)
    forms = [(one.form, len(one.rows)) for one in REQUESTS]
    assert forms.count(("JSON", 1)) == forms.count(("V2", 1)) == 3
    assert forms.count(("CSV", 1)) == 2
    assert ("CSV", 3) not in forms


def changed(row: int, **members: Any) -> list[dict[str, Any]]:
    """Return the answers with one of them changed."""
    return [{**one, **members} if n == row else one for n, one in enumerate(ANSWERS)]


@pytest.mark.parametrize("form", ["JSON", "CSV", "V2"])
@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (changed(1, class_label=0), "class_label: expected 1, got 0"),
        (changed(1, class_name="no"), "class_name: expected 'yes', got 'no'"),
        (changed(1, probabilities={"no": 0.25 + 1e-9, "yes": 0.75}), "probabilities.no"),
        (changed(1, probabilities={"no": None, "yes": 0.75}), "probabilities.no"),
    ],
)
def test_any_other_answer_is_a_difference(
    form: str, answers: list[dict[str, Any]], says: str
) -> None:
    """Whichever format it is in; the row, both answers and the cause are told."""
    found = [
        Response(200, bodies(answers if one.form == form else ANSWERS, one)) for one in REQUESTS
    ]
    with pytest.raises(MldeployError) as raised:
        require_true(TRUTH, REQUESTS, found, "dtype lost: age")
    assert raised.value.code == "MLD222"
    assert "row 1, sent" in raised.value.message
    assert f"as {form}" in raised.value.message
    assert says in raised.value.message
    assert raised.value.hint == "dtype lost: age"


def test_a_refusal_and_a_missing_answer_are_differences() -> None:
    """A 422 names its row; fewer answers than rows are no truth."""
    refused = responses(ANSWERS)
    refused[0] = Response(422, {"detail": "a text is no number", "errors": [{"row": 2}]})
    with pytest.raises(MldeployError, match=r"row 2, .*status 422 \(a text is no number\)"):
        require_true(TRUTH, REQUESTS, refused, "")
    fewer = responses(ANSWERS)
    fewer[0] = Response(200, {"predictions": ANSWERS[:2]})
    with pytest.raises(MldeployError, match="expected 3 predictions, got 2"):
        require_true(TRUTH, REQUESTS, fewer, "")


def test_an_estimators_own_noise_is_allowed_and_told() -> None:
    """A model whose rows differ in the tenth digit alone and among others isn't refused."""
    noisy = replace(TRUTH, noise=1e-8)
    near = changed(1, probabilities={"no": 0.25 + 1e-9, "yes": 0.75})
    proved = require_true(noisy, REQUESTS, responses(near), "")
    assert 0 < proved.largest < 1e-8
    assert "equal within" in str(proved)


def test_requests_hold_the_rows_exactly() -> None:
    """Integers beyond 2**53 and types of tensors by the column's storage."""
    features = [{"name": "id", "dtype": "integer", "nullable": False, "storage": "uint64"}]
    signature = {"input": "array", "features": features}
    found = {one.form: one.body for one in requests_of(signature, [[2**63 + 1]], 0)}
    assert json.loads(found["JSON"]) == {"features": [2**63 + 1]}
    assert found["CSV"] == f'"id"\n"{2**63 + 1}"\n'
    assert json.loads(found["V2"])["inputs"][0] == {
        "name": "features", "datatype": "UINT64", "shape": [1, 1], "data": [2**63 + 1],
    }  # fmt: skip
