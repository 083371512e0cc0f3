"""How the pages, the OpenAPI document and V2's metadata describe columns of every type."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.events import CONTEXT, http, routed
from tests.support.models import ROOT
from tests.support.signatures import Handler, seen, served

ASSETS = ROOT / "image_template/endpoint/pages/assets"
MANY = [f"<{n}>" for n in range(150)]


def feature(name: str, dtype: str, storage: str, **facts: Any) -> dict[str, Any]:
    """Return the facts of a column."""
    return {"name": name, "dtype": dtype, "storage": storage, "nullable": False, **facts}


FEATURES = [
    feature("naive", "datetime", "datetime64[us]"),
    feature("zoned", "datetime", "datetime64[ns, Europe/Berlin]", nullable=True),
    feature("rooms", "integer", "int8", closed=True, categories=[1, 2, 3]),
    feature("share", "number", "float64", closed=True, categories=[0.5, 1.0]),
    feature("many", "string", "str", closed=True),
    feature("id", "integer", "uint64"),
    feature("size", "number", "float32", minimum=0.5, maximum=2.0),
    feature("flag", "boolean", "boolean"),
    feature(
        "day",
        "datetime",
        "category",
        closed=True,
        category_storage="datetime64[us]",
        categories=["2024-01-01T00:00:00"],
    ),
]
ROW = [
    "2024-05-31T10:00:01.250000",
    "2024-05-31T10:00:01+02:00",
    2,
    0.5,
    "<149>",
    2**60 + 1,
    1.0,
    True,
    "2024-01-01T00:00:00",
]


@pytest.fixture
def handler(tmp_path: Path) -> Handler:
    """A model with a column of each kind."""
    return served(tmp_path, FEATURES, ROW, columns={"many": {"categories": MANY}})


def got(handler: Handler, path: str) -> str:
    """Return the body of a page."""
    found = handler(routed(f"GET {path}"), CONTEXT)
    assert found["statusCode"] == 200, found
    return str(found["body"])


def control(page: str, number: int) -> str:
    """Return the control of a column's field."""
    found = re.search(rf'</label>(<(\w+)[^>]*id="f{number}".*?)(<span class=hint|</div>)', page)
    assert found is not None
    return found[1]


def test_the_form_has_a_control_for_each_type(handler: Handler) -> None:
    """Times have a picker with seconds, few known values a list, many a plain field."""
    page = got(handler, "/")
    picker = control(page, 0)
    assert 'type="datetime-local" step="0.001"' in picker
    assert 'value="2024-05-31T10:00:01.250"' in picker
    assert "data-zone" not in picker
    in_utc = control(page, 1)
    assert 'type="datetime-local" step="1"' in in_utc
    assert 'data-zone="Z" value="2024-05-31T08:00:01"' in in_utc
    assert "given in UTC" in page
    assert '<option value="2" selected>' in control(page, 2)
    assert '<option value="0.5" selected>' in control(page, 3)
    assert control(page, 4).startswith("<textarea")
    assert 'value="1152921504606846977"' in control(page, 5)
    assert "<select" in control(page, 8)
    assert 'type="date"' not in page.partition("<script>")[0]


def test_days_have_a_picker_without_a_time(tmp_path: Path) -> None:
    """What it writes, a date alone, is midnight to the endpoint."""
    ends = {"minimum": "2024-01-01T00:00:00", "maximum": "2024-12-01T00:00:00"}
    day = feature("day", "datetime", "datetime64[us]", days=True, **ends)
    handler = served(tmp_path, [day], ["2024-05-31T00:00:00"])
    picker = control(got(handler, "/"), 0)
    assert 'type="date"' in picker
    assert 'value="2024-05-31"' in picker
    assert 'data-min="2024-01-01" data-max="2024-12-01"' in picker
    assert "2024-01-01 to 2024-12-01" in got(handler, "/docs")
    table = seen(handler, http({"features": {"day": "2024-05-31"}}))
    assert table["day"][0].isoformat() == "2024-05-31T00:00:00"


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/metadata"])
def test_nothing_lists_more_than_100_values(handler: Handler, path: str) -> None:
    """Of 150 known values a page shows the first few at most."""
    assert len({one for one in MANY if one in got(handler, path).replace("&lt;", "<")}) <= 20


def test_the_document_describes_what_is_taken(handler: Handler) -> None:
    """The schema takes what the endpoint takes, and the row of training first of all."""
    found = json.loads(got(handler, "/openapi.json"))
    columns = found["components"]["schemas"]["RowObject"]["properties"]
    assert "format" not in columns["naive"]
    assert columns["zoned"]["type"] == ["string", "null"]
    assert columns["zoned"]["format"] == "date-time"
    assert columns["rooms"]["enum"] == [1, 2, 3]
    assert [one["const"] for one in columns["share"]["anyOf"]] == [0.5, 1.0]
    assert "enum" not in columns["many"]
    assert (columns["id"]["minimum"], columns["id"]["maximum"]) == (0, 2**64 - 1)
    row = {one["name"]: value for one, value in zip(FEATURES, ROW, strict=True)}
    schema = {"type": "object", "properties": columns, "required": list(columns)}
    Draft202012Validator(schema).validate(row)
    assert handler(http({"features": row}), CONTEXT)["statusCode"] == 200
    wrong = [("naive", "2024-05-31T10:00Z"), ("naive", "31.5.2024"), ("rooms", 4), ("id", -1)]
    for name, value in wrong:
        assert not Draft202012Validator(schema).is_valid({**row, name: value})
        assert handler(http({"features": {**row, name: value}}), CONTEXT)["statusCode"] == 422


@pytest.mark.parametrize(
    ("dtype", "storage", "datatype"),
    [
        ("number", "float32", "FP32"),
        ("number", "float16", "FP16"),
        ("number", "float64", "FP64"),
        ("integer", "int64", "INT64"),
        ("integer", "uint8", "UINT8"),
        ("boolean", "bool", "BOOL"),
    ],
)
def test_v2s_metadata_names_an_arrays_own_datatype(
    tmp_path: Path, dtype: str, storage: str, datatype: str
) -> None:
    """Clients that read the metadata send values without a loss."""
    value = True if dtype == "boolean" else 1
    handler = served(tmp_path, [feature("x", dtype, storage)], [value], "array")
    inputs = json.loads(got(handler, "/v2/models/predict"))["inputs"]
    assert inputs == [{"name": "features", "datatype": datatype, "shape": [-1, 1]}]


def test_v2s_metadata_names_each_columns_datatype(handler: Handler) -> None:
    """A category column has the datatype of its categories; times are texts."""
    inputs = json.loads(got(handler, "/v2/models/predict"))["inputs"]
    kinds = ["BYTES", "BYTES", "INT8", "FP64", "BYTES", "UINT64", "FP32", "BOOL", "BYTES"]
    assert [one["datatype"] for one in inputs] == kinds


SCRIPT = """
const field = (name, dtype, value, more = {}) => ({value, dataset: {name, dtype, ...more}});
const fields = FIELDS;
const asked = {querySelectorAll: () => fields, addEventListener: () => {}};
globalThis.document = {getElementById: (id) => id === "ask" ? asked : {}};
CODE
process.stdout.write(row());
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="runs the page's script in Node.js")
def test_the_form_sends_what_was_typed(handler: Handler) -> None:
    """Long integers keep their digits, picked times get their zone, odd names stay columns."""
    code = (ASSETS / "form.js").read_text()
    assert code in got(handler, "/")
    fields = """[
      field("__proto__", "integer", "1152921504606846977"), field("a", "number", " .5 "),
      field("b", "number", "x"), field("c", "number", ""), field("d", "boolean", "true"),
      field("e", "datetime", "2024-05-31T10:00", {zone: "Z"}), field("f", "datetime", ""),
      field("g", "datetime", "2024-05-31T10:00:01"), field("h", "string", "", {nullable: "1"}),
      field("i", "string", '"')]"""
    program = SCRIPT.replace("FIELDS", fields).replace("CODE", code)
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "__proto__": 2**60 + 1,
        "a": 0.5,
        "b": "x",
        "c": None,
        "d": True,
        "e": "2024-05-31T10:00Z",
        "f": None,
        "g": "2024-05-31T10:00:01",
        "h": None,
        "i": '"',
    }
