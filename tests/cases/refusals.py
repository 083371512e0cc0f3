"""What can't be served: refused before the fit or after, with the line of code that helps."""

from tests.cases.case import Case

_LINEAR = """\
from sklearn.linear_model import LogisticRegression


def estimator():
    return LogisticRegression()


"""


def _refused(name: str, data: str, *says: str, code: str = "MLD213") -> Case:
    return Case(name, f"{_LINEAR}def data():\n    {data}\n", refused=code, says=says)


_ROWS = {
    "rows.py": """\
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Filtered(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return X[X[:, 0] > np.quantile(X[:, 0], 0.1)][:, 0] if len(X) > 1 else X[:, 0]


class Lonely(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        if len(X) == 1:
            raise ValueError("one row is too few")
        return X[:, 0]


class Centred(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return X[:, 0] - X[:, 0].mean()
"""
}


_BY_ROWS = """\
import rows


def data():
    return A, A[:, 0]


def estimator():
    return rows.{kind}()
"""


def _by_rows(name: str, kind: str, code: str, *says: str) -> Case:
    lines = _BY_ROWS.format(kind=kind)
    return Case(name, lines, _ROWS, refused=code, says=says, measured=True)


CASES = (
    _refused(
        "labels that are dates",
        "return A, np.where(A[:, 0] > 0, np.datetime64('2024-01-01'), np.datetime64('2024-06-01'))",
        "dates", "str",
    ),
    _refused(
        "dates in a Series of labels",
        "return A, pd.Series(pd.date_range('2024', periods=120)).dt.floor('60D')",
        "dates", "str",
    ),
    _refused(
        "labels that are periods",
        "return A, pd.Series(pd.period_range('2024', periods=2, freq='M').take(POSITIVE))",
        "astype(str)",
    ),
    _refused(
        "infinity in an array",
        "return np.where(A > 1.5, np.inf, A), POSITIVE",
        "infinity", code="MLD215",
    ),
    _refused(
        "infinity in a DataFrame",
        "return pd.DataFrame(np.where(A > 1.5, np.inf, A), columns=list('abc')), POSITIVE",
        "infinity", code="MLD215",
    ),
    _refused(
        "None and NaN in one column",
        "s = pd.Series([None, np.nan, 'a', 'b'] * 30, dtype=object)\n"
        "    return pd.DataFrame({'s': s, 'x': A[:, 0]}), POSITIVE",
        "'s'", "None", "NaN", code="MLD215",
    ),
    _refused(
        "a polars DataFrame",
        "import polars as pl\n"
        "    return pl.DataFrame({'a': A[:, 0], 'b': A[:, 1]}), POSITIVE",
        "polars", "to_pandas()",
    ),
    _refused(
        "a sparse matrix",
        "from scipy.sparse import csr_array\n    return csr_array(A), POSITIVE",
        "sparse", ".toarray()",
    ),
    _refused(
        "images of three dimensions",
        "return A.reshape(60, 2, 3), POSITIVE[:60]", "reshape(len(X), -1)",
    ),
    _refused(
        "a column of durations",
        "return pd.DataFrame({'t': pd.to_timedelta(A[:, 0], 's')}), POSITIVE",
        "'t'", "total_seconds()", code="MLD215",
    ),
    _refused(
        "a column of decimals",
        "from decimal import Decimal\n"
        "    return pd.DataFrame({'p': [Decimal(str(a)) for a in A[:, 0]]}), POSITIVE",
        "'p'", "astype(float)", code="MLD215",
    ),
    _refused(
        "a column of dates without times",
        "days = pd.date_range('2024', periods=120).date\n"
        "    return pd.DataFrame({'day': days, 'x': A[:, 0]}), POSITIVE",
        "'day'", "to_datetime", code="MLD215",
    ),
    _refused(
        "a 2-d array of texts",
        "return np.array([['red', 'x'], ['green', 'y']] * 60), POSITIVE",
        "pd.DataFrame", code="MLD215",
    ),
    Case(
        "a list of dictionaries",
        """\
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def data():
    return [{"a": value, "b": "x"} for value in A[:, 0]], POSITIVE


def estimator():
    return make_pipeline(DictVectorizer(), LogisticRegression())
""",
        refused="MLD213",
        says=("dict", "pd.DataFrame"),
    ),
    Case(
        "a list of tokens",
        """\
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def data():
    return [["a", "b"][: 1 + one] for one in POSITIVE], POSITIVE


def estimator():
    return make_pipeline(FeatureHasher(input_type="string"), LogisticRegression())
""",
        refused="MLD213",
        says=("join",),
    ),
    _by_rows("fewer answers than rows", "Filtered", "MLD224", "every row"),
    _by_rows("one row that fails", "Lonely", "MLD224", "one row"),
    _by_rows("an answer that depends on the other rows", "Centred", "MLD224", "on the other rows"),
)  # fmt: skip
