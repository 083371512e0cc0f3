"""Missing values that clients of V2 write as texts: refused where a model would take them for new.

Source: tritonclient 2.73, `serialize_byte_tensor` and `InferInput.set_data_from_numpy`, which call
`str` on every object of an array that isn't bytes. NumPy's own conversion to text does the same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from tests.image.test_v2_binary import described, of_frame, outputs, sent, texts
from tests.support.events import answered, http, routed
from tests.support.models import FRAME, bundle_of
from tests.support.people import PEOPLE
from tests.support.signatures import Keeper, served

Handler = Callable[[Any, Any], Any]
INFER = "POST /v2/models/predict/infer"
HINT = "probably a missing value that the client wrote as text; "
TOWN = {"name": "town", "dtype": "string", "storage": "object"}
KNOWN = ["Bonn", "Ulm"]


def written(values: list[Any]) -> list[str]:
    """Return the texts that NumPy makes of objects."""
    found: list[str] = np.array(values, dtype=object).astype(str).tolist()
    return found


def in_bytes(name: str, values: list[Any]) -> tuple[dict[str, Any], bytes]:
    raw = texts(*written(values))
    return described(name, "BYTES", [len(values)], len(raw)), raw


def in_json(name: str, values: list[Any]) -> tuple[dict[str, Any], bytes]:
    data = written(values)
    return {"name": name, "datatype": "BYTES", "shape": [len(data)], "data": data}, b""


def with_column(made: tuple[dict[str, Any], bytes]) -> list[tuple[dict[str, Any], bytes]]:
    """Return the tensors of PEOPLE, one of them replaced."""
    return [made if one["name"] == made[0]["name"] else (one, raw) for one, raw in of_frame(PEOPLE)]


@pytest.mark.parametrize("tensor", [in_bytes, in_json])
@pytest.mark.parametrize(
    ("gap", "text"), [(None, "None"), (np.nan, "nan"), (pd.NA, "<NA>"), (pd.NaT, "NaT")]
)
def test_a_missing_value_as_text_is_refused(
    frame_handler: Handler, gap: Any, text: str, tensor: Any
) -> None:
    """In an open column with known values; the row, the column and the text are named."""
    made = tensor("city", ["Ulm", gap, "Köln"])
    status, problem = sent(frame_handler, *with_column(made))
    got = f"{text!r}, {HINT}the column had no missing values in training"
    assert status == 422
    assert problem["errors"] == [
        {"row": 1, "column": "city", "expected": "a known value", "got": got}
    ]
    assert problem["error"] == f"row 1, 'city': expected a known value, got {got}"


def test_a_closed_column_still_lists_its_values(frame_handler: Handler) -> None:
    """What was expected is that of every format."""
    status, problem = sent(frame_handler, *with_column(in_bytes("plan", ["plus", "basic", None])))
    assert status == 422
    assert f"row 2, 'plan': expected one of 'basic', 'plus', got 'None', {HINT}" in problem["error"]


def test_free_text_is_taken_as_it_is(frame_handler: Handler) -> None:
    """Without known values nothing tells a text from a gap: the estimator gets the text."""
    status, answer = sent(frame_handler, *with_column(in_bytes("note", [None, "b", np.nan])))
    people = PEOPLE.assign(note=["None", "b", "nan"])
    estimator = joblib.load(bundle_of(FRAME).path / "model.joblib")
    assert status == 200, answer
    assert outputs(answer)["predict"] == estimator.predict(people).tolist()


def test_other_formats_take_the_text(frame_handler: Handler) -> None:
    """JSON has null, so a text is meant as a text; the model's encoder ignores unknown ones."""
    people = PEOPLE.assign(city=["Ulm", "None", "nan"])
    rows = people.astype(object).where(people.notna(), None).to_dict("records")
    status, answer = answered(frame_handler, http({"instances": rows}))
    estimator = joblib.load(bundle_of(FRAME).path / "model.joblib")
    assert status == 200, answer
    assert [one["class_label"] for one in answer["predictions"]] == list(estimator.predict(people))


def infer(handler: Handler, values: list[Any], datatype: str = "BYTES") -> tuple[int, Any]:
    tensor = {"name": "town", "datatype": datatype, "shape": [len(values)], "data": values}
    return answered(handler, routed(INFER, {"inputs": [tensor]}))


def test_null_is_what_to_send_instead(tmp_path: Path) -> None:
    """The message says so if the column may be missing, and null reaches the model as None."""
    feature = {**TOWN, "nullable": True, "missing": "none", "categories": KNOWN}
    handler = served(tmp_path, [feature], ["Ulm"])
    status, problem = infer(handler, ["Ulm", "None"])
    assert (status, f"got 'None', {HINT}send null in JSON" in problem["error"]) == (422, True)
    assert infer(handler, ["Ulm", None])[0] == 200
    assert Keeper.seen[0]["town"].tolist() == ["Ulm", None]


def test_a_value_of_training_is_no_missing_value(tmp_path: Path) -> None:
    """A town may be called "None", though not "nan"."""
    handler = served(tmp_path, [{**TOWN, "categories": ["None", "Ulm"]}], ["Ulm"])
    assert infer(handler, ["None", "Ulm"])[0] == 200
    assert Keeper.seen[0]["town"].tolist() == ["None", "Ulm"]
    assert infer(handler, ["None", "nan"])[0] == 422


def test_unpublished_values_stay_unpublished(tmp_path: Path) -> None:
    """A closed column whose values clients may not read is checked without listing them."""
    private = {"town": {"categories": KNOWN, "listed": False}}
    handler = served(tmp_path, [{**TOWN, "closed": True}], ["Ulm"], columns=private)
    status, problem = infer(handler, ["Ulm", "<NA>"])
    assert (status, HINT in problem["error"]) == (422, True)
    assert "not listed" in problem["error"]
    assert not any(value in str(problem) for value in KNOWN)


def test_a_time_that_is_missing_is_named(tmp_path: Path) -> None:
    """NaT was never a time; the message says where it comes from."""
    feature = {**TOWN, "dtype": "datetime", "storage": "datetime64[ns]", "nullable": True}
    handler = served(tmp_path, [feature], ["2026-05-01"])
    status, problem = infer(handler, ["2026-05-01", "NaT"])
    assert (status, f"got 'NaT', {HINT}send null in JSON" in problem["error"]) == (422, True)


def test_at_most_twenty_are_reported(frame_handler: Handler) -> None:
    """As of every other mistake."""
    tensors = of_frame(pd.concat([PEOPLE] * 10, ignore_index=True))
    made = in_bytes("city", [None] * 30)
    tensors = [made if one["name"] == "city" else (one, raw) for one, raw in tensors]
    status, problem = sent(frame_handler, *tensors)
    assert (status, len(problem["errors"])) == (422, 20)
