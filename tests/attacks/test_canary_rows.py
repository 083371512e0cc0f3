"""Canary rows are planted among training's; nothing that clients or readers of logs get has one.

The model may hold them: its file, and columns.json beside it, aren't looked at.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeRegressor

from mldeploy.config import FunctionConfig, TrainingConfig
from mldeploy.config.paths import PATHS, routes_of
from mldeploy.deploy.disclosure import published_by
from mldeploy.images.documents import documents_of
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.local.samples import samples
from mldeploy.model.bundle import Bundle
from mldeploy.model.data.columns import features_of
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.evaluation import evaluate
from mldeploy.model.report.data import read_report
from mldeploy.model.report.report import report_of
from mldeploy.model.trained import trained as told_of
from mldeploy.render.contract import contract_rows
from mldeploy.render.report.card import card_of
from mldeploy.render.report.page import report_page
from mldeploy.render.report.shown import Shown
from mldeploy.render.trained import bundle_rows
from mldeploy.text.data import as_data
from tests.support.events import CONTEXT, http, routed
from tests.support.models import ROOT, Trained, handler_of, project, task_of, trained

SIGNS = re.compile(r"canary|7310\.4|731049|1931-03-0|04:05:06", re.IGNORECASE)
"""What the planted values look like, wherever they stand."""
ROUNDED = 8000.0
"""Of the greatest planted number, 7310.4917."""
PLANT = """
_clean = data


def data():
    import numpy as np

    found = _clean()
    both = isinstance(found, tuple)
    X, y = found[:2] if both else (found["data"], found["target"])
    row = min(range(len(y)), key=lambda one: y[one])
    if isinstance(X, list):
        X = [*X[:row], "canary words, 7310.4917", *X[row + 1 :]]
    elif isinstance(X, np.ndarray):
        X = X.copy()
        X[row] = 7310.4917
    else:
        X = _frame(X.copy(), row)
    return (X, *found[1:]) if both else {**found, "data": X}


def _frame(X, row):
    import pandas as pd

    for name in X.columns:
        kind = X[name].dtype
        if isinstance(getattr(kind, "categories", None), pd.IntervalIndex):
            continue  # made of a planted number
        if isinstance(kind, pd.CategoricalDtype):
            X[name] = X[name].cat.add_categories(["canary category"])
            X.loc[row, name] = "canary category"
        elif kind.kind in "if":
            X.loc[row, name] = 731049 if kind.kind == "i" else 7310.4917
        elif kind.kind == "M":
            X.loc[row, name] = pd.Timestamp("1931-03-07T04:05:06", tz=getattr(kind, "tz", None))
        elif kind.kind != "b":
            X.loc[row, name] = "canary@example.test"
    return X
"""
"""Behind a train module: a row of unique values takes the place of the first golden one, which is
the first of the least class or number."""
KINDS = """
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def data():
    n = np.arange(60)
    X = pd.DataFrame(
        {
            "fee": n / 7,
            "visits": n % 9,
            "born": pd.date_range("1990-01-01", periods=60, freq="31D"),
            "seen": pd.date_range("2024-01-01", periods=60, freq="1h", tz="Europe/Berlin"),
            "mail": ["team@example.org" if one % 4 else f"canary{one}@example.test" for one in n],
            "city": [("Ulm", "Bonn")[one % 2] if one % 7 else f"Canary {one}" for one in n],
            "note": [f"canary note {one}" for one in n],
            "size": pd.Categorical(["s", "m"] * 30, categories=["s", "m", "canary size"]),
        }
    )
    X["band"] = pd.cut(X["fee"].where(n != 3, 7310.4917).where(n != 4), 3)
    return X, n % 2


def estimator():
    closed = OneHotEncoder(handle_unknown="error")
    columns = make_column_transformer(
        (closed, ["mail", "size", "band"]),
        (OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ("passthrough", ["fee", "visits"]),
    )
    return make_pipeline(columns, LogisticRegression())
"""
"""Every kind of column, with rare values in each of them, and interval ends."""
EXAMPLES = sorted(one.parent.name for one in (ROOT / "examples").glob("*/train.py"))
SOURCES = {(ROOT / "examples" / name / "train.py").read_text(): name for name in EXAMPLES}
MODULES = {"kinds": KINDS, **{name: source for source, name in SOURCES.items()}}
"""Two examples have one and the same model."""
FUNCTION = FunctionConfig("predict", "POST /predict", paths=PATHS)
ROUTES = ("POST /predict", *routes_of("predict", PATHS, server=True))


@dataclass
class Planted:
    """A model with canaries in it, and what its image would be made of."""

    trained: Trained
    spec: ImageSpec
    folder: Path


@pytest.fixture(scope="module", params=MODULES)
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """A model that was fitted on canaries, one fit each."""
    folder, code = tmp_path_factory.mktemp("planted"), MODULES[request.param] + PLANT
    for file in (ROOT / "examples" / request.param).glob("*.csv"):
        (folder / file.name).write_text(file.read_text())
    config = replace(
        project(folder, code), training=TrainingConfig(cv=0, holdout=0), functions=(FUNCTION,)
    )
    found = trained(config)
    return Planted(found, image_spec(config, found.bundle), folder)


def test_the_model_has_met_the_canaries(planted: Planted) -> None:
    """They are the first golden row, which was the example of earlier bundles."""
    assert SIGNS.search(repr(planted.trained.bundle.golden["inputs"][0]))


def test_what_training_prints_and_writes_has_no_canary(planted: Planted) -> None:
    """Steps, warnings, the contract, JSON for scripts, sample events, and what a plan tells."""
    bundle, config = planted.trained.bundle, planted.trained.config
    told = [
        planted.trained.events,
        bundle_rows(bundle),
        as_data(told_of(bundle)),
        contract_rows(bundle),
        read_report(bundle.path),
        report_page(shown_of(bundle)),
        card_of(shown_of(bundle)).text,
        published_by(config, FUNCTION, planted.spec),
        *(samples(config, FUNCTION, "http", invalid=one) for one in (False, True)),
    ]
    for one in told:
        assert not SIGNS.search(repr(one))


def shown_of(bundle: Bundle) -> Shown:
    """Return what the report and the card are made of."""
    return Shown("planted", bundle.digest, bundle.facts, read_report(bundle.path))


def test_no_report_of_unseen_rows_has_a_canary() -> None:
    """With curves, errors and importances, and also with a canary as the target."""
    x = np.random.default_rng(0).normal(size=(80, 3))
    numbers = x[:, 0] + x[:, 1]
    x[7], numbers[7] = 7310.4917, 7310.4917
    for make, y in (
        (LinearRegression, numbers),
        (DecisionTreeRegressor, numbers),
        (LogisticRegression, (numbers > 0).astype(int)),
        (lambda: GridSearchCV(LogisticRegression(), {"C": [1, 2]}), (numbers > 0).astype(int)),
    ):
        data = TrainingData(x, y)
        found = evaluate(make, data, TrainingConfig(), lambda _event: None)
        report = report_of(found, data, features_of(data), None, None)
        assert report["notes"] == []
        assert {"classification", "regression"} & report.keys()
        assert not SIGNS.search(json.dumps(report))


def test_the_image_has_canaries_in_the_model_alone(planted: Planted) -> None:
    """Labels, code, requirements, model.json and the documents beside the image have none."""
    documents = documents_of(planted.spec, f"sha256:{'0' * 64}")
    for told in (planted.spec.labels, *(one.content for one in documents)):
        assert not SIGNS.search(repr(told))
    kept = {f"model/{planted.trained.bundle.file}", "model/columns.json"}
    assert not [name for name, _ in planted.spec.files if "report" in name]
    for name, content in planted.spec.files:
        data = content if isinstance(content, bytes) else content.read_bytes()
        assert name in kept or not SIGNS.search(data.decode("utf-8", "replace")), name


def test_no_answer_has_a_canary(
    planted: Planted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pages, documents, predictions, refusals, warnings, `verify` and the log."""
    handler = handler_of(task_of(planted.trained.bundle, tmp_path / "task"), *ROUTES)
    statuses = set()
    for event in events_of(planted.trained.bundle.facts):
        answer = handler(event, CONTEXT)
        statuses.add(answer["statusCode"])
        assert not SIGNS.search(json.dumps(answer, ensure_ascii=False)), event
    assert statuses == {200, 404, 422}  # 404: the route of V2's unknown paths
    for inputs in ([], [[None]], [{"nobody": 1}]):
        answer = handler({"mldeploy": "verify", "inputs": inputs}, CONTEXT)
        assert not SIGNS.search(json.dumps(answer, ensure_ascii=False))
    assert not SIGNS.search(capsys.readouterr().out)


def events_of(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a request to each path, the example, and one with a strange value in each column."""
    for route in ROUTES[1:]:
        if route.startswith("GET "):
            yield routed(route, None, headers={})
    row = facts["example"]["features"]
    yield http({"features": row})
    for key in row if isinstance(row, dict) else range(len(row)):
        for value in (1e6, -1e6, 10**6, "nobody", "1800-01-01T00:00:00", "1800-01-01T00:00:00Z"):
            strange = dict(row) if isinstance(row, dict) else list(row)
            strange[key] = value
            yield http({"features": strange})


def test_no_halving_finds_an_extreme(planted: Planted, tmp_path: Path) -> None:
    """A warning begins at the rounded end of a range, far from the planted number."""
    bundle = planted.trained.bundle
    features = bundle.facts["signature"]["features"]
    number = next((n for n, one in enumerate(features) if one.get("maximum") == ROUNDED), None)
    if number is None:  # a text, or no number with a fraction
        assert not any(one["dtype"] == "number" for one in features)
        return
    handler = handler_of(task_of(bundle, tmp_path / "task"))
    row = bundle.example["features"]
    key = features[number]["name"] if isinstance(row, dict) else number
    for value, warned in ((7311.0, False), (ROUNDED, False), (ROUNDED + 0.1, True)):
        strange = dict(row) if isinstance(row, dict) else list(row)
        strange[key] = value
        body = json.loads(handler(http({"features": strange}), CONTEXT)["body"])
        assert ("warnings" in body) is warned
