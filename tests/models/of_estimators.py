"""Estimators whose scores, outputs or data are of several forms."""

from functools import partial

from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.experimental import enable_halving_search_cv
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.models import data, steps
from tests.models.line import Line, exact, refused

assert enable_halving_search_cv is not None


def _support_vectors() -> list[Line]:
    kinds = {2: data.two, 3: data.three, 4: data.four}
    return [
        exact(f"SVC {shape}, {count} classes", kind, partial(SVC, decision_function_shape=shape))
        for shape in ("ovo", "ovr")
        for count, kind in kinds.items()
    ]


LINES = [
    *_support_vectors(),
    exact(
        "SVC ovo in a Pipeline",
        data.three,
        lambda: make_pipeline(StandardScaler(), SVC(decision_function_shape="ovo")),
    ),
    exact("SVC break_ties", data.three, lambda: SVC(break_ties=True)),
    exact("SVC linear", data.two, lambda: SVC(kernel="linear")),
    exact(
        "GaussianProcess, three classes",
        data.three,
        lambda: GaussianProcessClassifier(RBF(1.0), optimizer=None),
    ),
    exact(
        "GaussianProcess, far from data",
        data.two,
        lambda: GaussianProcessClassifier(RBF(0.01), optimizer=None),
    ),
    refused(
        "GaussianProcess, one vs. one",
        data.three,
        lambda: GaussianProcessClassifier(RBF(1.0), optimizer=None, multi_class="one_vs_one"),
        "MLD216",
        "one_vs_rest",
    ),
    exact(
        "GaussianProcess, regression",
        data.regression,
        lambda: GaussianProcessRegressor(RBF() + WhiteKernel(), random_state=0),
        noise=1e-9,
    ),
    exact(
        "GaussianProcess, two targets",
        data.two_targets,
        lambda: GaussianProcessRegressor(RBF(), alpha=0.1),
        noise=1e-9,
    ),
    exact("Forest, multilabel", data.multilabel, steps.forest),
    exact(
        "Forest, two targets", data.two_targets, lambda: RandomForestRegressor(5, random_state=0)
    ),
    exact(
        "Tree, classes of two outputs",
        data.multi_class_outputs,
        lambda: DecisionTreeClassifier(max_depth=4, random_state=0),
    ),
    exact("Neighbours, multilabel", data.multilabel, KNeighborsClassifier),
    exact("Neighbours, two targets", data.two_targets, KNeighborsRegressor),
    exact(
        "MLP, multilabel", data.multilabel, lambda: MLPClassifier((5,), max_iter=20, random_state=0)
    ),
    exact(
        "Forest with weights",
        data.three,
        lambda: RandomForestClassifier(5, class_weight="balanced", random_state=0),
    ),
    exact(
        "GradientBoosting exponential",
        data.two,
        lambda: GradientBoostingClassifier(loss="exponential", n_estimators=5, random_state=0),
    ),
    exact(
        "HistGradientBoosting with gaps",
        data.with_gaps,
        lambda: HistGradientBoostingClassifier(max_iter=5),
    ),
    exact(
        "Texts, tf-idf", data.texts, lambda: make_pipeline(TfidfVectorizer(), LogisticRegression())
    ),
    exact(
        "Texts, pairs of words",
        data.texts,
        lambda: make_pipeline(CountVectorizer(ngram_range=(1, 2)), LinearSVC()),
    ),
]
