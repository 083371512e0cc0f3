"""Will a customer leave? Numbers, categories, booleans and gaps in one DataFrame."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = 800


def data():
    """Return the customers and what became of them. They are synthetic: drawn here."""
    rng = np.random.default_rng(42)
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, ROWS),
            "months": rng.integers(1, 60, ROWS),
            "monthly_fee": rng.uniform(15, 75, ROWS).round(2),
            "plan": pd.Categorical(rng.choice(["basic", "family", "plus"], ROWS)),
            "city": rng.choice(["Berlin", "Köln", "Leipzig", "München"], ROWS),
            "paperless": rng.random(ROWS) < 0.6,
        }
    )
    risk = 0.08 * X["monthly_fee"] - 0.1 * X["months"] - 1.5 * X["paperless"] + (X["plan"] == "basic")
    leaves = rng.random(ROWS) < 1 / (1 + np.exp(-risk))
    X["age"] = X["age"].mask(rng.random(ROWS) < 0.1)  # not everybody tells it
    X["city"] = X["city"].mask(rng.random(ROWS) < 0.1)
    return X, np.where(leaves, "leaves", "stays")


def estimator():
    """Return the pipeline: each kind of column is prepared in its own way."""
    columns = ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
                ["age", "months", "monthly_fee"],
            ),
            ("plan", OneHotEncoder(handle_unknown="error"), ["plan"]),
            ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
            ("paperless", "passthrough", ["paperless"]),
        ]
    )
    return make_pipeline(columns, LogisticRegression())
