"""Arrays: each keeps the dtype that it had in training."""

from tests.cases.case import Case

CASES = (
    Case(
        "a float32 array",
        """\
from sklearn.linear_model import Ridge


def data():
    X = A.astype("float32")
    return X, X[:, 0] * 2 + X[:, 1]


def estimator():
    return Ridge()
""",
        task="regression",
    ),
    Case(
        "a model that takes float32 alone",
        """\
from narrow import Narrow


def data():
    return A.astype("float32"), POSITIVE


def estimator():
    return Narrow()
""",
        {
            "narrow.py": """\
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Narrow(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.weights_ = (X[y == 1].mean(0) - X[y == 0].mean(0)).astype("float32")
        return self

    def predict(self, X):
        if X.dtype != np.float32:
            raise TypeError(f"expected float32, found {X.dtype}")
        return self.classes_[(X @ self.weights_ > 0).astype(int)]
"""
        },
    ),
    Case(
        "clusters of a float32 array",
        """\
from sklearn.cluster import KMeans


def data():
    return A.astype("float32"), None


def estimator():
    return KMeans(4, n_init=1, random_state=0)
""",
        task="clustering",
    ),
    Case(
        "a float16 array",
        """\
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeRegressor
from powers import cubed


def data():
    X = (A * 8).astype("float16")
    return X, A[:, 0]


def estimator():
    return make_pipeline(FunctionTransformer(cubed), DecisionTreeRegressor(random_state=0))
""",
        {"powers.py": "def cubed(X):\n    return (X * X * X).astype('float32')\n"},
        task="regression",
        problems=(({"features": [70000.0, 0, 0]}, "65504"),),
    ),
    Case(
        "bytes of pixels",
        """\
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from pixels import inverted


def data():
    found = load_digits()
    return (found.data[:200] * 15).astype("uint8"), found.target[:200]


def estimator():
    return make_pipeline(FunctionTransformer(inverted), KNeighborsClassifier(3))
""",
        {"pixels.py": "def inverted(X):\n    return 100 - X * 2\n"},
        problems=(({"features": [256, *[0] * 63]}, "255"), ({"features": [-1, *[0] * 63]}, "0")),
    ),
    Case(
        "16-bit pixels",
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from pixels import doubled


def data():
    X = np.random.default_rng(1).integers(0, 65536, (120, 4)).astype("uint16")
    return X, (X[:, 0] > 30000).astype(int)


def estimator():
    return make_pipeline(FunctionTransformer(doubled), LogisticRegression())
""",
        {"pixels.py": "def doubled(X):\n    return (X + X) / 65536\n"},
    ),
    Case(
        "8-bit integers that wrap round",
        """\
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from powers import squared


def data():
    return np.random.default_rng(1).integers(-128, 128, (120, 3)).astype("int8"), A[:, 0]


def estimator():
    return make_pipeline(FunctionTransformer(squared), Ridge())
""",
        {"powers.py": "def squared(X):\n    return X * X\n"},
        task="regression",
    ),
    Case(
        "a boolean array",
        """\
from sklearn.naive_bayes import BernoulliNB


def data():
    X = A > 0
    return X, X[:, 0] | X[:, 1]


def estimator():
    return BernoulliNB()
""",
        answers=(({"features": [True, False, True]}, {"class_label": True}),),
        problems=(({"features": ["yes", False, True]}, "true or false"),),
    ),
    Case(
        "integers as positions in a table",
        """\
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from embedding import embedded


def data():
    return np.random.default_rng(1).integers(0, 6, (120, 2)), A[:, 0]


def estimator():
    return make_pipeline(FunctionTransformer(embedded), Ridge())
""",
        {
            "embedding.py": """\
import numpy as np

TABLE = np.random.default_rng(2).normal(size=(6, 3))


def embedded(X):
    return np.hstack([TABLE[X[:, 0]], TABLE[X[:, 1]]])
"""
        },
        task="regression",
    ),
    Case(
        "integers that become texts",
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from words import written


def data():
    X = np.random.default_rng(1).integers(0, 6, (150, 3))
    return X, np.where(X[:, 0] > 2, "high", "low")


def estimator():
    encoder = OneHotEncoder(handle_unknown="ignore")
    return make_pipeline(FunctionTransformer(written), encoder, LogisticRegression())
""",
        {"words.py": "def written(X):\n    return X.astype(str)\n"},
    ),
    Case(
        "integers above 2**53",
        """\
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

IDS = 2**53 + np.arange(120) % 4


def data():
    return np.c_[IDS, np.arange(120) % 3], np.where(IDS % 2, 10.0, -10.0)


def estimator():
    return make_pipeline(OneHotEncoder(handle_unknown="ignore"), Ridge())
""",
        task="regression",
        problems=(({"features": [9007199254740994.0, 0]}, "2**53"),),
    ),
    Case(
        "unsigned integers above 2**63",
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

IDS = np.uint64(2**63) + (np.arange(120) % 4).astype("uint64")


def data():
    return IDS.reshape(-1, 1), np.arange(120) % 2


def estimator():
    return make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
""",
    ),
    Case(
        "a list of lists of integers",
        """\
from sklearn.linear_model import LogisticRegression


def data():
    return [[i % 7, i % 3] for i in range(120)], [int(i % 7 > 3) for i in range(120)]


def estimator():
    return LogisticRegression()
""",
    ),
)
