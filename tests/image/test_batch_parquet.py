"""Parquet in the image: what a value becomes, what is read, and what is refused.

Polars writes the files, which has its own Parquet; pandas reads the parts.
"""

import io
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.image.test_batch import ROW, Case, _alone
from tests.support.batches import image_of
from tests.support.models import COMPILED, FRAME, bundle_of, handler_of, task_of

Handler = Callable[[Any, Any], Any]


@pytest.fixture(scope="module")
def handler(tmp_path_factory: pytest.TempPathFactory) -> Handler:
    task = task_of(bundle_of(FRAME, COMPILED), tmp_path_factory.mktemp("task") / "task")
    return handler_of(task, "POST /predict")


@pytest.fixture(scope="module")
def image(handler: Handler) -> SimpleNamespace:
    return image_of(handler, "parquet_file", "parquet_writing", "arrow_values")


@pytest.fixture
def case(handler: Handler, image: SimpleNamespace, tmp_path: Path) -> Case:
    return Case(handler, image, tmp_path)


def parquet(frame: pl.DataFrame, **style: Any) -> bytes:
    """Return a file."""
    stream = io.BytesIO()
    frame.write_parquet(stream, **style)
    return stream.getvalue()


def rows(count: int, **more: Any) -> pl.DataFrame:
    """Return rows that fit the model, with other values in some columns."""
    usual = {name: [value] * count for name, value in ROW.items()}
    return pl.DataFrame({"id": [f"r{n}" for n in range(count)], **usual, **more})


TIME = datetime(2026, 5, 1, 13, 45, 0, 120_000)  # noqa: DTZ001 - a column without a zone
VALUES: dict[str, tuple[Any, list[Any]]] = {
    "uint64": (pl.Series([2**64 - 1, None, 0], dtype=pl.UInt64), [2**64 - 1, None, 0]),
    "int8": (pl.Series([-128, None], dtype=pl.Int8), [-128, None]),
    "float64": (pl.Series([0.1, None, float("nan"), 2**53 + 2.0]), [0.1, None, None, 2**53 + 2.0]),
    "float32": (
        pl.Series([0.1, None, float("nan")], dtype=pl.Float32), [0.10000000149011612, None, None],
    ),
    "float16": (pa.array(np.array([0.5, np.nan], "f2")), [0.5, None]),
    "bool": (pl.Series([True, None, False]), [True, None, False]),
    "string": (pl.Series(["Köln ☃", None, ""]), ["Köln ☃", None, ""]),
    "large": (pa.array(["a", None], pa.large_string()), ["a", None]),
    "category": (pl.Series(["b", None, "a"], dtype=pl.Categorical), ["b", None, "a"]),
    "pandas category": (
        pa.Array.from_pandas(pd.Categorical([7, None, 5], categories=[5, 7])), [7, None, 5],
    ),
    "null": (pa.nulls(2), [None, None]),
    "decimal": (
        pl.Series([Decimal("12.30"), None], dtype=pl.Decimal(38, 2)), [12.3, None],
    ),
    "whole decimal": (
        pl.Series([Decimal(10**20), None], dtype=pl.Decimal(38, 0)), [10**20, None],
    ),
    "date": (pl.Series([date(1969, 12, 31), None]), ["1969-12-31", None]),
    "time in us": (pl.Series([TIME, None]), ["2026-05-01T13:45:00.120000", None]),
    "time in ns": (
        pl.Series([TIME], dtype=pl.Datetime("ns")), ["2026-05-01T13:45:00.120000000"],
    ),
    "zoned": (
        pl.Series([TIME.replace(tzinfo=UTC), None], dtype=pl.Datetime("ms", "Europe/Berlin")),
        ["2026-05-01T13:45:00.120Z", None],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_what_json_has(name: str, image: SimpleNamespace) -> None:
    """Null and NaN are missing, a float32 is the float that it is, a time is ISO 8601."""
    given, wanted = VALUES[name]
    stream = io.BytesIO()
    if isinstance(given, pl.Series):
        pl.DataFrame({"c": given}).write_parquet(stream)
    else:
        pa.parquet.write_table(pa.table({"c": given}), stream)
    raw = stream.getvalue()
    feature = {"name": "c", "dtype": "string"}
    reader = image.parquet_file.ParquetFile(
        lambda start, end: raw[start:end], len(raw), (0, len(raw)), [feature], ["c"]
    )
    (block,) = reader.blocks()
    (found,) = block.columns
    assert (found, list(map(type, found))) == (wanted, list(map(type, wanted)))
    assert list(block.kept["c"]) == wanted


def test_a_row_gets_what_a_request_with_it_gets(case: Case, handler: Handler) -> None:
    """The same prediction and count of warnings, or the same reason with the row's number."""
    frame = rows(
        6,
        age=pl.Series([30, 31, 199, None, 30, 30], dtype=pl.Int16),
        weight=pl.Series([61.5, float("nan"), None, 1.0, float("inf"), 0.1], dtype=pl.Float32),
        plan=["plus", "basic", "plus", "plus", "basic", "gold"],
    )
    case.plan(parquet(frame, row_group_size=2), format="parquet", cuts=(100, 800), output="jsonl")
    case.run()
    asked = [
        {k: None if v != v else v for k, v in row.items() if k != "id"}  # noqa: PLR0124 - NaN
        for row in frame.to_dicts()
    ]
    asked[4]["weight"] = 1e999
    answers = [_alone(handler, row, "application/json") for row in asked]
    fine = [n for n, answer in enumerate(answers) if "predictions" in answer]
    found = {one["id"]: one for one in case.rows()}
    assert list(found) == [f"r{n}" for n in fine] == ["r0", "r1", "r2"]
    for number in fine:
        told = answers[number]["predictions"][0]["probabilities"]
        assert found[f"r{number}"]["prediction"]["probabilities"] == pytest.approx(told)
        assert found[f"r{number}"]["warnings"] == len(answers[number].get("warnings", ()))
    assert [number for number, _ in case.reasons()] == [3, 4, 5]
    for number, reason in case.reasons():
        if number != 4:  # JSON has no infinity
            assert answers[number]["detail"] == f"row 0, {reason}"


def test_a_chunk_reads_its_row_groups_and_the_models_columns(image: SimpleNamespace) -> None:
    """Neither the other groups nor the columns that nobody asks for."""
    noise = np.random.default_rng(0).random((4000, 5))
    names = ["a", "b", "c", "big", "bigger"]
    raw = parquet(pl.DataFrame(noise, names), row_group_size=1000, compression="uncompressed")
    pieces: list[tuple[int, int]] = []

    def read(start: int, end: int) -> bytes:
        pieces.append((start, end))
        return raw[start:end]

    features = [{"name": name, "dtype": "number"} for name in "ab"]
    reader = image.parquet_file.ParquetFile(read, len(raw), (0, 70_000), features, ["c"])
    found = [value for block in reader.blocks() for value in block.columns[1]]
    assert found == noise[: len(found), 1].tolist()
    assert len(found) == 2000
    # After the file's end, three of five columns of two groups with one read each.
    assert len(pieces) == 3
    assert sum(end - start for start, end in pieces[1:]) < 2 * 3 * 8 * 1000 * 1.05


def _begins(offsets: list[tuple[int | None, int]], image: SimpleNamespace) -> list[int]:
    """Return where the reader says that groups of one column begin in a file of 1,000 bytes."""
    columns = [SimpleNamespace(dictionary_page_offset=d, data_page_offset=p) for d, p in offsets]
    groups = [SimpleNamespace(num_columns=1, column=lambda _, one=one: one) for one in columns]
    metadata = SimpleNamespace(num_row_groups=len(groups), row_group=groups.__getitem__)
    found: list[int] = image.parquet_file._begins(metadata, 1000)
    return found


def test_groups_with_odd_offsets_still_belong_to_one_chunk_each(image: SimpleNamespace) -> None:
    """In the order of the rows: offsets of 0, of groups in another order, behind the end."""
    assert _begins([(None, 4), (100, 200), (0, 300)], image) == [4, 100, 300]
    assert _begins([(0, 0), (None, 500), (None, 4), (0, 5000)], image) == [0, 500, 500, 999]


GOOD = parquet(rows(100))
BINARY = parquet(rows(1, city=pl.Series([b"Bonn"])))
FILES: dict[str, tuple[bytes, str]] = {
    "a CSV": (b"id,age\n1,2\n", "isn't Parquet"),
    "a mark alone": (b"PAR1", "incomplete"),
    "incomplete": (GOOD[:-10], "incomplete"),
    "encrypted": (GOOD[:-4] + b"PARE", "encrypted"),
    "a damaged footer": (GOOD[:-60] + b"\xff" * 52 + GOOD[-8:], "pyarrow can't read"),
    "damaged pages": (GOOD[:4] + b"\xff" * 300 + GOOD[304:], "pyarrow can't read"),
    "no column": (parquet(rows(1).drop("weight")), "'weight': expected a value, got nothing"),
    "misspelt": (parquet(rows(1).rename({"weight": "Weight"})), "did you mean 'weight'"),
    "not kept": (parquet(rows(1).rename({"id": "key"})), "no column 'id', which the job keeps"),
    "a type": (BINARY, "'city' has the type (large_)?binary"),
    "a kept type": (parquet(rows(1, id=[[1]])), "'id' has the type large_list"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_scored(name: str, case: Case) -> None:
    """The chunk fails with the file and the reason, and nothing is written."""
    content, reason = FILES[name]
    case.plan(content, format="parquet", output="parquet")
    with pytest.raises(Exception, match=reason) as raised:
        case.run()
    assert type(raised.value).__name__ == "InputError"
    assert str(case.file) in str(raised.value)
    assert not list(case.output.glob("part-*"))


def test_an_input_that_has_changed(case: Case) -> None:
    """The store's own error comes through pyarrow, also between footer and rows."""
    case.plan(parquet(rows(100_000, weight=np.random.default_rng(0).random(100_000))),
              format="parquet")  # fmt: skip
    case.file.write_bytes(GOOD)
    with pytest.raises(Exception, match="has changed") as raised:
        case.run()
    assert type(raised.value).__name__ == "InputError"


def test_an_error_of_the_store_between_footer_and_rows(image: SimpleNamespace) -> None:
    """It isn't taken for a damaged file."""
    raw = parquet(rows(100_000, weight=np.random.default_rng(0).random(100_000)))

    def read(start: int, end: int) -> bytes:
        if start < len(raw) // 2:
            raise PermissionError("S3 says no")
        return raw[start:end]

    feature = {"name": "weight", "dtype": "number"}
    reader = image.parquet_file.ParquetFile(read, len(raw), (0, len(raw)), [feature], [])
    with pytest.raises(PermissionError, match="S3 says no"):
        list(reader.blocks())


def test_without_pyarrow_the_reason_is_said(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The image has it if the project asks for it."""
    for name in ("endpoint.batch.parquet_file", "endpoint.batch.arrow_values"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    case.plan(GOOD, format="parquet", output="parquet")
    with pytest.raises(Exception, match="no pyarrow to read it with") as raised:
        case.run()
    assert type(raised.value).__name__ == "NoPyarrowError"


def test_a_sample_says_which_share_of_the_file_it_is(case: Case) -> None:
    """By rows: the file's first row group may be all of it."""
    frame = rows(50_000, weight=np.random.default_rng(0).random(50_000))
    case.plan(parquet(frame), format="parquet", output="parquet")
    found = case.send("batch", chunk={**case.chunks[0], "most_rows": 10_000})
    size = case.file.stat().st_size
    assert found["bytes_read"] == pytest.approx(size * found["rows"] / 50_000, abs=1)
    assert 10_000 <= found["rows"] < 20_000
