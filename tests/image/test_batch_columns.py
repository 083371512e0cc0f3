"""Columns that are checked in bulk, compared with the checks of single requests."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

FEATURES: dict[str, dict[str, Any]] = {
    "float64": {"dtype": "number", "storage": "float64", "minimum": 0.1, "maximum": 0.9},
    "float32": {"dtype": "number", "storage": "float32", "minimum": 0.1, "maximum": 0.9},
    "as float32": {
        "dtype": "number", "storage": "float32", "minimum": 0.10000000149011612, "maximum": 0.9
    },
    "float16": {"dtype": "number", "storage": "float16", "minimum": 0.1, "maximum": 0.9},
    "large": {"dtype": "number", "storage": "float64", "minimum": 0, "maximum": 2**53},
    "int64": {"dtype": "integer", "storage": "int64", "minimum": -3, "maximum": 2**53},
    "uint8": {"dtype": "integer", "storage": "uint8", "minimum": 1, "maximum": 3},
    "Int64": {"dtype": "integer", "storage": "Int64", "minimum": 1, "maximum": 3},
    "Float64": {"dtype": "number", "storage": "Float64", "minimum": 1, "maximum": 3},
    "unlimited": {"dtype": "number", "storage": "float64"},
    "closed": {"dtype": "integer", "storage": "int64", "closed": True, "categories": [1, 2]},
}  # fmt: skip
TEXTS = (
    "0.1", "0.10000000149011612", "0.09999", "0.9", "0.90000001", "0.9000001", "0", "1", "2", "3",
    "4", "-3", "-4", "255", "256", "-1", "1.0", "2.5", "", " 1", "+2", "007", "1e0", "1e400",
    "65504", "65520", "3.5e38", "9007199254740992", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "1" * 30, "1" * 500, "1" * 5000, "nan", "inf", "1_0", "x",
)  # fmt: skip


@pytest.fixture(scope="module")
def endpoint() -> Any:
    """The image's modules, without a model."""
    folder = str(Path(__file__).parents[2] / "image_template")
    before = {k: sys.modules.pop(k) for k in list(sys.modules) if k.partition(".")[0] == "endpoint"}
    sys.path.insert(0, folder)
    names = ("batch.columns", "formats.csv_body", "rows", "problem")
    yield {name: importlib.import_module(f"endpoint.{name}") for name in names}
    sys.path.remove(folder)
    for name in [one for one in sys.modules if one.partition(".")[0] == "endpoint"]:
        del sys.modules[name]
    sys.modules.update(before)


def one_request(endpoint: Any, feature: dict[str, Any], text: str) -> tuple[Any, str, bool]:
    """Return what a request with one field gets: value, reason, and whether there is a warning."""
    value = endpoint["formats.csv_body"].reader_of(feature)(text)
    try:
        table, warnings = endpoint["rows"].checked([{"c": value}], [feature])
    except endpoint["problem"].ProblemError as error:
        return None, str(error.detail).removeprefix("row 0, "), False
    return table[0][0], "", bool(warnings)


@pytest.mark.parametrize("nullable", [False, True])
@pytest.mark.parametrize("name", FEATURES)
def test_a_field_is_read_as_a_request_with_it(name: str, endpoint: Any, *, nullable: bool) -> None:
    """Alone, between valid fields, and among all: the value and its type, reason and warning."""
    feature = {"name": "c", "nullable": nullable, **FEATURES[name]}
    wanted = [one_request(endpoint, feature, text) for text in TEXTS]
    valid = [text for text, (_, reason, _) in zip(TEXTS, wanted, strict=True) if not reason]
    columns = [list(TEXTS), valid, *([text] for text in TEXTS)]
    columns += [[text, *valid[:2], text] for text in TEXTS]
    read = endpoint["batch.columns"].of_texts(feature)
    for column in columns:
        found = read(column)
        for place, text in enumerate(column):
            value, reason, strange = wanted[TEXTS.index(text)]
            assert found.errors.get(place, "") == reason, text
            assert (place in found.strange) == strange, (text, column)
            if not reason:
                same = found.values[place] == value or str(feature["storage"]) == "float64"
                assert same, (text, found.values[place], value)
                if value is not None:
                    assert float(found.values[place]) == float(value)
