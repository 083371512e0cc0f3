"""What fitted encoders say of the columns, read from them and not tried out."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from mldeploy.model.data.encoders import Learnt, learnt

ROWS = 30
FRAME = pd.DataFrame(
    {
        "city": ["Bonn", "Köln", "Ulm"] * 10,
        "code": [1, 2, 3, 4, 5] * 6,
        "size": np.linspace(0, 1, ROWS),
        "gap": [None, "a", "b"] * 10,
    }
)
Y = [0, 1] * 15


def before(encoder: object, columns: object = ("city",)) -> object:
    """Put a model behind an encoder of some columns; the others are dropped."""
    columns = list(columns) if isinstance(columns, tuple) else columns
    return make_pipeline(make_column_transformer((encoder, columns)), LogisticRegression())


@pytest.mark.parametrize(
    ("estimator", "refused"),
    [
        (before(OneHotEncoder()), {"city"}),
        (before(OneHotEncoder(handle_unknown="ignore")), set()),
        (before(OrdinalEncoder()), {"city"}),
        (
            before(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
            set(),
        ),
        (before(OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3)), set()),
        (before(OneHotEncoder(), ("city", "code")), {"city", "code"}),
        (before(OneHotEncoder(), [0]), {"city"}),
        (before(OneHotEncoder(), [-3]), {"code"}),
        (before(OneHotEncoder(), slice(0, 2)), {"city", "code"}),
        (before(OneHotEncoder(), slice("city", "code")), {"city", "code"}),
        (before(OneHotEncoder(), [True, False, False, False]), {"city"}),
        (before(OneHotEncoder(), make_column_selector(dtype_include="int64")), {"code"}),
        (before(make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())), {"city"}),
        (before(make_pipeline(FunctionTransformer(), OneHotEncoder())), set()),
        (before(FeatureUnion([("one", OneHotEncoder())])), {"city"}),
        (GridSearchCV(before(OneHotEncoder()), {}, cv=2), {"city"}),
        (VotingClassifier([("one", before(OneHotEncoder()))]), {"city"}),
        (before(StandardScaler(), ("size",)), set()),
    ],
)  # fmt: skip
def test_an_encoder_that_refuses_is_found_wherever_a_column_reaches_it(
    estimator: object, refused: set[str]
) -> None:
    """Names, places, slices, masks, imputers before it, meta-estimators around it."""
    fitted = estimator.fit(FRAME, Y)  # type: ignore[attr-defined]
    found = learnt(fitted, list(FRAME.columns))
    assert {name for name, one in found.items() if one.refuses} == refused


def test_what_was_learnt_is_what_the_encoder_has() -> None:
    """Python's own types, missing values apart, with the encoder's dtype."""
    frame = FRAME[["code", "gap"]]
    found = learnt(OneHotEncoder().fit(frame), ["code", "gap"])
    assert found["code"] == Learnt([1, 2, 3, 4, 5], "int64", refuses=True, missing=False)
    assert found["gap"] == Learnt(["a", "b"], "object", refuses=True, missing=True)


def test_columns_of_an_array_are_places() -> None:
    """An array has no names: 0 to n-1 stand for them."""
    x = np.array([[n % 3, n % 2] for n in range(ROWS)])
    encoder = ColumnTransformer([("one", OneHotEncoder(), [1])], remainder="passthrough")
    found = learnt(make_pipeline(encoder, LogisticRegression()).fit(x, Y), [0, 1])
    assert found == {1: Learnt([0, 1], "int64", refuses=True, missing=False)}


def test_a_column_that_the_imputer_drops_moves_nothing() -> None:
    """An empty column goes: what stands behind it isn't taken for another's."""
    x = np.array([[np.nan, n % 3] for n in range(ROWS)])
    fitted = make_pipeline(SimpleImputer(), OneHotEncoder(), LogisticRegression()).fit(x, Y)
    assert learnt(fitted, [0, 1]) == {}
