"""Models of every kind, from their training to an HTTP answer of their containers.

One project with several models behind one API: an image and a function each.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.cloud import Cloud
from tests.e2e.conftest import Cli
from tests.support.kinds import KINDS
from tests.support.models import FRAME, REGRESSION

MODELS = {
    "boosted": KINDS["xgboost"],
    "mixed": FRAME,
    "regression": REGRESSION,
    "text": KINDS["text"],
    "trees": KINDS["lightgbm"],
}
CONFIG = """
[project]
name = "kinds-e2e"
region = "eu-central-1"

[api]
auth = "none"

[training]
compile = "{compile}"
"""


@pytest.fixture(scope="module", params=["off", "require"])
def urls(
    tmp_path_factory: pytest.TempPathFactory, cli: Cli, request: pytest.FixtureRequest
) -> Iterator[dict[str, str]]:
    """Train and deploy all, fitted and compiled; return their URLs with the project's folder."""
    folder = tmp_path_factory.mktemp("e2e") / "kinds"
    folder.mkdir()
    config = CONFIG.format(compile=request.param)
    for name, code in MODELS.items():
        (folder / f"{name}.py").write_text(code)
        # Five containers start at the same time, on what may be two busy processors.
        config += f'\n[models.{name}]\n\n[functions.{name}]\nmodel = "{name}"\ntimeout = 30\n'
    (folder / "mldeploy.toml").write_text(config)
    cli(folder, "train").ok()
    deployed = cli(folder, "deploy", "-o", "json").ok().json["result"]
    found = {one["name"].rpartition("_")[2]: one["url"] for one in deployed["functions"]}
    yield {**found, "folder": str(folder)}
    cli(folder, "destroy", "--confirm", "kinds-e2e").ok()


def bundle(urls: dict[str, str], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the facts of a model and its golden examples."""
    folder = Path(urls["folder"]) / "models" / name
    facts, golden = (folder / file for file in ("model.json", "golden.json"))
    return json.loads(facts.read_text()), json.loads(golden.read_text())


@pytest.mark.parametrize("name", MODELS)
def test_a_model_answers_over_http_as_it_did_when_it_was_trained(
    urls: dict[str, str], cloud: Cloud, name: str
) -> None:
    """The example is answered, and every golden row as golden.json has it."""
    facts, golden = bundle(urls, name)
    status, body = cloud.open(urls[name], json.dumps(facts["example"]).encode())
    assert (status, "prediction" in json.loads(body)) == (200, True)
    rows = json.dumps({"instances": golden["inputs"]}).encode()
    status, body = cloud.open(urls[name], rows)
    assert status == 200
    for one, expected in zip(json.loads(body)["predictions"], golden["predictions"], strict=True):
        assert one.keys() == expected.keys()
        for key, value in expected.items():
            assert one[key] == (pytest.approx(value) if isinstance(value, float | dict) else value)


@pytest.mark.parametrize(
    ("name", "absent", "present"),
    [
        ("boosted", {"pandas", "lightgbm", "scikit-learn"}, {"xgboost-cpu", "numpy"}),
        ("regression", {"pandas", "xgboost-cpu"}, {"scikit-learn"}),
        ("mixed", {"lightgbm", "xgboost-cpu"}, {"pandas", "scikit-learn"}),
    ],
)
def test_an_image_has_what_its_model_needs(
    urls: dict[str, str], name: str, absent: set[str], present: set[str]
) -> None:
    """Pandas is there for DataFrames alone, a library for its own models; compiled: NumPy alone."""
    facts = bundle(urls, name)[0]
    versions = facts["versions"].keys()
    if facts["model"]["served"] == "model.safetensors":
        assert versions == {"numpy", "python"}
        return
    assert present <= versions
    assert not absent & versions


def test_a_gap_is_taken_where_training_had_some(urls: dict[str, str], cloud: Cloud) -> None:
    """LightGBM was trained on a column with gaps: null is a value there, and nowhere else."""
    row = bundle(urls, "trees")[0]["example"]["features"]
    status, body = cloud.open(
        urls["trees"], json.dumps({"features": {**row, "bmi": None}}).encode()
    )
    assert status == 200, body
    status, body = cloud.open(
        urls["trees"], json.dumps({"features": {**row, "age": None}}).encode()
    )
    assert (status, json.loads(body)["errors"][0]["column"]) == (422, "age")


def test_an_unknown_category_is_named_with_the_known_ones(
    urls: dict[str, str], cloud: Cloud
) -> None:
    """The encoder refuses it, so the endpoint does: row, column, expected and got."""
    row = bundle(urls, "mixed")[0]["example"]["features"]
    status, body = cloud.open(
        urls["mixed"], json.dumps({"features": {**row, "plan": "blu"}}).encode()
    )
    assert status == 422
    assert json.loads(body)["detail"] == (
        "row 0, 'plan': expected one of 'basic', 'plus', got 'blu'"
    )
