"""Estimators around others, in the ways that people nest them."""

from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    IsolationForest,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeRegressor

from tests.models import data, steps
from tests.models.line import exact

assert enable_halving_search_cv is not None
_TREE = steps.tree


def _partly_labelled() -> tuple[Any, Any]:
    x, y = data.three()
    y = y.copy()
    y[::4] = -1
    return x, y


def _pair() -> list[tuple[str, Any]]:
    return [("tree", _TREE()), ("bayes", GaussianNB())]


def _search(kind: Any, **more: Any) -> Any:
    return kind(make_pipeline(StandardScaler(), LogisticRegression()), cv=2, **more)


_GRID = {"logisticregression__C": [0.1, 1.0]}

LINES = [
    exact("Bunch", load_iris, lambda: LogisticRegression(max_iter=200)),
    exact("Bunch as frame", lambda: load_iris(as_frame=True), GaussianNB),
    exact("KMeans of a Bunch", load_iris, lambda: KMeans(3, n_init=1, random_state=0)),
    exact("Pipeline of SVC", data.three, lambda: make_pipeline(StandardScaler(), SVC())),
    exact("Pipeline with PCA", data.three, lambda: make_pipeline(PCA(2), KNeighborsClassifier())),
    exact("Pipeline, regression", data.regression, lambda: make_pipeline(StandardScaler(), SVR())),
    exact("Pipeline of transformers", data.alone, lambda: make_pipeline(StandardScaler(), PCA(2))),
    exact(
        "Pipeline, clusters",
        data.alone,
        lambda: make_pipeline(StandardScaler(), KMeans(3, n_init=1)),
    ),
    exact(
        "Pipeline, outliers",
        data.alone,
        lambda: make_pipeline(StandardScaler(), IsolationForest(n_estimators=5, random_state=0)),
    ),
    exact("ColumnTransformer alone", data.frame, lambda: steps.mixed()[0]),
    exact("ColumnTransformer by dtype", data.frame, steps.by_dtype),
    exact("ColumnTransformer in a Pipeline", data.frame, steps.mixed),
    exact(
        "ColumnTransformer by position",
        data.three,
        lambda: make_pipeline(
            ColumnTransformer([("a", StandardScaler(), [0, 1])], remainder="passthrough"), SVC()
        ),
    ),
    exact(
        "FeatureUnion of two",
        data.three,
        lambda: make_pipeline(make_union(PCA(2), StandardScaler()), LogisticRegression()),
    ),
    exact(
        "FeatureUnion of texts",
        data.texts,
        lambda: make_pipeline(
            FeatureUnion(
                [("words", TfidfVectorizer()), ("letters", CountVectorizer(analyzer="char"))]
            ),
            LogisticRegression(),
        ),
    ),
    exact("Voting, hard", data.three, lambda: VotingClassifier(_pair())),
    exact("Voting, soft", data.three, lambda: VotingClassifier(_pair(), voting="soft")),
    exact(
        "Voting, weights",
        data.two,
        lambda: VotingClassifier(_pair(), voting="soft", weights=[1, 3]),
    ),
    exact("Stacking", data.three, lambda: StackingClassifier(_pair(), cv=2)),
    exact(
        "Stacking, passthrough",
        data.three,
        lambda: StackingClassifier(_pair(), cv=2, passthrough=True),
    ),
    exact(
        "Stacking, regression",
        data.regression,
        lambda: StackingRegressor(
            [("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3, random_state=0))], cv=2
        ),
    ),
    exact("Bagging of trees", data.three, lambda: BaggingClassifier(_TREE(), 4, random_state=0)),
    exact("Bagging of SVC", data.three, lambda: BaggingClassifier(SVC(), 3, random_state=0)),
    exact(
        "Bagging, some columns",
        data.regression,
        lambda: BaggingRegressor(Ridge(), 3, max_features=2, random_state=0),
    ),
    exact("Calibrated, sigmoid", data.three, lambda: CalibratedClassifierCV(LinearSVC(), cv=2)),
    exact(
        "Calibrated, isotonic",
        data.two,
        lambda: CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=2),
    ),
    exact(
        "Calibrated without ensemble",
        data.three,
        lambda: CalibratedClassifierCV(SVC(), ensemble=False, cv=2),
    ),
    exact("MultiOutput of forests", data.multilabel, lambda: MultiOutputClassifier(steps.forest())),
    exact(
        "MultiOutput without probabilities",
        data.multilabel,
        lambda: MultiOutputClassifier(LinearSVC()),
    ),
    exact(
        "MultiOutput, three classes",
        data.multi_class_outputs,
        lambda: MultiOutputClassifier(_TREE()),
    ),
    exact("MultiOutput, regression", data.two_targets, lambda: MultiOutputRegressor(SVR())),
    exact("Chain", data.multilabel, lambda: ClassifierChain(LogisticRegression())),
    exact(
        "Chain in random order",
        data.multilabel,
        lambda: ClassifierChain(LogisticRegression(), order="random", random_state=0),
    ),
    exact(
        "Chain in a Pipeline",
        data.multilabel,
        lambda: make_pipeline(StandardScaler(), ClassifierChain(GaussianNB())),
    ),
    exact("Chain of regressors", data.two_targets, lambda: RegressorChain(Ridge())),
    exact("One vs. rest of SVC", data.three, lambda: OneVsRestClassifier(SVC())),
    exact(
        "One vs. rest, multilabel",
        data.multilabel,
        lambda: OneVsRestClassifier(LogisticRegression()),
    ),
    exact(
        "One vs. rest, multilabel of SVC", data.multilabel, lambda: OneVsRestClassifier(LinearSVC())
    ),
    exact("One vs. rest, two classes", data.two, lambda: OneVsRestClassifier(LogisticRegression())),
    exact("One vs. one, three classes", data.three, lambda: OneVsOneClassifier(LinearSVC())),
    exact("One vs. one, four classes", data.four, lambda: OneVsOneClassifier(LinearSVC())),
    exact("One vs. one, two classes", data.two, lambda: OneVsOneClassifier(LinearSVC())),
    exact("Output codes", data.four, lambda: OutputCodeClassifier(LinearSVC(), random_state=0)),
    exact(
        "Transformed target",
        data.positive,
        lambda: TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp),
    ),
    exact(
        "Transformed target by a scaler",
        data.regression,
        lambda: TransformedTargetRegressor(Ridge(), transformer=StandardScaler()),
    ),
    exact("Self-training", _partly_labelled, lambda: SelfTrainingClassifier(GaussianNB())),
    exact(
        "Tuned threshold",
        data.two,
        lambda: TunedThresholdClassifierCV(GaussianNB(), thresholds=5, cv=2),
    ),
    exact(
        "Fixed threshold, high",
        data.two,
        lambda: FixedThresholdClassifier(GaussianNB(), threshold=0.9),
    ),
    exact(
        "Fixed threshold on decisions",
        data.two,
        lambda: FixedThresholdClassifier(LinearSVC(), threshold=0.4),
    ),
    exact(
        "GridSearchCV of a Pipeline", data.three, lambda: _search(GridSearchCV, param_grid=_GRID)
    ),
    exact(
        "GridSearchCV, regression",
        data.regression,
        lambda: GridSearchCV(Ridge(), {"alpha": [0.1, 9]}, cv=2),
    ),
    exact(
        "GridSearchCV of a FixedThreshold",
        data.two,
        lambda: GridSearchCV(
            FixedThresholdClassifier(GaussianNB()), {"threshold": [0.3, 0.9]}, cv=2
        ),
    ),
    exact(
        "RandomizedSearchCV of a Pipeline",
        data.three,
        lambda: _search(RandomizedSearchCV, param_distributions=_GRID, n_iter=2, random_state=0),
    ),
    exact(
        "HalvingGridSearchCV of a Pipeline",
        data.three,
        lambda: _search(HalvingGridSearchCV, param_grid=_GRID, random_state=0),
    ),
    exact(
        "HalvingRandomSearchCV of a Pipeline",
        data.three,
        lambda: _search(
            HalvingRandomSearchCV, param_distributions=_GRID, n_candidates=2, random_state=0
        ),
    ),
    exact(
        "Search inside a Pipeline",
        data.three,
        lambda: make_pipeline(StandardScaler(), GridSearchCV(SVC(), {"C": [1, 9]}, cv=2)),
    ),
    exact("RFE of a tree", data.three, lambda: RFE(_TREE(), n_features_to_select=2)),
    exact("RFE in a Pipeline", data.three, lambda: make_pipeline(RFE(_TREE()), GaussianNB())),
    exact(
        "SelectFromModel in a Pipeline",
        data.three,
        lambda: make_pipeline(SelectFromModel(_TREE()), GaussianNB()),
    ),
    exact(
        "SelectKBest in a Pipeline",
        data.three,
        lambda: make_pipeline(SelectKBest(k=2), GaussianNB()),
    ),
    exact(
        "AdaBoost of trees",
        data.three,
        lambda: AdaBoostClassifier(_TREE(), n_estimators=3, random_state=0),
    ),
    exact(
        "AdaBoost of SGD",
        data.two,
        lambda: AdaBoostClassifier(
            SGDClassifier(loss="log_loss", random_state=0), n_estimators=3, random_state=0
        ),
    ),
    exact(
        "PolynomialFeatures in a Pipeline",
        data.regression,
        lambda: make_pipeline(PolynomialFeatures(2), LinearRegression()),
    ),
]
