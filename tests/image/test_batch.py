"""Batch jobs in the image: what a row gets, and what stops a chunk or a job."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.batches import COLUMNS, image_of
from tests.support.models import COMPILED, FRAME, bundle_of, handler_of, task_of

Handler = Callable[[Any, Any], Any]

ROW = {"age": 30, "weight": 61.5, "smoker": False, "city": "Bonn", "plan": "plus", "note": "x"}
HEADER = "id," + ",".join(COLUMNS)
GOOD = "a,30,61.5,false,Bonn,plus,x"


@pytest.fixture(scope="module")
def handler(tmp_path_factory: pytest.TempPathFactory) -> Handler:
    task = task_of(bundle_of(FRAME, COMPILED), tmp_path_factory.mktemp("task") / "task")
    found = handler_of(task, "POST /predict")
    assert not [name for name in sys.modules if name.startswith("endpoint.batch")]
    return found


@pytest.fixture(scope="module")
def image(handler: Handler) -> SimpleNamespace:
    return image_of(handler)


class Case:
    """A job on one file, with its events sent to the handler as Lambda does."""

    def __init__(self, handler: Handler, image: SimpleNamespace, folder: Path) -> None:
        self._handler, self.model = handler, image.model.facts["model"]["sha256"]
        self.file, self.output = folder / "in.csv", folder / "out"
        (self.output / "_job").mkdir(parents=True)

    def plan(self, content: bytes, *, cuts: tuple[int, ...] = (), **more: Any) -> None:
        """Write the file and the job."""
        kind = more.pop("format", "csv")
        self.file.write_bytes(content)
        facts = self.file.stat()
        etag, size = f"{facts.st_mtime_ns}-{facts.st_size}", len(content)
        file = {"uri": str(self.file), "etag": etag, "size": size, "format": kind}
        ends = [*cuts, size]
        chunks = [
            {"part": f"part-{n:05}-0000000{n}", "file": file, "start": start, "end": end}
            for n, (start, end) in enumerate(zip([0, *cuts], ends, strict=True))
        ]
        self.save(chunks, **more)

    def save(self, chunks: list[dict[str, Any]], **more: Any) -> None:
        """Write the documents of a job."""
        import hashlib

        self.chunks = chunks
        raw = "".join(f"{json.dumps(one)}\n" for one in chunks).encode()
        (self.output / "_job/chunks.jsonl").write_bytes(raw)
        digest = hashlib.sha256(raw).hexdigest()
        job = {"format": 1, "release": "", "model_sha256": self.model, "columns": ["id"]}
        job |= {"output": "jsonl", "max_errors": 1000, "chunks_sha256": digest, **more}
        (self.output / "_job/job.json").write_text(json.dumps(job))

    def send(self, kind: str, **more: Any) -> dict[str, Any]:
        """Send an event."""
        event = {"mldeploy": kind, "output": f"{self.output}/", **more}
        found: dict[str, Any] = self._handler(event, None)
        return found

    def run(self) -> dict[str, Any]:
        """Score what is left until nothing is, and return the last counts."""
        while (found := self.send("batch-gather"))["again"]:
            for line in (self.output / found["chunks"]).read_text().splitlines():
                self.send("batch", chunk=json.loads(line))
        return found

    def rows(self, pattern: str = "part-*") -> list[dict[str, Any]]:
        """Return the lines of the output."""
        files = sorted(self.output.glob(pattern))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def reasons(self) -> list[tuple[int, str]]:
        """Return the errors."""
        return [(one["row"], one["reason"]) for one in self.rows("errors/part-*")]


@pytest.fixture
def case(handler: Handler, image: SimpleNamespace, tmp_path: Path) -> Case:
    return Case(handler, image, tmp_path)


TEXTS = {
    "age": ("30", " 31 ", "+32", "-1", "33.0", "3e1", "30.5", "1_0", "٣", "", "9007199254740993",
            "9e18", "1e30", "0x1", "old", "199"),
    "weight": ("61.5", "61.", ".5", "5e1", "-.5E-1", " 61 ", "", "nan", "inf", "1e400", "1_0",
               "1e39", "0x10", "6,5", "e", "9" * 500),
    "smoker": ("true", "True", "FALSE", "", "yes", "1"),
    "city": ("Bonn", "", "Köln", "Paris", 'a "b"', "x,y"),
    "plan": ("plus", "basic", "gold", "", " plus"),
}  # fmt: skip


def _rows() -> Iterator[dict[str, str]]:
    for name, texts in TEXTS.items():
        for text in texts:
            row = dict(zip(COLUMNS, GOOD.split(",")[1:], strict=True))
            yield {**row, name: text}


def _table(rows: list[dict[str, str]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, ["id", *COLUMNS])
    writer.writeheader()
    writer.writerows({"id": f"r{number}", **row} for number, row in enumerate(rows))
    return stream.getvalue().encode()


def _alone(handler: Handler, row: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the endpoint's answer to a request with one row."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([row.keys(), row.values()])
    body = stream.getvalue() if kind == "text/csv" else json.dumps({"instances": [row]})
    http = {"http": {"method": "POST", "path": "/predict"}, "stage": "$default"}
    event = {
        "version": "2.0",
        "routeKey": "POST /predict",
        "rawPath": "/predict",
        "headers": {"content-type": kind},
        "requestContext": http,
        "body": body,
        "isBase64Encoded": False,
    }
    answer = handler(event, None)
    found: dict[str, Any] = json.loads(answer["body"])
    return found


def _expected(handler: Handler, rows: list[dict[str, Any]], kind: str) -> tuple[Any, Any]:
    """Return what the endpoint says of each row alone: predictions and reasons."""
    answers = [_alone(handler, row, kind) for row in rows]
    fine = {
        f"r{number}": (answer["predictions"][0], len(answer.get("warnings", [])))
        for number, answer in enumerate(answers)
        if "predictions" in answer
    }
    refused = [
        (number, answer["detail"].removeprefix("row 0, ").removeprefix("row 0: "))
        for number, answer in enumerate(answers)
        if "predictions" not in answer
    ]
    return fine, refused


def _matches(case: Case, expected: tuple[Any, Any]) -> None:
    fine, refused = expected
    found = {row["id"]: row for row in case.rows()}
    assert case.reasons() == refused
    assert list(found) == list(fine)
    for name, (answer, warnings) in fine.items():
        prediction = found[name]["prediction"]
        assert prediction["class_label"] == answer["class_label"], name
        assert prediction["probabilities"] == pytest.approx(answer["probabilities"]), name
        assert found[name]["warnings"] == warnings, name
        assert found[name]["release"] == ""


@pytest.mark.parametrize("alone", [False, True])
def test_a_row_of_a_csv_gets_what_a_request_with_it_gets(
    case: Case, handler: Handler, *, alone: bool
) -> None:
    """The same prediction and count of warnings, or the same reason, for each spelling.

    Fields are read in bulk if all of a block are valid: here they are read together, or alone.
    """
    rows = list(_rows())
    assert len(rows) > 45
    table = _table(rows)
    cuts = range(1, len(table)) if alone else (500, 1000)
    case.plan(table, cuts=tuple(at for at in cuts if table[at - 1 : at] == b"\n" or not alone))
    case.run()
    _matches(case, _expected(handler, rows, "text/csv"))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_without_errors_is_read_as_one_with_them(
    name: str, case: Case, handler: Handler
) -> None:
    """Columns are read in bulk, unless a field is wrong; both give what the endpoint gives."""
    usual = dict(zip(COLUMNS, GOOD.split(",")[1:], strict=True))
    rows = [row for row in _rows() if row[name] != usual[name]]
    fine, _ = _expected(handler, rows, "text/csv")
    rows = [rows[int(one[1:])] for one in fine]
    if rows:
        case.plan(_table(rows))
        case.run()
        _matches(case, _expected(handler, rows, "text/csv"))


VALUES = (
    ROW, {**ROW, "age": 31.0}, {**ROW, "age": "31"}, {**ROW, "age": 30.5}, {**ROW, "age": True},
    {**ROW, "weight": None}, {**ROW, "weight": 7}, {**ROW, "weight": 1e300}, {**ROW, "age": None},
    {**ROW, "smoker": 1}, {**ROW, "city": "Paris"}, {**ROW, "city": 5}, {**ROW, "plan": "gold"},
    {**ROW, "plan": None}, {**ROW, "note": "\ud800"}, {**ROW, "city": ["Bonn"]}, {**ROW, "age": {}},
)  # fmt: skip


def test_a_row_of_json_lines_gets_what_a_request_with_it_gets(case: Case, handler: Handler) -> None:
    """The same prediction and count of warnings, or the same reason, for each type."""
    lines = (json.dumps({"id": f"r{number}", **row}) for number, row in enumerate(VALUES))
    case.plan("\n".join(lines).encode(), cuts=(300, 301, 700), format="jsonl")
    case.run()
    _matches(case, _expected(handler, list(VALUES), "application/json"))


def test_lines_of_other_shapes(case: Case) -> None:
    """Lists and SageMaker's objects are rows; a line that isn't JSON or UTF-8 is an error."""
    values = list(ROW.values())
    lines = [json.dumps(values), json.dumps({"features": values}), "{", "[1]", "5", "", "  "]
    raw = "\n".join(lines).encode() + b'\n{"age": "\xff"}\n'
    case.plan(raw, format="jsonl")
    assert case.run()["rows"] == 6
    assert [row["id"] for row in case.rows()] == [None, None]
    assert [row for row, _ in case.reasons()] == [2, 3, 4, 5]
    assert case.reasons()[3] == (5, "the line isn't UTF-8")


def test_lines_that_are_not_rows(case: Case) -> None:
    """A line of another length, with a stray quotation mark or not in UTF-8 is one error."""
    lines = [HEADER, GOOD, "a,30", '"a"b,30,1,true,Bonn,plus,x', GOOD]
    case.plan("\n".join(lines).encode() + b"\n\xff,30,1,true,Bonn,plus,x\n", cuts=(60, 90))
    assert case.run() == {"again": 0, "rows": 5, "errors": 3, "warned": 0, "done": 3, "parts": 3}
    assert [row for row, _ in case.reasons()] == [1, 2, 4]
    assert case.reasons()[0][1] == "expected 7 values, got 2"
    assert case.reasons()[2][1] == "the line isn't UTF-8"


def test_a_file_without_a_header(case: Case) -> None:
    """Rows in the order of training are recognized as the endpoint does, also from any chunk."""
    row = GOOD.partition(",")[2]
    case.plan(f"{row}\n{row}\n{row}\n".encode(), cuts=(len(row) + 1,), columns=[])
    assert case.run()["rows"] == 3
    assert len(case.rows()) == 3


FILES = {
    "gzip": (gzip.compress(b"a"), "compressed with gzip"),
    "utf-16": (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "UTF-16"),
    "no column": (b"id,age\n1,2\n", "'weight': expected a value, got nothing"),
    "misspelt": (f"{HEADER.replace('weight', 'Weight')}\n".encode(), "did you mean 'weight'"),
    "not kept": (f"{HEADER}\n{GOOD}\n".replace("id,", "key,").encode(), "no column 'id'"),
    "twice": (f"id,{HEADER}\na,{GOOD}\n".encode(), "'id' twice"),
    "no header": (b"x,y\n1,2\n", "no header"),
    "open quote": (f'{HEADER}\n{GOOD}\n"{GOOD}\n{GOOD}\n'.encode(), "opens in line 2"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_scored(name: str, case: Case) -> None:
    """The chunk fails with the file and the reason, and nothing is written."""
    content, reason = FILES[name]
    case.plan(content)
    with pytest.raises(Exception, match=reason) as raised:
        case.run()
    assert type(raised.value).__name__ == "InputError"
    assert str(case.file) in str(raised.value)
    assert not list(case.output.glob("part-*"))
    assert not (case.output / "_SUCCESS").exists()


def test_an_input_that_has_changed(case: Case) -> None:
    """It isn't scored: the parts of the old one would not fit."""
    case.plan(f"{HEADER}\n{GOOD}\n".encode())
    case.file.write_text(f"{HEADER}\n{GOOD}\n{GOOD}\n")
    with pytest.raises(Exception, match="has changed"):
        case.run()
    case.file.unlink()
    with pytest.raises(Exception, match="doesn't exist any more"):
        case.run()


def test_a_part_that_is_gone_or_cut_is_made_again(case: Case) -> None:
    """A record alone proves nothing, for example after files were deleted."""
    case.plan(f"{HEADER}\n{GOOD}\n{GOOD}\n{GOOD}\n".encode(), cuts=(80,))
    for chunk in case.chunks:
        case.send("batch", chunk=chunk)
    first, second = sorted(case.output.glob("part-*"))
    whole = first.read_bytes(), second.read_bytes()
    first.unlink()
    second.write_bytes(whole[1][:-5])
    assert case.run()["rows"] == 3
    assert (first.read_bytes(), second.read_bytes()) == whole


def test_too_many_errors_stop_the_job_and_a_higher_limit_continues_it(case: Case) -> None:
    """The reasons can be read meanwhile; good parts stay."""
    bad = GOOD.replace("30", "old")
    content = f"{HEADER}\n{GOOD}\n{bad}\n{bad}\n{bad}\n{GOOD}\n".encode()
    case.plan(content, cuts=(len(content) - 10,), max_errors=2)
    with pytest.raises(Exception, match="3 or more rows") as raised:
        case.run()
    assert type(raised.value).__name__ == "TooManyErrorsError"
    assert len(case.rows("_job/errors/*")) == 3
    case.plan(content, cuts=(len(content) - 10,), max_errors=3)
    assert case.run()["errors"] == 3
    assert len(case.rows()) == 2


def test_errors_count_over_all_chunks(case: Case) -> None:
    """No chunk alone has too many."""
    bad = GOOD.replace("30", "old")
    case.plan(f"{HEADER}\n{bad}\n{bad}\n{bad}\n{bad}".encode(), cuts=(60, 90, 120), max_errors=3)
    with pytest.raises(Exception, match="4 or more rows"):
        case.run()
    assert not (case.output / "_SUCCESS").exists()


def test_a_job_of_another_release_is_refused(case: Case) -> None:
    """The parts of one output are of one model."""
    case.plan(f"{HEADER}\n{GOOD}\n".encode(), release="other")
    with pytest.raises(Exception, match="of release other"):
        case.run()
    case.plan(f"{HEADER}\n{GOOD}\n".encode(), model_sha256="0" * 64)
    with pytest.raises(Exception, match="of release"):
        case.run()
    case.plan(f"{HEADER}\n{GOOD}\n".encode(), format="csv", chunks_sha256="0")
    with pytest.raises(RuntimeError, match="list of this job's chunks"):
        case.run()


class Failing:
    """A predictor that fails if a row has the age 13, and predicts NaN for 14."""

    def __init__(self, predictor: Any) -> None:
        self._predictor, self.calls = predictor, 0

    def predict(self, rows: list[list[Any]]) -> list[dict[str, Any]]:
        """Predict."""
        self.calls += 1
        if any(row[0] == 13 for row in rows):
            raise ValueError("secret 13")
        answers: list[dict[str, Any]] = self._predictor.predict(rows)
        return [
            {"value": float("nan")} if row[0] == 14 else answer
            for row, answer in zip(rows, answers, strict=True)
        ]


def test_a_row_for_which_the_model_fails_is_an_error(case: Case, image: SimpleNamespace) -> None:
    """The others get their predictions; the library's text, which may quote rows, is left out."""
    ages = [13 if n in {3, 50} else 14 if n == 70 else 30 for n in range(100)]
    rows = [f"r{n},{age},61.5,false,Bonn,plus,x" for n, age in enumerate(ages)]
    case.plan("\n".join([HEADER, *rows]).encode())
    job = json.loads((case.output / "_job/job.json").read_text())
    failing = Failing(image.model.predictor)
    model = replace(image.model, predictor=failing)
    store = image.stores.LocalStore(case.output)
    image.inside(lambda: image.scoring.score(job, case.chunks[0], store, model), None)
    assert case.send("batch-gather")["errors"] == 3
    failed = "the prediction failed: ValueError"
    assert case.reasons() == [(3, failed), (50, failed), (70, "the prediction isn't valid JSON")]
    assert [row["id"] for row in case.rows()] == [
        f"r{n}" for n in range(100) if n not in {3, 50, 70}
    ]
    assert failing.calls < 40


def test_the_values_of_kept_columns_stay_as_they_are(case: Case) -> None:
    """Leading zeros of a CSV, and values of JSON."""
    case.plan(f"{HEADER}\n007{GOOD[1:]}\n".encode(), columns=["id", "age", "note"])
    case.run()
    (row,) = case.rows()
    assert [row["id"], row["age"], row["note"]] == ["007", "30", "x"]
    assert list(row) == ["id", "age", "note", "prediction", "warnings", "release"]


def test_errors_of_lines_inside_a_field_do_not_count(case: Case) -> None:
    """A chunk that begins inside a quoted field finds rows that are none."""
    note = '"' + "\n".join(f"{n},text" for n in range(30)) + '"'
    content = f"{HEADER}\n{GOOD[:-1]}{note}\n{GOOD}\n".encode()
    case.plan(content, cuts=(120, len(content) - 50), max_errors=0)
    assert case.run()["rows"] == 2
    assert len(case.rows()) == 2


def test_the_parts_of_an_output_are_those_of_its_job(case: Case) -> None:
    """Also those that a file has lost that is read as a whole, and a killed job wrote late."""
    (case.output / "part-00000-mine.txt").write_text("mine")
    (case.output / "part-00009-abcdefab.jsonl").write_text("of a process that outlived its job")
    broken = f'{HEADER}\n{GOOD}\n{GOOD}\n{GOOD[:-1]}"x\ny"\n{GOOD}\n'
    case.plan(broken.encode(), cuts=(60, broken.index('"x\n') + 3))
    assert case.run()["rows"] == 4
    names = sorted(path.name for path in case.output.glob("part-*"))
    assert (len(names), names[1]) == (2, "part-00000-mine.txt")
