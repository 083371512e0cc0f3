"""Names of a DataFrame's columns, encoders and imputers."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    TargetEncoder,
)

from tests.models import data, steps
from tests.models.line import exact, refused

_N = data.ROWS


def _towns(missing: Any = "Ulm") -> list[Any]:
    return [missing if n % 9 == 0 else data.TOWNS[n % 4] for n in range(_N)]


def _gapped(dtype: str) -> Any:
    return pd.Series([None if n % 8 == 0 else n % 50 for n in range(_N)], dtype=dtype)


def _category(values: Any, *, ordered: bool = False) -> Any:
    return lambda: pd.Series(pd.Categorical(values(), ordered=ordered))


def _named(*names: Any) -> Any:
    def made() -> tuple[Any, Any]:
        x = pd.DataFrame(data.numbers(len(names)), columns=list(names))
        return x, data.classes(2)

    return made


def _codes_of_categories() -> Any:
    """Return a model that sees the categories' codes, so that their order counts."""
    return HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")


def _indexed() -> tuple[Any, Any]:
    x, y = data.frame()
    return x.set_index(pd.Index(range(500, 500 + _N))), y


def _shuffled_index() -> tuple[Any, Any]:
    x, y = data.frame()
    return x.set_index(pd.Index([f"row {n}" for n in reversed(range(_N))])), y


def _texts_frame() -> tuple[Any, Any]:
    texts, y = data.texts()
    return pd.DataFrame({"weight": np.arange(_N) / 3, "c": texts}), y


_C = data.column
_HOT = steps.one_hot

LINES = [
    refused("names that are equal as texts", _named("1", 1), steps.tree, "MLD213", "'1'"),
    refused("names that are floats", _named(0.5, 1.5), steps.tree, "MLD213", "0.5"),
    exact("names that are integers", _named(0, 1, 2), steps.tree),
    exact(
        "names that are integers, out of order",
        _named(7, 3, 5),
        lambda: make_pipeline(SimpleImputer(), steps.tree()),
    ),
    exact("column called self", _named("self", "cls", "rows"), steps.tree),
    exact(
        "columns called as members of requests",
        _named("features", "instances", "inputs"),
        steps.tree,
    ),
    exact(
        "names with spaces and quotes", _named("a b", 'say "x"', "it's", "c,d", "e;f"), steps.tree
    ),
    exact("names of all letters", _named("größe", "вес", "高さ", "π²", "😀"), steps.tree),
    exact("names as code", _named("__class__", "a.b", "c[0]", "d<1", "{e}"), steps.tree),
    exact("frame of one column", _named("only"), steps.tree),
    exact("an index of other numbers", _indexed, steps.mixed),
    exact("an index of texts", _shuffled_index, steps.mixed),
    exact(
        "column of texts, vectorised",
        _texts_frame,
        lambda: make_pipeline(
            ColumnTransformer([("t", TfidfVectorizer(), "c")], remainder="passthrough"),
            LogisticRegression(),
        ),
    ),
    exact(
        "Series of texts",
        lambda: (pd.Series(data.texts()[0], name="text"), data.texts()[1]),
        lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()),
    ),
    exact("250 texts, open", _C([f"customer {n}" for n in range(_N)]), _HOT),
    exact("texts that look like numbers", _C([f"{n % 6:05}" for n in range(_N)]), _HOT),
    exact(
        "texts that look like other values",
        _C([("NA", "true", "1e5", "nan", "null", " x ")[n % 6] for n in range(_N)]),
        _HOT,
    ),
    exact("OneHotEncoder, error", _C(_towns), lambda: _HOT(handle_unknown="error")),
    exact(
        "OneHotEncoder, infrequent",
        _C(_towns),
        lambda: _HOT(handle_unknown="infrequent_if_exist", min_frequency=25),
    ),
    exact("OneHotEncoder, warn", _C(_towns), lambda: _HOT(handle_unknown="warn")),
    exact("OneHotEncoder, max_categories", _C(_towns), lambda: _HOT(max_categories=2)),
    exact(
        "OneHotEncoder, drop first", _C(_towns), lambda: _HOT(handle_unknown="error", drop="first")
    ),
    exact("OneHotEncoder, drop if binary", _C(_towns), lambda: _HOT(drop="if_binary")),
    exact(
        "OneHotEncoder of integers",
        _C(lambda: np.arange(_N) % 4),
        lambda: _HOT(handle_unknown="error"),
    ),
    exact("OrdinalEncoder of texts", _C(_towns), lambda: steps.encoded(OrdinalEncoder())),
    exact(
        "OrdinalEncoder, unknown value",
        _C(_towns),
        lambda: steps.encoded(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
    ),
    exact(
        "OrdinalEncoder with gaps",
        _C(lambda: pd.Series(_towns(None), dtype="object")),
        lambda: steps.encoded(OrdinalEncoder(encoded_missing_value=-2)),
    ),
    exact(
        "OrdinalEncoder, min_frequency",
        _C(_towns),
        lambda: steps.encoded(OrdinalEncoder(min_frequency=20)),
    ),
    exact(
        "TargetEncoder of texts",
        _C(_towns),
        lambda: steps.encoded(TargetEncoder(cv=2, random_state=0)),
    ),
    exact(
        "TargetEncoder of integers",
        _C(lambda: np.arange(_N) % 4, target=lambda: data.classes(2)),
        lambda: steps.encoded(TargetEncoder(cv=2, random_state=0)),
    ),
    exact(
        "KBinsDiscretizer, one hot",
        _C(lambda: data.numbers()[:, 2]),
        lambda: steps.encoded(KBinsDiscretizer(4)),
    ),
    exact(
        "KBinsDiscretizer, ordinal",
        _C(lambda: data.numbers()[:, 2]),
        lambda: steps.encoded(KBinsDiscretizer(4, encode="ordinal", strategy="uniform")),
    ),
    exact(
        "SimpleImputer of texts",
        _C(lambda: pd.Series(_towns(None), dtype="object")),
        lambda: steps.encoded(
            make_pipeline(
                SimpleImputer(missing_values=None, strategy="most_frequent"), OneHotEncoder()
            )
        ),
    ),
    exact(
        "SimpleImputer of texts, NaN",
        _C(lambda: pd.Series(_towns(float("nan")), dtype="object")),
        lambda: steps.encoded(
            make_pipeline(
                SimpleImputer(strategy="constant", fill_value="?"),
                OneHotEncoder(handle_unknown="ignore"),
            )
        ),
    ),
    exact(
        "SimpleImputer with indicator",
        _C(lambda: _gapped("float64")),
        lambda: make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression(max_iter=50)),
    ),
    exact(
        "KNNImputer of a column",
        _C(lambda: _gapped("float64")),
        lambda: make_pipeline(KNNImputer(), LogisticRegression(max_iter=50)),
    ),
    exact(
        "HistGradientBoosting after encoders",
        data.frame,
        lambda: make_pipeline(steps.mixed()[0], HistGradientBoostingClassifier(max_iter=5)),
    ),
    exact(
        "HistGradientBoosting, columns by name",
        _C(lambda: np.arange(_N) % 4),
        lambda: HistGradientBoostingClassifier(max_iter=5, categorical_features=["c"]),
    ),
    exact(
        "HistGradientBoosting, regression from dtype",
        _C(_category(_towns), target=data.amounts),
        lambda: HistGradientBoostingRegressor(max_iter=5),
    ),
    exact(
        "HistGradientBoosting, category with gaps",
        _C(_category(lambda: _towns(None))),
        _codes_of_categories,
    ),
    exact("pandas out", data.frame, lambda: steps.mixed()[0].set_output(transform="default")),
    exact(
        "selector of categories",
        _C(_category(_towns)),
        lambda: make_pipeline(
            ColumnTransformer(
                [("c", OneHotEncoder(), make_column_selector(dtype_include="category"))],
                remainder="passthrough",
            ),
            steps.tree(),
        ),
    ),
]
