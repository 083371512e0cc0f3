"""DataFrames: each column keeps its dtype, its categories and its gaps."""

from tests.cases.case import Case

CASES = (
    Case(
        "an ordered category",
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sizes import large

SIZES = ["S", "M", "L", "XL"]


def data():
    drawn = np.random.default_rng(1).choice(SIZES, 120)
    X = pd.DataFrame({"size": pd.Categorical(drawn, SIZES, ordered=True), "n": A[:, 0]})
    return X, (X["size"] > "M").astype(int)


def estimator():
    return make_pipeline(FunctionTransformer(large), LogisticRegression())
""",
        {
            "sizes.py": """\
import pandas as pd


def large(X):
    return pd.DataFrame({"large": (X["size"] > "M").astype(int), "n": X["n"]})
"""
        },
        problems=(({"features": {"size": "XXL", "n": 0}}, "XXL"),),
    ),
    Case(
        "a category whose order decides",
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from grades import numbered


def data():
    grade = pd.Categorical(list("abc") * 40, list("cab"), ordered=True)
    return pd.DataFrame({"n": A[:, 0], "grade": grade}), POSITIVE


def estimator():
    return make_pipeline(FunctionTransformer(numbered), LogisticRegression())
""",
        {
            "grades.py": """\
def numbered(X):
    codes = X["grade"].cat.codes
    return X.assign(grade=codes * 3 if X["grade"].cat.ordered else -codes)
"""
        },
    ),
    Case(
        "integer categories",
        """\
from lightgbm import LGBMClassifier


def data():
    kind = pd.Categorical(np.arange(120) % 4)
    return pd.DataFrame({"kind": kind, "n": A[:, 0]}), np.arange(120) % 4 // 2


def estimator():
    return LGBMClassifier(n_estimators=5, verbose=-1)
""",
        problems=(({"features": {"kind": 9, "n": 0}}, "9"),),
    ),
    Case(
        "ordered integer categories",
        """\
from sklearn.ensemble import HistGradientBoostingClassifier


def data():
    stars = pd.Categorical(np.arange(120) % 5 + 1, [5, 4, 3, 2, 1], ordered=True)
    return pd.DataFrame({"stars": stars, "n": A[:, 0]}), np.arange(120) % 5 // 3


def estimator():
    return HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")
""",
    ),
    Case(
        "interval categories",
        """\
from sklearn.ensemble import HistGradientBoostingClassifier


def data():
    X = pd.DataFrame({"band": pd.cut(A[:, 0], [-9, -1, 0, 1, 9]), "n": A[:, 1]})
    return X, POSITIVE


def estimator():
    return HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")
""",
        problems=(({"features": {"band": "(1.0, 2.0]", "n": 0}}, "(1.0, 2.0]"),),
    ),
    Case(
        "boolean columns with gaps",
        """\
from sklearn.ensemble import HistGradientBoostingClassifier


def data():
    known = [None if i % 9 == 0 else i % 2 == 0 for i in range(120)]
    X = pd.DataFrame({"known": pd.array(known, dtype="boolean"), "n": A[:, 0]})
    return X, np.arange(120) % 2


def estimator():
    return HistGradientBoostingClassifier(max_iter=5)
""",
    ),
    Case(
        "integer columns with gaps, float32 and int8",
        """\
from sklearn.ensemble import HistGradientBoostingRegressor


def data():
    gaps = pd.array([None if i % 8 == 0 else i for i in range(120)], dtype="Int64")
    small = (np.arange(120) % 100).astype("int8")
    return pd.DataFrame({"i": gaps, "f": A[:, 0].astype("float32"), "s": small}), A[:, 1]


def estimator():
    return HistGradientBoostingRegressor(max_iter=5)
""",
        task="regression",
    ),
    Case(
        "columns named by integers",
        """\
from sklearn.linear_model import LogisticRegression


def data():
    return pd.DataFrame(A), POSITIVE


def estimator():
    return LogisticRegression()
""",
        answers=(({"features": {"0": 3.0, "1": 0, "2": 0}}, {"class_label": 1}),),
    ),
    Case(
        "a column of pandas' parameter names",
        """\
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def data():
    X = pd.DataFrame({"self": np.resize(["a", "b", "c"], 120), "index": A[:, 0], "": A[:, 1]})
    return X.assign(**{"x\\n<b>": A[:, 2], "columns": 1.5}), POSITIVE


def estimator():
    encoded = (OneHotEncoder(handle_unknown="ignore"), ["self"])
    columns = make_column_transformer(encoded, remainder="passthrough")
    return make_pipeline(columns, LogisticRegression())
""",
    ),
    Case(
        "a category of integers that the encoder doesn't know",
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def data():
    shop = np.arange(120) % 3
    return pd.DataFrame({"shop": shop}), shop // 2


def estimator():
    return make_pipeline(OneHotEncoder(), LogisticRegression())
""",
        problems=(({"features": {"shop": 7}}, "7"),),
    ),
    Case(
        "a column of texts with pyarrow's dtype",
        """\
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def data():
    city = pd.array(np.resize(["Bonn", "Ulm", "Köln"], 120), dtype="string[pyarrow]")
    return pd.DataFrame({"city": city, "n": A[:, 0]}), np.arange(120) % 3 // 2


def estimator():
    encoded = (OneHotEncoder(handle_unknown="ignore"), ["city"])
    columns = make_column_transformer(encoded, remainder="passthrough")
    return make_pipeline(columns, LogisticRegression())
""",
    ),
    Case(
        "columns of several levels",
        """\
from sklearn.linear_model import LogisticRegression


def data():
    names = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")])
    return pd.DataFrame(A, columns=names), POSITIVE


def estimator():
    return LogisticRegression()
""",
        refused="MLD213",
        says=("columns",),
    ),
    Case(
        "two columns of one name",
        """\
from sklearn.linear_model import LogisticRegression


def data():
    return pd.DataFrame(A, columns=["a", "b", "a"]), POSITIVE


def estimator():
    return LogisticRegression()
""",
        refused="MLD213",
        says=("a",),
    ),
    Case(
        "columns whose names are one text",
        """\
from sklearn.linear_model import LogisticRegression


def data():
    return pd.DataFrame(A, columns=[1, "1", "b"]), POSITIVE


def estimator():
    return LogisticRegression()
""",
        refused="MLD213",
        says=("1",),
    ),
)
