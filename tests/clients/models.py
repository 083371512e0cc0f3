"""The models that clients call, and what each estimator itself says of its rows."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.support.models import IRIS, bundle_of

_FRAME = """\
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def data():
    n = np.arange(80)
    X = pd.DataFrame(
        {
            "age": 20 + n,
            "weight": np.where(n % 7 == 3, np.nan, 50 + n / 3),
            "smoker": n % 3 == 0,
            "city": pd.array(["Bonn", "Köln", "Ulm", "Bonn"] * 20),
            "height": np.where(n % 5 == 4, np.nan, 1.5 + n % 11 / 20),
        }
    )
    return X, np.where((n % 2 == 1) | (n > 60), "yes", "no")


def estimator():
    columns = ColumnTransformer(
        [
            ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
            ("numbers", SimpleImputer(strategy="median"), ["age", "weight", "height"]),
            ("flags", "passthrough", ["smoker"]),
        ]
    )
    return make_pipeline(columns, LogisticRegression(max_iter=1000))
"""
_TEXTS = """\
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

PARTS = {
    "billing": ["the invoice is wrong", "a refund, please", "charged twice for «May»"],
    "access": ["the password doesn't work", "locked out, again", 'the "reset" link is dead'],
    "größe": ["die Größe passt nicht", "zu klein, bitte umtauschen", "größer als bestellt"],
}


def data():
    texts = [f"{text} {n}" for n in range(5) for kind in PARTS for text in PARTS[kind]]
    return texts, [kind for n in range(5) for kind in PARTS for text in PARTS[kind]]


def estimator():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())
"""
_REGRESSOR = """\
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor


def data():
    return load_diabetes(return_X_y=True)


def estimator():
    return RandomForestRegressor(n_estimators=5, random_state=0)
"""
_OUTPUTS = """\
import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier


def data():
    x = np.random.default_rng(0).normal(size=(90, 3))
    heat = np.where(x[:, 0] > 0, "hot", "cold")
    sign = np.select([x[:, 1] > 0.5, x[:, 1] < -0.5], ["plus", "minus"], "zero")
    return x, pd.DataFrame({"heat": heat, "sign": sign})


def estimator():
    return DecisionTreeClassifier(max_depth=3, random_state=0)
"""
_ROWS = 6


@dataclass(frozen=True)
class Model:
    """A model.

    Attributes:
        name: in the table.
        train: text of its train.py.
        kind: "array", "frame" or "texts": what X is.
        outputs: names of the outputs, if there are several.
        first: the first row of X that clients send.
    """

    name: str
    train: str
    kind: str
    outputs: tuple[str, ...] = ()
    first: int = 0

    @cached_property
    def bundle(self) -> Path:
        """The folder of the trained bundle."""
        return bundle_of(self.train).path

    @cached_property
    def estimator(self) -> Any:
        """The fitted estimator, as plain Python loads it."""
        import joblib

        return joblib.load(self.bundle / "model.joblib")

    @cached_property
    def x(self) -> Any:
        """The rows that clients send, as scikit-learn takes them."""
        module = ModuleType("train")
        exec(compile(self.train, "train.py", "exec"), module.__dict__)  # noqa: S102 - ours
        found = module.data()
        x = found[0] if isinstance(found, tuple) else found["data"]
        step = max(1, (len(x) - self.first) // _ROWS)
        rows = slice(self.first, self.first + step * _ROWS, step)
        return x.iloc[rows] if hasattr(x, "iloc") else x[rows]

    @cached_property
    def rows(self) -> list[Any]:
        """The same as JSON; a gap is None."""
        if self.kind == "texts":
            return list(self.x)
        table = self.x.astype(object).to_numpy() if self.kind == "frame" else self.x
        return [[None if one != one else one for one in row] for row in table.tolist()]  # noqa: PLR0124

    @cached_property
    def predict(self) -> list[Any]:
        """What the estimator predicts: a value per row, or a list of them per row."""
        return [_plain(one) for one in self.estimator.predict(self.x)]

    @cached_property
    def proba(self) -> list[Any] | None:
        """Its probabilities: a list per row, or per output a list per row; None of a regressor."""
        if not hasattr(self.estimator, "predict_proba"):
            return None
        found = self.estimator.predict_proba(self.x)
        return [_plain(one) for one in found]

    def job(self, url: str) -> dict[str, Any]:
        """Return what a client's script is given to call the model at this URL."""
        return {
            "url": url,
            "kind": self.kind,
            "columns": list(self.x.columns) if self.kind == "frame" else None,
            "rows": self.rows,
            "outputs": list(self.outputs),
        }


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


MODELS = (
    Model("iris", IRIS, "array"),
    Model("mixed", _FRAME, "frame"),
    Model("texts", _TEXTS, "texts"),
    Model("regressor", _REGRESSOR, "array"),
    Model("outputs", _OUTPUTS, "array", ("heat", "sign")),
)
