"""Answers: each model's own, in the shape that its kind gives."""

from tests.cases.case import Case

_MODULE = """\
{imports}


def data():
    return {data}


def estimator():
    return {estimator}
"""


def _model(imports: str, estimator: str, data: str = "A, POSITIVE") -> str:
    return _MODULE.format(imports=imports, estimator=estimator, data=data)


_LABELS = "A, np.c_[A[:, 0] > 0, A[:, 1] > 0].astype(int)"
_THREE = "A, np.digitize(A[:, 0], [-0.5, 0.5])"
_LOGISTIC = "from sklearn.linear_model import LogisticRegression\n"
_CHAIN = f"{_LOGISTIC}from sklearn.multioutput import ClassifierChain"
_OVR = f"{_LOGISTIC}from sklearn.multiclass import OneVsRestClassifier"
_PER_OUTPUT = f"{_LOGISTIC}from sklearn.multioutput import MultiOutputClassifier"

MULTILABEL = (
    Case("labels of MLPClassifier", _model(
        "from sklearn.neural_network import MLPClassifier",
        "MLPClassifier((4,), max_iter=200, random_state=0)", _LABELS), measured=True),
    Case("labels of OneVsRestClassifier", _model(
        _OVR, "OneVsRestClassifier(LogisticRegression())", _LABELS)),
    Case("labels of ClassifierChain", _model(
        _CHAIN, "ClassifierChain(LogisticRegression())", _LABELS)),
    Case("labels of MultiOutputClassifier", _model(
        _PER_OUTPUT, "MultiOutputClassifier(LogisticRegression())", _LABELS)),
    Case("labels of KNeighborsClassifier", _model(
        "from sklearn.neighbors import KNeighborsClassifier", "KNeighborsClassifier(3)", _LABELS)),
    Case("labels of XGBClassifier", _model(
        "from xgboost import XGBClassifier", "XGBClassifier(n_estimators=5, n_jobs=1)", _LABELS),
        measured=True),
    Case("labels of RidgeClassifier", _model(
        "from sklearn.linear_model import RidgeClassifier", "RidgeClassifier()", _LABELS)),
    Case("texts in several outputs", _model(
        "from sklearn.ensemble import RandomForestClassifier",
        "RandomForestClassifier(5, random_state=0)",
        "A, np.c_[np.where(A[:, 0] > 0, 'warm', 'cold'), np.where(A[:, 1] > 0, 'wet', 'dry')]")),
)  # fmt: skip

CATBOOST = (
    Case("a bare CatBoostClassifier", _model(
        "from catboost import CatBoostClassifier",
        "CatBoostClassifier(iterations=8, verbose=0, allow_writing_files=False, thread_count=1)",
        _THREE), measured=True),
    Case("CatBoostClassifier of three classes in a pipeline", _model(
        "from catboost import CatBoostClassifier\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler",
        "make_pipeline(StandardScaler(), CatBoostClassifier(iterations=8, verbose=0, "
        "allow_writing_files=False, thread_count=1))", _THREE)),
    Case("an estimator that clone refuses", _model(
        "from catboost import CatBoostClassifier",
        "CatBoostClassifier(iterations=8, verbose=0, allow_writing_files=False, thread_count=1, "
        "cat_features=['c'])",
        "pd.DataFrame({'c': np.resize(['a', 'b', 'c'], 120), 'x': A[:, 0]}), POSITIVE"),
        measured=True),
)  # fmt: skip

_OWN = {
    "own.py": """\
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import LogisticRegression as Library
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import LabelEncoder
from sklearn.tree import DecisionTreeClassifier


class Sure(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.best_estimator_ = Library().fit(X, y)
        self.classes_ = self.best_estimator_.classes_
        return self

    def predict_proba(self, X):
        return self.best_estimator_.predict_proba(X)

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.9).astype(int)]


class Worded(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.encoder_ = LabelEncoder().fit(y)
        self.classes_ = self.encoder_.classes_
        search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2]}, cv=2)
        self.best_estimator_ = search.fit(X, self.encoder_.transform(y)).best_estimator_
        return self

    def predict(self, X):
        return self.encoder_.inverse_transform(self.best_estimator_.predict(X))

    def predict_proba(self, X):
        return self.best_estimator_.predict_proba(X)


class OldOrder(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        self.model_ = Library().fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


class Rule(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return (X[:, 0] > 0).astype(int)


class Strict(Library):
    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.8).astype(int)]


class LogisticRegression(OldOrder):
    def predict(self, X):
        return self.classes_[::-1][(self.predict_proba(X)[:, 1] > 0.5).astype(int)]


class Search(GridSearchCV):
    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.8).astype(int)]


class Column(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        self.model_ = LinearRegression().fit(X, y)
        return self

    def predict(self, X):
        return self.model_.predict(X).reshape(-1, 1)


class Answering(RegressorMixin, BaseEstimator):
    def __init__(self, form="list"):
        self.form = form

    def fit(self, X, y):
        self.model_ = LinearRegression().fit(X, y)
        return self

    def predict(self, X):
        import pandas as pd
        from scipy.sparse import csr_array

        found = self.model_.predict(X)
        if self.form == "list":
            return found.tolist()
        if self.form == "series":
            return pd.Series(found, index=range(7, 7 + len(found)))
        if self.form == "frame":
            return pd.DataFrame({"low": found - 1, "high": found + 1})
        return csr_array(np.c_[found, -found])
"""
}
_NAMES = "A, np.where(A[:, 0] > 0, 'late', 'early')"
_OWN_IMPORTS = "import own"

OWN = (
    Case("a best_estimator_ that isn't a search's", _model(_OWN_IMPORTS, "own.Sure()"), _OWN),
    Case("a best_estimator_ on encoded labels", _model(_OWN_IMPORTS, "own.Worded()", _NAMES), _OWN),
    Case("mixins in the old order", _model(_OWN_IMPORTS, "own.OldOrder()"), _OWN),
    Case("a classifier without classes_", _model(_OWN_IMPORTS, "own.Rule()"), _OWN, measured=True),
    Case("a subclass with a predict of its own", _model(_OWN_IMPORTS, "own.Strict()"), _OWN),
    Case("a class of another module's name", _model(
        _OWN_IMPORTS, "own.LogisticRegression()"), _OWN),
    Case("a subclass of a search", _model(
        _OWN_IMPORTS + "\nfrom sklearn.linear_model import LogisticRegression",
        "own.Search(LogisticRegression(), {'C': [0.1, 1]}, cv=2)"), _OWN),
    Case("a column vector of one value per row", _model(
        _OWN_IMPORTS, "own.Column()", "A, A[:, 0] * 2"), _OWN, task="regression",
        measured=True),
    Case("a list from predict", _model(
        _OWN_IMPORTS, "own.Answering('list')", "A, A[:, 0]"), _OWN, task="regression"),
    Case("a Series from predict", _model(
        _OWN_IMPORTS, "own.Answering('series')", "A, A[:, 0]"), _OWN, task="regression"),
    Case("a DataFrame from predict", _model(
        _OWN_IMPORTS, "own.Answering('frame')", "A, A[:, 0]"), _OWN, task="regression",
        measured=True),
    Case("a sparse matrix from predict", _model(
        _OWN_IMPORTS, "own.Answering('sparse')", "A, A[:, 0]"), _OWN, task="regression",
        measured=True),
)  # fmt: skip

_WEIGHTS = "A, POSITIVE, np.where(A[:, 1] > 0, 9.0, 0.1)"

LIBRARY = (
    Case("a Gaussian process far from its data", _model(
        "from sklearn.gaussian_process import GaussianProcessClassifier",
        "GaussianProcessClassifier()", "A[:60, :2], np.where(A[:60, 0] > 0, 'right', 'left')")
        + "\n\ndef strangers():\n    return np.array([[7.0, 0.0], [80.0, 0.0], [-90.0, 5.0]])\n"),
    Case("one-versus-one values of three classes", _model(
        "from sklearn.svm import SVC", "SVC(decision_function_shape='ovo')", _THREE),
        answers=(({"features": [0, 0, 0]}, {"decision_values": {"0 or 1", "0 or 2", "1 or 2"}}),)),
    Case("one-versus-one values of four classes", _model(
        "from sklearn.svm import SVC", "SVC(decision_function_shape='ovo')",
        "A, np.digitize(A[:, 0], [-0.7, 0, 0.7])")),
    Case("weights from data", _model(
        "from sklearn.linear_model import LogisticRegression", "LogisticRegression()", _WEIGHTS),
        measured=True),
    Case("a metric that can't be computed", _model(
        "from sklearn.isotonic import IsotonicRegression", "IsotonicRegression()",
        "A[:, [0]], A[:, 0] + A[:, 1] / 9") + "\n\ndef strangers():\n    return [[99.0]]\n",
        task="regression", says=("warning",), measured=True),
    Case("a threshold on the probability", _model(
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import FixedThresholdClassifier",
        "FixedThresholdClassifier(LogisticRegression(), threshold=0.8)")),
    Case("labels that spread", _model(
        "from sklearn.semi_supervised import LabelSpreading", "LabelSpreading()",
        "A, np.where(np.arange(120) % 5 == 4, -1, POSITIVE)")),
    Case("neighbours with ties", _model(
        "from sklearn.neighbors import KNeighborsClassifier", "KNeighborsClassifier(4)",
        "np.round(A), np.digitize(A[:, 0], [-0.5, 0.5])")),
    Case("ties of XGBoost", _model(
        "from xgboost import XGBClassifier", "XGBClassifier(n_estimators=1, n_jobs=1, max_depth=1)",
        "np.round(A), np.digitize(A[:, 0], [-0.5, 0.5])")),
    Case("a transformer of one row", _model(
        "from sklearn.decomposition import PCA", "PCA(2, svd_solver='full')", "A, None"),
        task="transform"),
    Case("a transform of another shape for one row", _model(
        "from sklearn.decomposition import SparsePCA", "SparsePCA(2, random_state=0)", "A, None"),
        task="transform"),
)  # fmt: skip

CASES = (*MULTILABEL, *CATBOOST, *OWN, *LIBRARY)
