"""The Parquet that the image writes, as pandas reads it."""

import gc
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.image.test_batch import Case
from tests.image.test_batch_parquet import TIME, parquet, rows
from tests.support.batches import image_of
from tests.support.models import COMPILED, FRAME, bundle_of, handler_of, task_of

Handler = Callable[[Any, Any], Any]


@pytest.fixture(scope="module")
def handler(tmp_path_factory: pytest.TempPathFactory) -> Handler:
    task = task_of(bundle_of(FRAME, COMPILED), tmp_path_factory.mktemp("task") / "task")
    return handler_of(task, "POST /predict")


@pytest.fixture(scope="module")
def image(handler: Handler) -> SimpleNamespace:
    return image_of(handler, "parquet_writing", "arrow_values")


@pytest.fixture
def case(handler: Handler, image: SimpleNamespace, tmp_path: Path) -> Case:
    return Case(handler, image, tmp_path)


def test_parts_are_alike(case: Case) -> None:
    """Kept columns have their own types, also where all values are missing; rows are in order."""
    more = {
        "when": pl.Series([None] * 4 + [TIME] * 2), "n": pl.Series(range(6), dtype=pl.UInt8),
        "kind": pl.Series(["a", "b", "c", "d", "e", "f"], dtype=pl.Categorical),
    }  # fmt: skip
    raw = parquet(rows(6, plan=["plus"] * 5 + ["gold"], **more), row_group_size=1)
    starts = [c["start"] for c in _cuts(raw)]
    case.plan(raw, format="parquet", cuts=tuple(starts[1:]), output="parquet",
              columns=["id", "when", "n", "kind"])  # fmt: skip
    assert case.run()["errors"] == 1
    parts = sorted(case.output.glob("part-*.parquet"))
    schemas = [pa.parquet.read_schema(part) for part in parts]
    assert len(parts) == 5
    assert all(one.equals(schemas[0]) for one in schemas)
    assert [str(kind) for kind in schemas[0].types[1:3]] == ["timestamp[us]", "uint8"]
    frame = pd.concat(map(pd.read_parquet, parts))
    assert frame["id"].tolist() == [f"r{n}" for n in range(5)]
    assert frame["n"].tolist() == list(range(5))
    assert frame["kind"].tolist() == list("abcde")
    assert frame["release"].unique().tolist() == [""]
    assert list(frame.columns[4:]) == [
        "prediction_class_label", "prediction_class_name", "prediction_probabilities_no",
        "prediction_probabilities_yes", "warnings", "release",
    ]  # fmt: skip


def _cuts(raw: bytes) -> Iterator[dict[str, int]]:
    """Yield the row groups' places, as Polars' rival says."""
    metadata = pa.parquet.ParquetFile(io.BytesIO(raw)).metadata
    for number in range(metadata.num_row_groups):
        columns = [metadata.row_group(number).column(n) for n in range(metadata.num_columns)]
        yield {"start": min(c.dictionary_page_offset or c.data_page_offset for c in columns)}


def _classes(labels: list[Any]) -> dict[str, Any]:
    return {"classes": labels, "class_names": list(map(str, labels))}


ANSWERS: dict[str, tuple[dict[str, Any], list[dict[str, Any]], dict[str, str]]] = {
    "labels": (_classes([0, 1]), [{"class_label": 1, "class_name": "b"}] * 2, {}),
    "flags": (_classes([False, True]), [{"class_label": True, "class_name": "True"}], {}),
    "scores": (
        _classes([0.5, 1.5]),
        [{"class_label": 1.5, "class_name": "b", "decision_values": {"b": n}} for n in (1.5, -2)],
        {},
    ),
    "values": ({}, [{"value": 1}, {"value": 2.5}], {"prediction_value": "float64"}),
    "missing": ({}, [{"value": None}, {"value": None}], {"prediction_value": "float64"}),
    "clusters": ({}, [{"cluster": -1}], {"prediction_cluster": "int64"}),
    "outliers": ({}, [{"outlier": True, "score": 0.1}, {"outlier": False, "score": 1}], {}),
    "several values": ({}, [{"values": {"x": 1.0, "y z": 2}}], {}),
    "several classes": (
        {"outputs": [{"name": "o", **_classes([1, 2])}, {"name": "p", **_classes(["u"])}]},
        [{"outputs": {"o": {"class_label": 2, "class_name": "2", "probabilities": {"2": 0.5}},
                      "p": {"class_label": "u", "class_name": "u"}}}],
        {"prediction_outputs_o_class_label": "int64"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_columns_are_named_as_pandas_names_those_of_json_lines(
    name: str, image: SimpleNamespace
) -> None:
    """`json_normalize` of the lines gives the same frame, for every task's answers."""
    signature, answers, types = ANSWERS[name]
    stream = io.BytesIO()
    writer = image.parquet_writing.ParquetWriter(stream, "r", {"signature": signature})
    ids = image.arrow_values.ArrowColumn(pa.array(range(len(answers))))
    writer.write({"id": ids}, answers, [0] * len(answers))
    writer.finish()
    found = pd.read_parquet(stream)
    lines = [
        {"id": n, "prediction": one, "warnings": 0, "release": "r"} for n, one in enumerate(answers)
    ]
    wanted = pd.json_normalize(lines, sep="_").replace({None: float("nan")})
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_like=True)
    assert (found.columns[0], *found.columns[-2:]) == ("id", "warnings", "release")
    assert types.items() <= found.dtypes.astype(str).to_dict().items()


def test_the_answers_of_a_hook_are_json(image: SimpleNamespace) -> None:
    """They have any shape; one that isn't JSON is an error of its row alone."""
    stream = io.BytesIO()
    facts = {"signature": {}, "hooks": {"module": "m", "postprocess": True}}
    writer = image.parquet_writing.ParquetWriter(stream, "r", facts)
    answers: list[dict[str, Any]] = [{"a": [1]}, {"b": float("nan")}, {"c": None}]
    column = image.arrow_values.ArrowColumn(pa.array(["x", "y", "z"]))
    failed = writer.write({"id": column}, answers, [0, 1, 2])
    writer.finish()
    assert failed == {1: "the prediction isn't valid JSON"}
    frame = pd.read_parquet(stream)
    assert frame["id"].tolist() == ["x", "z"]
    assert frame["warnings"].tolist() == [0, 2]
    assert list(map(json.loads, frame["prediction"])) == [{"a": [1]}, {"c": None}]


def test_a_chunk_that_ends_early_leaves_nothing_open(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many errors after some predictions: pyarrow's writer fails if its stream ends first."""
    frame = rows(20, plan=["plus"] * 15 + ["gold"] * 5)
    case.plan(parquet(frame), format="parquet", output="parquet", max_errors=2)
    ignored: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", ignored.append)
    assert case.send("batch", chunk=case.chunks[0])["stopped"]
    gc.collect()
    assert ignored == []
    assert not list(case.output.glob("part-*"))


def test_a_kept_column_with_the_name_of_another_is_refused(case: Case) -> None:
    """Only the model knows the names of its predictions."""
    name = "prediction_probabilities_yes"
    case.plan(parquet(rows(1, **{name: [1]})), format="parquet", output="parquet", columns=[name])
    with pytest.raises(Exception, match="two columns 'prediction_probabilities_yes'"):
        case.run()
