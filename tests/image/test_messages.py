"""Messages for requests that nearly fit: each says what to send instead."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pandas as pd
import pytest

from mldeploy.model.bundle import Bundle
from tests.support.events import answered, http, routed
from tests.support.models import task_of
from tests.support.signatures import csv_event, refused, served

Handler = Callable[[Any, Any], Any]
SETOSA = [5.1, 3.5, 1.4, 0.2]
NAMES = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
ROW = dict(zip(NAMES, SETOSA, strict=True))


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"features": [SETOSA]}, 422, 'send them as "instances"'),
        ({"features": [SETOSA, SETOSA]}, 422, 'send them as "instances"'),
        ({"features": [ROW]}, 422, 'send them as "instances"'),
        ([ROW], 400, '{"dataframe_records": [{…}, …]}'),
        ([ROW], 400, '{"instances": [{…}, …]}'),
        ([SETOSA], 400, '{"instances": [[…], …]}'),
        (SETOSA, 400, '{"features": […]}'),
        ([], 400, "the body must be a JSON object, got a list"),
    ],
)
def test_rows_in_the_wrong_place(iris_handler: Handler, body: Any, status: int, says: str) -> None:
    """The message names the key that takes them."""
    found, problem = answered(iris_handler, http(body))
    assert (found, says in problem["detail"]) == (status, True), problem


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("petal widht (cm)", "petal width (cm)"),
        ("petal_width_cm", "petal width (cm)"),
        ("Petal Width (CM)", "petal width (cm)"),
        ("petal width", "petal width (cm)"),
        ("colour", None),
    ],
)
def test_a_wrong_name_is_guessed(iris_handler: Handler, sent: str, meant: str | None) -> None:
    """The first finding names what was probably meant; the missing column is named, too."""
    row = {**ROW, sent: 0.2}
    del row["petal width (cm)"]
    for event in (
        http({"features": row}),
        http({"dataframe_records": [row, row]}),
        csv_event(pd.DataFrame([row]).to_csv(index=False)),
    ):
        status, problem = answered(iris_handler, event)
        found = [one["column"] for one in problem["errors"] if one["row"] == 0]
        assert (status, sorted(found)) == (422, sorted([sent, "petal width (cm)"]))
        guess = f"row 0, {sent!r}: expected a column of the model, got an unknown column; did you "
        if meant:
            assert problem["detail"] == f"{guess}mean {meant!r}?"
        else:
            assert "did you mean" not in json.dumps(problem)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"colour": 1}, "'colour'"),
        ({"colour": 1, "Unnamed: 0": 3, "x" * 50: 2}, f"'colour', '{'x' * 40}…'"),
        ({f"other{n}": n for n in range(9)}, ", ".join(f"'other{n}'" for n in range(5)) + ", …"),
    ],
)
def test_ignored_columns_are_named_if_one_is_missing(
    frame_handler: Handler, extra: dict[str, Any], named: str
) -> None:
    """One of them may be the missing one under another name; once, and at most five.

    The second row has the same names, which are reported for the first alone.
    """
    row = {"age": 30, "weight": 70.5, "smoker": True, "city": "Ulm", "plan": "plus", "note": ""}
    del row["weight"], row["plan"]
    body = {"dataframe_records": [row | extra] * 2}
    status, problem = answered(frame_handler, routed("POST /invocations", body))
    ignored = f"nothing; the request's unknown columns were ignored: {named}"
    assert (status, problem["detail"]) == (422, f"row 0, 'weight': expected a value, got {ignored}")
    assert [one["got"] for one in problem["errors"]] == [ignored, "nothing"]
    body = {"dataframe_records": [row]}
    _, problem = answered(frame_handler, routed("POST /invocations", body))
    assert problem["detail"] == "row 0, 'weight': expected a value, got nothing"


def test_a_guess_is_no_ignored_column(frame_handler: Handler) -> None:
    """What it probably means is said already, and the missing column isn't in question."""
    row = {"age": 30, "wieght": 70.5, "smoker": True, "city": "Ulm", "colour": 1, "note": ""}
    _, problem = answered(frame_handler, routed("POST /invocations", {"dataframe_records": [row]}))
    assert [(one["column"], one["got"]) for one in problem["errors"]] == [
        ("wieght", "an unknown column; did you mean 'weight'?"),
        ("weight", "nothing"),
        ("plan", "nothing; the request's unknown columns were ignored: 'colour'"),
    ]


def test_a_header_of_wrong_names_is_guessed(iris_handler: Handler) -> None:
    """It isn't called missing: scikit-learn's own older names are near enough."""
    text = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n"
    status, problem = answered(iris_handler, csv_event(text))
    assert status == 422
    assert "did you mean 'sepal length (cm)'?" in problem["detail"]


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_an_index_is_named(iris_handler: Handler, name: str) -> None:
    """`to_csv()` writes one by default; `read_csv` of that calls it "Unnamed: 0"."""
    table = pd.DataFrame([ROW, ROW])
    text = table.rename_axis(name or None).to_csv()
    for event in (csv_event(text), http({"dataframe_records": [{name: 0, **ROW}]})):
        status, problem = answered(iris_handler, event)
        assert status == 422
        assert "got an index; write the CSV with to_csv(index=False)" in problem["detail"]


def test_guesses_are_few_in_a_wide_table(tmp_path: Path) -> None:
    """Names that are all wrong take no more time than a request may."""
    names = [f"{n:03}measured value of the sensor" for n in range(2000)]
    column = {"dtype": "number", "nullable": False, "storage": "float64"}
    features = [{"name": name, **column} for name in names]
    handler = served(tmp_path, features, [0] * len(names))
    rows = [{f"{name} {n}x": 1 for n, name in enumerate(names)}] * 5
    started = process_time()
    said = refused(handler, http({"instances": rows}))
    assert "expected a value, got nothing" in said
    assert process_time() - started < 10  # compared pair by pair it was minutes


def test_a_request_without_mistakes_imports_nothing_for_them(iris: Bundle, tmp_path: Path) -> None:
    """Neither the start nor a prediction imports what only messages need."""
    task = task_of(iris, tmp_path / "task")
    code = (
        "import sys; from endpoint.handler import handle\n"
        f"assert 'prediction' in handle({{'features': {SETOSA}}}, None)\n"
        "late = ('endpoint.column_names', 'endpoint.formats.headers', 'endpoint.formats.answers',"
        " 'endpoint.formats.json_lines', 'endpoint.protocols')\n"
        "print([one for one in late if one in sys.modules])"
    )
    run = [sys.executable, "-c", code]
    environ = {"LAMBDA_TASK_ROOT": str(task), "PYTHONPATH": str(task)}
    found = subprocess.run(run, env=environ, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"
