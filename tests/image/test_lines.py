"""CSV without a header and JSON lines: right, or refused with what to send instead."""

import csv as csv_module
import importlib
import io
import json
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from mldeploy.model.bundle import Bundle
from tests.image.test_protocols import FLOWERS, PEOPLE, of_flowers, of_people, sent
from tests.support.events import CONTEXT, answered
from tests.support.models import FRAME, ROOT, bundle_of
from tests.support.signatures import csv_event, refused, seen, served

Handler = Callable[[Any, Any], Any]
ABSENT = "text/csv; header=absent"


def sagemakers_csv(rows: list[list[Any]]) -> str:
    """Return rows as SageMaker's `CSVSerializer` writes lists (sagemaker 2.240.0)."""
    lines = []
    for row in rows:
        stream = io.StringIO()
        csv_module.writer(stream, delimiter=",").writerow(row)
        lines.append(stream.getvalue().rstrip("\r\n"))
    return "\n".join(lines)


@pytest.mark.parametrize("kind", ["text/csv", ABSENT, 'text/csv; charset=utf-8; Header="absent"'])
@pytest.mark.parametrize("path", ["/invocations", "/predict"])
def test_rows_without_a_header_are_all_predicted(
    iris: Bundle, iris_handler: Handler, path: str, kind: str
) -> None:
    """The first line is a row, too: as many predictions as lines, each the estimator's."""
    headers = {"content-type": kind}
    event = sent("POST", path, sagemakers_csv(FLOWERS), headers=headers)
    status, answer = answered(iris_handler, event)
    assert status == 200, answer
    found = answer["predictions"]
    labels = [one["class_label"] for one in found] if path == "/predict" else found
    assert labels == of_flowers(iris)


def test_a_dataframe_without_a_header_is_predicted(frame_handler: Handler) -> None:
    """SageMaker's `CSVSerializer` calls `to_csv(header=False, index=False)`, gaps and all."""
    text = PEOPLE.to_csv(header=False, index=False)
    event = sent("POST", "/invocations", text, headers={"content-type": "text/csv"})
    status, answer = answered(frame_handler, event)
    assert (status, answer.get("predictions")) == (200, of_people()), answer


def number(name: str, **more: Any) -> dict[str, Any]:
    """Return a column of numbers."""
    return {"name": name, "dtype": "number", "nullable": False, "storage": "float64", **more}


def text(name: str, **more: Any) -> dict[str, Any]:
    """Return a column of texts."""
    return {"name": name, "dtype": "string", "nullable": False, "storage": "object", **more}


ABCD = [number(name) for name in "abcd"]
COLOURS = {"categories": ["red", "blue"], "closed": True}


@pytest.mark.parametrize(
    ("features", "line"),
    [
        (ABCD, "5.1,3.5,1.4,0.2"),
        (ABCD, "0,0,0,0"),
        (ABCD, "1,2,4,3"),
        ([number("a", nullable=True), *ABCD[1:]], ",3.5,1.4,0.2"),
        ([number("a"), text("b")], "1,some words"),
        ([text("a", **COLOURS), text("b")], "red,some words"),
        ([number("a")], "0.5"),
        ([number("a"), number("b")], "3,5"),
    ],
)
def test_a_first_line_that_is_a_row_without_doubt(
    tmp_path: Any, features: list[dict[str, Any]], line: str
) -> None:
    """Its fields fit, a column is more than free text, and nothing looks like labels."""
    handler = served(tmp_path, features, [0 for _ in features])
    table = seen(handler, csv_event(f"{line}\n{line}\n"))
    expected = pd.read_csv(io.StringIO(f"{line}\n{line}\n"), header=None)
    assert len(table) == 2
    assert np.array_equal(
        table.select_dtypes("number").to_numpy(),
        expected.select_dtypes("number").to_numpy(),
        equal_nan=True,
    )


@pytest.mark.parametrize(
    ("features", "line"),
    [
        (ABCD, "w,x,y,z"),
        (ABCD, "0,1,2,3"),
        (ABCD, "2019,2020,2021,2022"),
        (ABCD, "2022,2021,2020,2019"),
        (ABCD, "400,410,420,430"),
        (ABCD, "0.1,0.2,0.3,0.4"),
        ([number(name) for name in "abcdefgh"], "400,401.3,402,405,409,410,411,450"),
        (ABCD, "5.1,3.5,1.4"),
        (ABCD, "0,5.1,3.5,1.4,0.2"),
        (ABCD, "5.1,3.5,1.4,"),
        (ABCD, "5.1,3.5,1.4,nan"),
        ([number("a")], "0"),
        ([number("a"), number("b")], "0,1"),
        ([number("a"), number("b")], "2022,2021"),
        ([number("a"), text("b")], "0,1"),
        ([text("a")], "some words"),
        ([text("a"), text("b")], "some,words"),
        ([text("a", **COLOURS), text("b")], "green,words"),
    ],
)
def test_a_first_line_in_doubt_is_refused(
    tmp_path: Any, features: list[dict[str, Any]], line: str
) -> None:
    """A header that is read as a row would get a prediction: the message names both ways out."""
    handler = served(tmp_path, features, [0 for _ in features])
    said = refused(handler, csv_event(f"{line}\n5.1,3.5,1.4,0.2\n"))
    assert "the CSV has no header" in said
    assert "header=absent" in said
    assert f"{len(features)} values" in said


def test_a_stated_absence_is_never_doubted(tmp_path: Any) -> None:
    """`header=absent` reads labels as a row, and refuses a header as the row that it is then."""
    handler = served(tmp_path, ABCD, [0, 0, 0, 0])
    event = csv_event("0,1,2,3\n4,5,6,7\n") | {"headers": {"content-type": ABSENT}}
    assert seen(handler, event).to_numpy().tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    event = csv_event("a,b,c,d\n4,5,6,7\n") | {"headers": {"content-type": ABSENT}}
    assert refused(handler, event) == "row 0, 'a': expected a number, got 'a'"


def test_rows_without_a_header_have_the_same_limit(iris_handler: Handler) -> None:
    """A header isn't a row, and without one there is one row more."""
    line = ",".join(map(str, FLOWERS[0]))
    for lines, status in ((10_000, 200), (10_001, 413)):
        event = sent("POST", "/predict", f"{line}\n" * lines, headers={"content-type": "text/csv"})
        assert answered(iris_handler, event)[0] == status


@pytest.mark.parametrize("kind", ["application/jsonlines", "application/x-ndjson"])
@pytest.mark.parametrize(
    "form",
    [
        lambda row, _names: row,
        lambda row, names: dict(zip(names, row, strict=True)),
        # https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
        lambda row, _names: {"features": row},
        lambda row, _names: {"data": {"features": {"values": row}}},
    ],
    ids=["lists", "records", "SageMaker", "SageMaker, data"],
)
def test_json_lines_get_json_lines(
    iris: Bundle, iris_handler: Handler, form: Callable[[Any, Any], Any], kind: str
) -> None:
    """One object per line and row, in the same order, as SageMaker's algorithms answer."""
    names = [one["name"] for one in iris.facts["signature"]["features"]]
    body = "".join(f"{json.dumps(form(row, names))}\r\n" for row in FLOWERS) + "\n"
    for path in ("/predict", "/invocations"):
        event = sent("POST", path, body, headers={"content-type": kind})
        found = iris_handler(event, CONTEXT)
        assert (found["statusCode"], found["headers"]["content-type"]) == (200, kind), found["body"]
        lines = [json.loads(line) for line in found["body"].splitlines()]
        assert [line["class_label"] for line in lines] == of_flowers(iris)
        assert all(round(sum(line["probabilities"].values()), 9) == 1 for line in lines)


def test_pandas_lines_are_predicted(frame_handler: Handler) -> None:
    """`to_json(orient="records", lines=True)`, whose gaps are null."""
    body = PEOPLE.to_json(orient="records", lines=True)
    event = sent("POST", "/predict", body, headers={"content-type": "application/jsonlines"})
    lines = frame_handler(event, CONTEXT)["body"].splitlines()
    assert [json.loads(line)["class_label"] for line in lines] == of_people()


def test_a_bad_line_is_named(iris_handler: Handler) -> None:
    """Lines are counted from 1, as editors count them; rows from 0, as everywhere."""
    headers = {"content-type": "application/jsonlines"}
    for body, status, says in (
        ("[1,2,3,4]\n\n[1,2,\n", 400, "line 3 of the body isn't JSON"),
        ("[1,2,3,NaN]\n", 400, "line 1 of the body isn't JSON: NaN isn't a JSON value"),
        ("[1,2,3,4]\n[1,2]\n", 422, "row 1: expected 4 values, got 2"),
        ("\n\n", 422, "the request has no rows"),
        ('{"data": {"features": {"keys": [1], "values": [1]}}}', 422, "unknown column"),
    ):
        found, problem = answered(iris_handler, sent("POST", "/predict", body, headers=headers))
        assert (found, says in json.dumps(problem)) == (status, True), problem


def test_invocations_answers_as_the_client_accepts(iris: Bundle, iris_handler: Handler) -> None:
    """SageMaker's `CSVDeserializer` and `JSONLinesDeserializer` name what they can read."""

    def asked(accept: str, kind: str = "application/json", body: Any = None) -> tuple[str, str]:
        headers = {"content-type": kind, "accept": accept}
        event = sent("POST", "/invocations", body or {"instances": FLOWERS}, headers=headers)
        found = iris_handler(event, CONTEXT)
        assert found["statusCode"] == 200, found["body"]
        return found["headers"]["content-type"], found["body"]

    labels = of_flowers(iris)
    # sagemaker_inference/encoder.py: numpy.savetxt(stream, array_like, delimiter=",", fmt="%s")
    stream = io.StringIO()
    np.savetxt(stream, labels, delimiter=",", fmt="%s")
    assert asked("text/csv") == ("text/csv", stream.getvalue())
    kind, body = asked("application/jsonlines, */*;q=0.5")
    assert (kind, [json.loads(x)["class_label"] for x in body.splitlines()]) == (
        "application/jsonlines",
        labels,
    )
    for accept in ("*/*", "", "application/json", "text/csv, application/json"):
        kind, body = asked(accept)
        assert (kind, json.loads(body)["predictions"]) == ("application/json", labels)
    lines = "\n".join(map(json.dumps, FLOWERS))
    kind, body = asked("application/json", "application/jsonlines", lines)
    assert (kind, json.loads(body)["predictions"]) == ("application/json", labels)
    wrapped = {"instances": [{"features": row} for row in FLOWERS]}
    assert json.loads(asked("*/*", body=wrapped)[1])["predictions"] == labels


def test_a_texts_csv_is_quoted(frame_handler: Handler) -> None:
    """The labels of the DataFrame's model are texts."""
    rows = PEOPLE.astype(object).where(PEOPLE.notna(), None).to_dict(orient="records")
    headers = {"content-type": "application/json", "accept": "text/csv"}
    event = sent("POST", "/invocations", {"instances": rows}, headers=headers)
    body = frame_handler(event, CONTEXT)["body"]
    estimator = joblib.load(bundle_of(FRAME).path / "model.joblib")
    found = pd.read_csv(io.StringIO(body), header=None)[0].tolist()
    assert found == estimator.predict(PEOPLE).tolist()


def test_values_of_a_csv_are_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts, booleans, gaps and several outputs; other letters than ASCII name their charset."""
    monkeypatch.syspath_prepend(str(ROOT / "image_template"))
    table = importlib.import_module("endpoint.formats.answers").table
    found = table(["Köln, West", 'a "b"', None, True, 0.1, [1, "x"]])
    assert found.content_type == "text/csv; charset=utf-8"
    assert list(csv_module.reader(io.StringIO(found.body))) == [
        ["Köln, West"],
        ['a "b"'],
        [""],
        ["true"],
        ["0.1"],
        ["1", "x"],
    ]
    assert table(["Ulm"]).content_type == "text/csv"
