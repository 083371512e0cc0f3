"""The formats of other clients: each ends as the same rows, and their mistakes are named."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.events import answered, http

Handler = Callable[[Any, Any], Any]
NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
SETOSA, VIRGINICA = [5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]
BACKWARDS = [row[::-1] for row in (SETOSA, VIRGINICA)]
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in (SETOSA, VIRGINICA)]
HEADER = ",".join(NAMES)


def csv(text: str, content_type: str = "text/csv") -> dict[str, Any]:
    """Return an event with a CSV body."""
    return http(text, headers={"content-type": content_type})


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": NAMES, "data": [SETOSA, VIRGINICA]}},
        {"dataframe_split": {"columns": NAMES[::-1], "index": [7, 8], "data": BACKWARDS}},
        {"dataframe_split": {"data": [SETOSA, VIRGINICA]}},
        {"dataframe_records": RECORDS},
        {"inputs": [SETOSA, VIRGINICA]},
        {"inputs": {name: [row[name] for row in RECORDS] for name in reversed(NAMES)}},
    ],
    ids=["split", "split by name", "split without names", "records", "rows", "columns"],
)
def test_mlflows_bodies_get_what_predict_returns(iris_handler: Handler, body: Any) -> None:
    """MLflow's clients read "predictions" as the values of `predict`, in the rows' order."""
    status, answer = answered(iris_handler, http(body))
    assert status == 200
    assert answer["predictions"] == [0, 2]
    assert len(answer["model"]["sha256"]) == 12


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3\n",
        f"{HEADER}\r\n5.1,3.5,1.4,0.2\r\n\r\n 6.7 ,+3,.52e1,2.3",
        f"\ufeff{HEADER}\n5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3\n",
        f'"{NAMES[3]}","{NAMES[2]}",{NAMES[1]},{NAMES[0]}\n"0.2",1.4,3.5,5.1\n2.3,5.2,3.0,6.7\n',
    ],
    ids=["plain", "CRLF", "byte order mark", "another order, quoted"],
)
def test_a_csv_is_answered_row_by_row(iris_handler: Handler, text: str) -> None:
    """A header and rows get the answer that `instances` gets."""
    _, expected = answered(iris_handler, http({"instances": [SETOSA, VIRGINICA]}))
    assert answered(iris_handler, csv(text, "text/csv; charset=UTF-8; header=present")) == (
        200,
        expected,
    )


@pytest.mark.parametrize(
    ("row", "json_row"),
    [
        ("30,70.5,true,Ulm,plus,a note", [30, 70.5, True, "Ulm", "plus", "a note"]),
        ("30,,False,Ulm,plus,", [30, None, False, "Ulm", "plus", ""]),
    ],
    ids=["full", "empty fields"],
)
def test_a_csv_is_read_by_the_columns_types(
    frame_handler: Handler, row: str, json_row: list[Any]
) -> None:
    """Numbers, booleans and text; an empty field is missing, or an empty text where none may be."""
    status, found = answered(frame_handler, csv(f"age,weight,smoker,city,plan,note\n{row}\n"))
    _, expected = answered(frame_handler, http({"instances": [json_row]}))
    assert (status, found["predictions"]) == (200, expected["predictions"])


@pytest.mark.parametrize(("nullable", "value"), [(True, None), (False, "")])
def test_an_empty_field_of_text_is_missing_where_that_may_be(
    iris_handler: Handler, *, nullable: bool, value: Any
) -> None:
    """A CSV can't tell an empty text from none: the column's training decides."""
    feature = {"name": "note", "dtype": "string", "nullable": nullable}
    service = iris_handler.__globals__["_SERVICE"]
    read = type(service).over_http.__globals__["read"]
    assert read(b'note,x\n"",1\n', "text/csv", [feature]).rows == [{"note": value, "x": "1"}]


@pytest.mark.parametrize(
    ("event", "status", "says"),
    [
        (http({"inputs": 1}), 422, '"inputs" must be a list of rows, got a number'),
        (http({"inputs": {}}), 422, "the request has no rows"),
        (http({"inputs": {NAMES[0]: [1], NAMES[1]: []}}), 422, "have different lengths"),
        (http({"inputs": {NAMES[0]: 1}}), 422, "column 0 must be a list of values, got a number"),
        (
            http({"inputs": {NAMES[0]: [1]}}),
            422,
            "'sepal width (cm)': expected a value, got nothing",
        ),
        (http({"dataframe_records": {}}), 422, "must be a list of rows"),
        (http({"dataframe_split": []}), 422, '"columns" and "data"'),
        (http({"dataframe_split": {"columns": NAMES}}), 422, '"columns" and "data"'),
        (http({"dataframe_split": {"columns": [1], "data": []}}), 422, "a list of names"),
        (http({"dataframe_split": {"columns": NAMES, "data": [1]}}), 422, "row 0 must be a list"),
        (
            http({"dataframe_split": {"columns": NAMES, "data": [[1]]}}),
            422,
            "expected 4 values, got 1",
        ),
        (
            http({"dataframe_split": {"columns": ["a", "a"], "data": []}}),
            422,
            "duplicate column name",
        ),
        (http({"dataframe_split": {"columns": ["a"], "data": [[1]]}}), 422, "expected a value"),
        (http({"inputs": [SETOSA], "instances": [SETOSA]}), 422, "can't be used together"),
        (csv("\n\n"), 400, "no header"),
        (csv(f"{HEADER}\n"), 422, "the request has no rows"),
        (csv(f"{HEADER}\n1,2,3\n"), 422, "row 0: expected 4 values, got 3"),
        (csv(f'{HEADER}\n"1,2,3,4\n'), 400, "isn't CSV"),
        (csv(f"{HEADER}\n1,2,3,\n"), 422, "'petal width (cm)': expected a number, got null"),
        (csv(f"{HEADER}\n1,2,3,nan\n"), 422, "expected a number, got 'nan'"),
        (csv(f"{HEADER}\n1,2,3,1_0\n"), 422, "expected a number, got '1_0'"),
        (csv(f"{HEADER}\n1,2,3,٣\n"), 422, "expected a number, got '٣'"),
        (csv(f"{HEADER}\n1,2,3,1e999\n"), 422, "at most 3.4e38"),
        (csv(f"{HEADER}\n1,2,3,{'9' * 5000}\n"), 422, "at most 3.4e38"),
        (csv(f"{NAMES[0]},{NAMES[0]}\n1,2\n"), 422, "duplicate column name"),
        (csv("a\n1\n"), 422, "the CSV has no header"),
        (csv(f"{HEADER}\n1,2,3,{'x' * 140_000}\n"), 400, "isn't CSV"),
    ],
)
def test_a_bad_body_is_told_what_is_wrong(
    iris_handler: Handler, event: Any, status: int, says: str
) -> None:
    """What isn't CSV is a 400; what doesn't fit its format or the model a 422 that says where."""
    found, problem = answered(iris_handler, event)
    assert (found, says in problem["detail"]) == (status, True), problem


@pytest.mark.parametrize(
    "headers",
    [
        {},
        None,
        {"content-type": ""},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json-seq"},
        {"content-type": "application/x-npy"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "text/csv; charset=latin-1"},
    ],
)
def test_another_content_type_is_415(iris_handler: Handler, headers: Any) -> None:
    """Nothing is guessed: what isn't said to be JSON or CSV in UTF-8 is refused, with advice."""
    body = {"features": SETOSA}
    status, problem = answered(iris_handler, http(body, headers=headers))
    assert status == 415
    assert "send" in problem["detail"]
    assert "form" not in json.dumps(problem)


@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
def test_a_headers_name_may_be_written_anyhow(iris_handler: Handler, name: str) -> None:
    """REST APIs pass names on as they were sent; parameters and capitals don't matter."""
    headers = {name: 'Application/JSON; charset="UTF-8"'}
    assert answered(iris_handler, http({"features": SETOSA}, headers=headers))[0] == 200
