"""Train modules of every kind of model, on small made-up data."""

_ROWS = """
import numpy as np

rng = np.random.default_rng(0)
A = rng.normal(size=(60, 3))
"""

KINDS = {
    "svc": _ROWS
    + """
from sklearn.svm import SVC

class_names = ["low", "middle", "high"]


def data():
    return A, np.digitize(A[:, 0], [-0.5, 0.5])


def estimator():
    return SVC(decision_function_shape="ovr")
""",
    "linear svc": _ROWS
    + """
from sklearn.svm import LinearSVC


def data():
    return A, np.where(A[:, 0] > 0, "yes", "no")


def estimator():
    return LinearSVC()
""",
    "pairs": _ROWS
    + """
from sklearn.svm import SVC


def data():
    return A, np.digitize(A[:, 0], [-1, 0, 1])


def estimator():
    return SVC(decision_function_shape="ovo")
""",
    "several classes": _ROWS
    + """
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

class_names = [["cold", "warm"], None]


def data():
    y = pd.DataFrame({"heat": (A[:, 0] > 0).astype(int), "sign": (A[:, 1] > 0).astype(int)})
    return A, y


def estimator():
    return RandomForestClassifier(n_estimators=5)
""",
    "several values": _ROWS
    + """
import pandas as pd
from sklearn.linear_model import Ridge


def data():
    return A, pd.DataFrame({"width": A[:, 0] * 2, "height": A[:, 1] + 1})


def estimator():
    return Ridge()
""",
    "clusters": _ROWS
    + """
from sklearn.cluster import KMeans


def data():
    return A, None


def estimator():
    return KMeans(3, n_init=1)
""",
    "outliers": _ROWS
    + """
from sklearn.ensemble import IsolationForest


def data():
    return A, None


def estimator():
    return IsolationForest(n_estimators=10)
""",
    "transform": _ROWS
    + """
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def data():
    return A, None


def estimator():
    return make_pipeline(StandardScaler(), PCA(2))
""",
    "text": """
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

GOOD, BAD = ["good", "great", "fine", "lovely"], ["bad", "awful", "poor", "ugly"]


def data():
    texts = [f"a {word} thing {n}" for n in range(5) for word in (*GOOD, *BAD)]
    return texts, ["praise" if text.split()[1] in GOOD else "complaint" for text in texts]


def estimator():
    return make_pipeline(TfidfVectorizer(), LogisticRegression())
""",
    "xgboost": """
from sklearn.datasets import load_breast_cancer
from xgboost import XGBClassifier


def data():
    return load_breast_cancer()


def estimator():
    return XGBClassifier(n_estimators=10, max_depth=3, n_jobs=1)
""",
    "lightgbm": """
from lightgbm import LGBMRegressor
from sklearn.datasets import load_diabetes


def data():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X.loc[::7, "bmi"] = None  # LightGBM takes gaps as they are
    return X, y


def estimator():
    return LGBMRegressor(n_estimators=10, n_jobs=1, verbose=-1)
""",
}
