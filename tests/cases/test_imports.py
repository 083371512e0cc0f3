"""`mldeploy import`: the model's own column types, whatever a CSV looks like."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cases.case import PRELUDE
from tests.cases.running import (
    Asker,
    answers_differ,
    forms,
    in_json,
    mldeploy,
    settings,
    staged,
)


@dataclass(frozen=True)
class Imported:
    """A model that was fitted elsewhere.

    Attributes:
        name: what it is about.
        train: source of `data()` and `estimator()`, after `PRELUDE`.
        column: a column of texts.
        problems: values of that column that get a 422.
    """

    name: str
    train: str
    column: str
    problems: tuple[object, ...] = (1067, True)

    def __str__(self) -> str:
        """Name the test."""
        return self.name


_COLUMNS = """\
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import {encoder}


def data():
    texts = np.resize({texts}, 120)
    return pd.DataFrame({{"code": texts, "n": A[:, 0]}}), np.isin(texts, {texts}[:1]).astype(int)


def estimator():
    columns = make_column_transformer(({made}, ["code"]), remainder="passthrough")
    return make_pipeline(columns, LogisticRegression())
"""


def _columns(texts: list[str], encoder: str, options: str) -> str:
    return _COLUMNS.format(encoder=encoder, texts=texts, made=f"{encoder}({options})")


ZIP, WORDS, LANDS = ["01067", "04109", "20095"], ["True", "False"], ["NA", "DE", "null"]
KNOWN = 'handle_unknown="ignore"'
CASES = (
    Imported("zip codes of a one-hot encoder", _columns(ZIP, "OneHotEncoder", KNOWN), "code"),
    Imported(
        "zip codes of an ordinal encoder",
        _columns(ZIP, "OrdinalEncoder", 'handle_unknown="use_encoded_value", unknown_value=-1'),
        "code",
    ),
    Imported("zip codes of a target encoder", _columns(ZIP, "TargetEncoder", "cv=2"), "code"),
    Imported("zip codes of a closed encoder", _columns(ZIP, "OneHotEncoder", ""), "code"),
    Imported("words that look like booleans", _columns(WORDS, "OneHotEncoder", KNOWN), "code"),
    Imported("words that look like gaps", _columns(LANDS, "OneHotEncoder", KNOWN), "code"),
    Imported(
        "zip codes of another library's encoder",
        """\
from category_encoders import OneHotEncoder
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def data():
    texts = np.resize(["01067", "04109", "20095"], 120)
    return pd.DataFrame({"zip": texts, "n": A[:, 0]}), np.isin(texts, ["01067"]).astype(int)


def estimator():
    return make_pipeline(OneHotEncoder(cols=["zip"]), LogisticRegression())
""",
        "zip",
    ),
    Imported(
        "LightGBM's categories",
        """\
from lightgbm import LGBMClassifier


def data():
    texts = np.resize(["01067", "04109", "20095"], 120)
    X = pd.DataFrame({"zip": pd.Categorical(texts), "n": A[:, 0]})
    return X, np.isin(texts, ["01067"]).astype(int)


def estimator():
    return LGBMClassifier(n_estimators=5, verbose=-1)
""",
        "zip",
    ),
)
FIT = """\
import joblib
import train

x, y = train.data()
joblib.dump(train.estimator().fit(x, y), "model.joblib")
x.head(40).to_csv("rows.csv", index=False)
"""


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    """The process that asks estimators and handlers, each in a fork."""
    found = Asker()
    yield found
    found.end()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_texts_stay_what_the_model_learnt(case: Imported, tmp_path: Path, asker: Asker) -> None:
    """A zero in front stays, in JSON and CSV; a number in its place is refused."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "mldeploy.toml").write_text(settings())
    (folder / "train.py").write_text(PRELUDE + case.train)
    subprocess.run([sys.executable, "-c", FIT], cwd=folder, check=True, capture_output=True)
    truth = asker.ask("truth", folder, {})["groups"][0]
    ran = mldeploy(folder, "import", "model.joblib", "--example", "rows.csv", "--trust")
    assert ran.exit_code == 0, ran.said + str(ran.result)
    endpoint = staged(folder, tmp_path / "task", asker)
    features = {one["name"]: one for one in endpoint.facts["signature"]["features"]}
    assert features[case.column]["dtype"] == "string"
    strangers = [{**truth["rows"][0], case.column: value} for value in case.problems]
    in_json_and_csv = forms(list(features), truth["rows"])
    together, table, *refused = endpoint.replies(*in_json_and_csv, *map(in_json, strangers))
    for reply in (together, table):
        assert answers_differ(*reply, truth["answers"]) is None
    assert [status for status, _ in refused] == [422] * len(refused)
