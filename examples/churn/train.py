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
    customers = pd.DataFrame(
        {
            "age": rng.integers(18, 80, ROWS),
            "months": rng.integers(1, 60, ROWS),
            "monthly_fee": rng.uniform(15, 75, ROWS).round(2),
            "plan": pd.Categorical(rng.choice(["basic", "family", "plus"], ROWS)),
            "city": rng.choice(["Berlin", "Köln", "Leipzig", "München"], ROWS),
            "paperless": rng.choice([True, False], ROWS),
        }
    )
    risk = 0.08 * customers["monthly_fee"] - 0.1 * customers["months"]
    risk += (customers["plan"] == "basic") - 1.5 * customers["paperless"]
    leaves = rng.random(ROWS) < 1 / (1 + np.exp(-risk))
    # Not everybody tells their age, or their city.
    customers["age"] = customers["age"].mask(customers.index % 10 == 0)
    customers["city"] = customers["city"].mask(customers.index % 11 == 0)
    return customers, np.where(leaves, "leaves", "stays")


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
