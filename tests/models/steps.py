"""Pipelines that several lines share."""

from typing import Any

from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier


def one_hot(column: Any = "c", *, last: Any = None, **more: Any) -> Any:
    """Return a pipeline that encodes one column and takes the others as they are."""
    encoder = OneHotEncoder(**{"handle_unknown": "ignore", **more})
    columns = ColumnTransformer([("code", encoder, [column])], remainder="passthrough")
    return make_pipeline(columns, last or LogisticRegression(max_iter=50))


def ordinal(**more: Any) -> Any:
    """Return an encoder of whole numbers that takes unknown values."""
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, **more)


def encoded(encoder: Any, column: Any = "c", last: Any = None) -> Any:
    """Return a pipeline with this encoder for one column."""
    columns = ColumnTransformer([("code", encoder, [column])], remainder="passthrough")
    return make_pipeline(columns, last or LogisticRegression(max_iter=50))


def mixed() -> Any:
    """Return the usual pipeline for `data.table`."""
    return make_pipeline(
        make_column_transformer(
            (StandardScaler(), ["age", "weight"]),
            (OneHotEncoder(handle_unknown="ignore"), ["city"]),
            remainder="passthrough",
        ),
        LogisticRegression(max_iter=50),
    )


def by_dtype() -> Any:
    """Return a pipeline that chooses its columns by their dtype."""
    numbers = make_column_selector(dtype_include="number")
    others = make_column_selector(dtype_exclude="number")
    return make_pipeline(
        ColumnTransformer(
            [
                ("numbers", SimpleImputer(), numbers),
                ("others", OneHotEncoder(handle_unknown="ignore"), others),
            ]
        ),
        LogisticRegression(max_iter=50),
    )


def tree() -> Any:
    return DecisionTreeClassifier(max_depth=5, random_state=0)


def forest() -> Any:
    return RandomForestClassifier(n_estimators=5, random_state=0)


def logistic() -> Any:
    return LogisticRegression(max_iter=50)
