"""The types of an imported model's columns: from the model, the user, or the example's look."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from mldeploy.errors import MldeployError
from mldeploy.model.foreign.column_types import guess, parse_types
from tests.support.imports import Imported, import_file

ROWS = 60
NUMBERS = np.random.default_rng(1).normal(size=ROWS)
LABELS = np.where(np.arange(ROWS) % 3 == 0, "yes", "no")


def frame(words: list[Any]) -> pd.DataFrame:
    """Return a column of these values in turn, and one of numbers."""
    return pd.DataFrame({"c": [words[n % len(words)] for n in range(ROWS)], "n": NUMBERS})


def encoded(encoder: Any, x: pd.DataFrame) -> Pipeline:
    """Return a classifier that encodes the column "c"."""
    columns = make_column_transformer((encoder, ["c"]), remainder="passthrough")
    return make_pipeline(columns, LogisticRegression()).fit(x, LABELS)


def csv(x: pd.DataFrame) -> str:
    """Return the rows as a CSV."""
    return str(x.to_csv(index=False))


def held(found: Imported, model: Any, x: pd.DataFrame) -> None:
    """Check that the truth is the model's own, of the typed rows, and what the endpoint answers."""
    assert found.served() == found.truth
    whole = import_rows(found, x)
    expected = [str(one) for one in np.ravel(model.predict(x))]
    assert [str(one["class_label"]) for one in found.answers(whole)] == expected


def import_rows(found: Imported, x: pd.DataFrame) -> list[list[Any]]:
    """Return rows as requests hold them."""
    names = list(found.features)
    columns = [[None if one != one else one for one in x[name].tolist()] for name in names]  # noqa: PLR0124 - NaN
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("words", [["01067", "04109"], ["True", "False"], ["NA", "DE", "nan"]])
@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(handle_unknown="ignore"),
        OneHotEncoder(),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    ],
    ids=["open", "closed", "ordinal"],
)
def test_a_text_that_an_encoder_learnt_stays_a_text(
    tmp_path: Path, encoder: Any, words: list[str]
) -> None:
    """What looks like a number, a boolean or a gap is what the encoder has met."""
    x = frame(words)
    model = encoded(encoder, x)
    found = import_file(tmp_path, model, csv(x))
    assert found.features["c"]["dtype"] == "string"
    assert found.features["c"]["categories"] == sorted(words)
    assert not found.features["c"]["nullable"]
    held(found, model, x)


@pytest.mark.parametrize(
    ("words", "dtype", "storage"),
    [([3, 5], "integer", "int64"), ([True, False], "boolean", "bool"), ([0.5, 2.0], "number", "")],
)
def test_an_encoder_of_other_values_says_their_type(
    tmp_path: Path, words: list[Any], dtype: str, storage: str
) -> None:
    """Whole numbers are integers where the encoder has met integers."""
    x = frame(words)
    model = encoded(OneHotEncoder(), x)
    found = import_file(tmp_path, model, csv(x))
    assert found.features["c"]["dtype"] == dtype
    assert found.features["c"]["storage"] == (storage or "float64")
    held(found, model, x)


@pytest.mark.parametrize("gap", [None, float("nan")])
def test_a_gap_is_the_one_that_the_encoder_has_met(tmp_path: Path, gap: float | None) -> None:
    """None and NaN are two categories to an encoder; an empty field stands for its own."""
    x = frame(["a", "b", ""])
    # pandas makes NaN of None where it chooses the dtype.
    x["c"] = pd.Series([one or gap for one in x["c"]], dtype=object)
    assert sum(one is None for one in x["c"]) == (ROWS // 3 if gap is None else 0)
    model = encoded(OneHotEncoder(), x)
    found = import_file(tmp_path, model, csv(x))
    assert found.features["c"]["nullable"]
    held(found, model, x)


@pytest.mark.parametrize("words", [["a", "b", "c"], [5, 7, 9]])
@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_category_columns_have_the_categories_of_the_model(
    tmp_path: Path, library: str, words: list[Any]
) -> None:
    """The example shows two of three categories, and the third is taken, too."""
    x = frame(words).astype({"c": "category"})
    if library == "lightgbm":
        from lightgbm import LGBMClassifier

        model: Any = LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1).fit(x, LABELS == "yes")
    else:
        from xgboost import XGBClassifier

        model = XGBClassifier(n_estimators=3, enable_categorical=True, n_jobs=1)
        model.fit(x, LABELS == "yes")
    found = import_file(tmp_path, model, csv(x[x["c"] != words[2]]))
    assert (found.features["c"]["categories"], found.features["c"]["storage"]) == (
        words,
        "category",
    )
    held(found, model, x)


def test_gradient_boosting_has_its_encoder_inside(tmp_path: Path) -> None:
    """Histogram boosting on a category column takes its categories as texts."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x = frame(["01", "02"]).astype({"c": "category"})
    model = HistGradientBoostingClassifier(max_iter=3).fit(x, LABELS)
    found = import_file(tmp_path, model, csv(x))
    assert found.features["c"]["categories"] == ["01", "02"]
    held(found, model, x)


def test_what_is_guessed_is_told_and_can_be_changed(tmp_path: Path) -> None:
    """A function says nothing of its columns: an id with a zero is a text, and --types decides."""
    x = frame(["0101", "0202"])
    model = make_pipeline(FunctionTransformer(first_digits), LogisticRegression()).fit(x, LABELS)
    found = import_file(tmp_path, model, csv(x))
    assert any("guessed from the example: c text, n number" in one for one in found.notes)
    held(found, model, x)
    with pytest.raises(MldeployError, match="'c' contains '0101'") as raised:
        import_file(folder_in(tmp_path), model, csv(x), types={"c": "boolean"})
    assert raised.value.code == "MLD246"
    with pytest.raises(MldeployError, match="the model fails on the example rows"):
        import_file(folder_in(tmp_path), model, csv(x), types={"c": "integer"})


def first_digits(x: pd.DataFrame) -> Any:
    """Return numbers of a column of texts."""
    return np.column_stack([x["c"].str[:2].astype(int), x["n"]])


def folder_in(folder: Path) -> Path:
    """Return another empty folder."""
    found = folder / f"again{len(list(folder.iterdir()))}"
    found.mkdir()
    return found


def test_a_typed_example_says_what_the_model_cant(tmp_path: Path) -> None:
    """The dtypes of a Parquet file are those of the columns."""
    x = frame([1, 2]).astype({"c": "int8", "n": "float32"})
    model = make_pipeline(FunctionTransformer(), LogisticRegression()).fit(x, LABELS)
    path = tmp_path / "rows.parquet"
    x.assign(y=LABELS).to_parquet(path)
    found = import_file(tmp_path, model, path, target="y")
    assert [one["storage"] for one in found.features.values()] == ["int8", "float32"]
    assert "accuracy" in found.facts["metrics"]
    assert found.notes == []
    held(found, model, x)


def test_types_are_parsed() -> None:
    """Names may hold an equals sign; a wrong form or type is named."""
    assert parse_types(["zip=text,a=b=integer", "d=datetime"]) == {
        "zip": "text",
        "a=b": "integer",
        "d": "datetime",
    }
    for text, says in (("zip", "NAME=TYPE"), ("zip=txt", "no type 'txt'"), ("=text", "NAME=TYPE")):
        with pytest.raises(MldeployError, match=says):
            parse_types([text])


def test_a_type_of_no_column_is_refused(tmp_path: Path) -> None:
    """A misspelt column isn't ignored."""
    x = frame(["a", "b"])
    with pytest.raises(MldeployError, match="no column 'd'"):
        import_file(tmp_path, encoded(OneHotEncoder(), x), csv(x), types={"d": "text"})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-2.5", "1e3", "", "NA"], "number"),
        (["0", "1"], "number"),
        (["01067", "4"], "text"),
        (["true", "False", ""], "boolean"),
        (["true", "1"], "text"),
        (["1_000"], "text"),
        (["inf"], "text"),
        (["2024-01-01"], "text"),
    ],
)
def test_a_guess_is_careful(values: list[str], kind: str) -> None:
    """Zeros and ones are no booleans, ids with leading zeros no numbers."""
    assert guess(values).kind == kind


def test_without_an_example_rows_are_made_of_what_the_model_knows(tmp_path: Path) -> None:
    """Categories and means make at least ten rows; nothing is said of ranges and metrics."""
    x = frame(["01067", "04109", "09111"])
    columns = make_column_transformer((OneHotEncoder(), ["c"]), (StandardScaler(), ["n"]))
    model = make_pipeline(columns, LogisticRegression()).fit(x, LABELS)
    found = import_file(tmp_path, model, None)
    assert found.facts["metrics"] == {}
    assert any("no example rows" in one for one in found.notes)
    assert found.features["c"]["categories"] == ["01067", "04109", "09111"]
    assert "minimum" not in found.features["n"]
    assert len(found.truth) >= 10
    held(found, model, x)


def test_a_model_that_knows_too_little_asks_for_an_example(tmp_path: Path) -> None:
    """A vectoriser's texts can't be made up."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    model.fit(["good day", "bad night"] * 30, LABELS)
    with pytest.raises(MldeployError, match="needs example rows") as raised:
        import_file(tmp_path, model, None)
    assert "--example" in raised.value.hint


def test_several_outputs_of_an_imported_classifier_have_their_classes(tmp_path: Path) -> None:
    """Without y, its own answers tell how many outputs there are."""
    from sklearn.multioutput import MultiOutputClassifier

    x = np.random.default_rng(0).normal(size=(ROWS, 2))
    model = MultiOutputClassifier(LogisticRegression()).fit(x, (x > 0).astype(int))
    found = import_file(tmp_path, model, csv(pd.DataFrame(x, columns=["a", "b"])))
    assert [one["classes"] for one in found.facts["signature"]["outputs"]] == [[0, 1], [0, 1]]
    assert found.served() == found.truth


def test_a_target_is_read_as_its_class(tmp_path: Path) -> None:
    """In a CSV, 1 is the class 1.0, and true the class True."""
    x = np.random.default_rng(0).normal(size=(ROWS, 2))
    for n, y in enumerate(((x[:, 0] > 0).astype(float), x[:, 0] > 0)):
        rows = pd.DataFrame(x, columns=["a", "b"]).assign(y=y.astype(int) if n == 0 else y)
        folder = folder_in(tmp_path)
        text = csv(rows).replace("True", "true")
        found = import_file(folder, LogisticRegression().fit(x, y), text, target="y")
        assert found.facts["metrics"]["accuracy"] > 0.9
