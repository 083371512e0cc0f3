"""All of scikit-learn's `all_estimators()`: as they are made by default, or with arguments."""

from collections.abc import Callable
from typing import Any

from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.utils import all_estimators

from tests.models import data
from tests.models.line import Line, exact, refused

_NO_PREDICT = ("MLD212", "predict")
_PAIR = [("a", LogisticRegression()), ("b", LogisticRegression(C=0.1))]
_PAIR_OF_REGRESSORS = [("a", LinearRegression()), ("b", LinearRegression(fit_intercept=False))]
_GRID = {"C": [0.1, 1.0]}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "AdaBoostClassifier": {"n_estimators": 5},
    "AdaBoostRegressor": {"n_estimators": 5},
    "BaggingClassifier": {"n_estimators": 3},
    "BaggingRegressor": {"n_estimators": 3},
    "BayesianGaussianMixture": {"n_components": 2, "max_iter": 20},
    "BernoulliRBM": {"n_components": 3, "n_iter": 2},
    "ClassifierChain": {"estimator": LogisticRegression()},
    "ColumnTransformer": {"transformers": [("a", "passthrough", [0, 2])]},
    "DictionaryLearning": {"n_components": 3, "max_iter": 5},
    "ExtraTreesClassifier": {"n_estimators": 5},
    "ExtraTreesRegressor": {"n_estimators": 5},
    "FactorAnalysis": {"n_components": 2},
    "FeatureUnion": {"transformer_list": [("a", "passthrough"), ("b", "passthrough")]},
    "FixedThresholdClassifier": {"estimator": LogisticRegression(), "threshold": 0.8},
    "FrozenEstimator": {"estimator": LogisticRegression().fit(*data.three())},
    "GaussianRandomProjection": {"n_components": 2},
    "GradientBoostingClassifier": {"n_estimators": 5},
    "GradientBoostingRegressor": {"n_estimators": 5},
    "GridSearchCV": {"estimator": LogisticRegression(), "param_grid": _GRID, "cv": 2},
    "HalvingGridSearchCV": {"estimator": LogisticRegression(), "param_grid": _GRID, "cv": 2},
    "HalvingRandomSearchCV": {
        "estimator": LogisticRegression(),
        "param_distributions": _GRID,
        "n_candidates": 2,
        "cv": 2,
    },
    "HistGradientBoostingClassifier": {"max_iter": 5},
    "HistGradientBoostingRegressor": {"max_iter": 5},
    "IncrementalPCA": {"n_components": 2},
    "IsolationForest": {"n_estimators": 5},
    "IterativeImputer": {"max_iter": 3},
    "KBinsDiscretizer": {"n_bins": 3},
    "KMeans": {"n_clusters": 3, "n_init": 1},
    "LatentDirichletAllocation": {"n_components": 2, "max_iter": 3},
    "LocalOutlierFactor": {"novelty": True},
    "LassoCV": {"alphas": 5, "cv": 2},
    "ElasticNetCV": {"alphas": 5, "cv": 2},
    "TheilSenRegressor": {"max_subpopulation": 200},
    "LogisticRegressionCV": {"Cs": 2, "cv": 2},
    "MLPClassifier": {"hidden_layer_sizes": (5,), "max_iter": 20},
    "MLPRegressor": {"hidden_layer_sizes": (5,), "max_iter": 20},
    "MiniBatchDictionaryLearning": {"n_components": 3, "max_iter": 5},
    "MiniBatchNMF": {"n_components": 2, "max_iter": 20},
    "MiniBatchSparsePCA": {"n_components": 2, "max_iter": 5},
    "MultiOutputClassifier": {"estimator": LogisticRegression()},
    "MultiOutputRegressor": {"estimator": LinearRegression()},
    "NMF": {"n_components": 2, "max_iter": 100},
    "Nystroem": {"n_components": 5},
    "OneVsOneClassifier": {"estimator": LogisticRegression()},
    "OneVsRestClassifier": {"estimator": LogisticRegression()},
    "OutputCodeClassifier": {"estimator": LogisticRegression()},
    "Pipeline": {"steps": [("a", "passthrough"), ("b", LogisticRegression())]},
    "QuantileTransformer": {"n_quantiles": 20},
    "RFE": {"estimator": LogisticRegression()},
    "RFECV": {"estimator": LogisticRegression(), "cv": 2},
    "RadiusNeighborsClassifier": {"radius": 50.0},
    "RadiusNeighborsRegressor": {"radius": 50.0},
    "RadiusNeighborsTransformer": {"radius": 2.0},
    "RandomForestClassifier": {"n_estimators": 5},
    "RandomForestRegressor": {"n_estimators": 5},
    "RandomTreesEmbedding": {"n_estimators": 3, "max_depth": 2},
    "RandomizedSearchCV": {
        "estimator": LogisticRegression(),
        "param_distributions": _GRID,
        "n_iter": 2,
        "cv": 2,
    },
    "RegressorChain": {"estimator": LinearRegression()},
    "SelectFromModel": {"estimator": LogisticRegression()},
    "SelectKBest": {"k": 2},
    "SelfTrainingClassifier": {"estimator": LogisticRegression()},
    "SequentialFeatureSelector": {"estimator": LogisticRegression(), "cv": 2},
    "SkewedChi2Sampler": {"n_components": 5},
    "SparseCoder": {"dictionary": data.numbers()[:3]},
    "SparsePCA": {"n_components": 2, "max_iter": 5},
    "SparseRandomProjection": {"n_components": 2},
    "StackingClassifier": {"estimators": _PAIR, "cv": 2},
    "StackingRegressor": {"estimators": _PAIR_OF_REGRESSORS, "cv": 2},
    "TSNE": {"init": "random"},
    "TransformedTargetRegressor": {"regressor": LinearRegression()},
    "TunedThresholdClassifierCV": {
        "estimator": LogisticRegression(),
        "thresholds": 5,
        "cv": 2,
    },
    "VotingClassifier": {"estimators": _PAIR, "voting": "soft"},
    "VotingRegressor": {"estimators": _PAIR_OF_REGRESSORS},
    "CountVectorizer": {"max_features": 20},
    "HashingVectorizer": {"n_features": 16},
    "TfidfVectorizer": {"max_features": 20},
    "QuantileRegressor": {"solver": "highs"},
}
"""What an estimator is made with, where its defaults don't do, or cost much time."""

DATA: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(("CategoricalNB", "ComplementNB", "MultinomialNB"), data.counts),
    **dict.fromkeys(("GammaRegressor", "PoissonRegressor", "TweedieRegressor"), data.positive),
    **dict.fromkeys(("TunedThresholdClassifierCV", "FixedThresholdClassifier"), data.two),
    **dict.fromkeys(("ClassifierChain", "MultiOutputClassifier"), data.multilabel),
    **dict.fromkeys(("CCA", "PLSCanonical", "PLSRegression", "PLSSVD"), data.two_targets),
    **dict.fromkeys(("RegressorChain", "MultiOutputRegressor"), data.two_targets),
    **dict.fromkeys(
        ("MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV"),
        data.two_targets,
    ),
    **dict.fromkeys(
        ("NMF", "MiniBatchNMF", "LatentDirichletAllocation", "AdditiveChi2Sampler"),
        data.alone_positive,
    ),
    **dict.fromkeys(("CountVectorizer", "HashingVectorizer", "TfidfVectorizer"), data.texts),
    **dict.fromkeys(("KNNImputer", "SimpleImputer", "IterativeImputer"), data.gaps_alone),
    "MissingIndicator": data.gaps_alone,
    "IsotonicRegression": data.one_column,
    "MultiLabelBinarizer": lambda: (data.counts()[0], None),
    "SkewedChi2Sampler": data.alone_positive,
    "TfidfTransformer": data.alone_positive,
    "SelectKBest": data.three,
    "OneHotEncoder": lambda: (data.counts()[0], None),
    "OrdinalEncoder": lambda: (data.counts()[0], None),
}

REFUSED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        [
            "AgglomerativeClustering",
            "DBSCAN",
            "HDBSCAN",
            "OPTICS",
            "SpectralClustering",
            "SpectralBiclustering",
            "SpectralCoclustering",
            "EmpiricalCovariance",
            "GraphicalLasso",
            "GraphicalLassoCV",
            "LedoitWolf",
            "MinCovDet",
            "OAS",
            "ShrunkCovariance",
            "KernelDensity",
            "MDS",
            "ClassicalMDS",
            "NearestNeighbors",
            "SpectralEmbedding",
            "TSNE",
        ],
        _NO_PREDICT,
    ),
    "DictVectorizer": ("MLD213", "dict"),
    "FeatureHasher": ("MLD213", "dict"),
    "PatchExtractor": ("MLD213", "shape"),
    "LabelBinarizer": ("MLD216", "fit"),
    "LabelEncoder": ("MLD216", "fit"),
    # What they say of a row is iterated until the whole batch has converged.
    "NMF": ("MLD224", "depends on the other rows"),
    "MiniBatchNMF": ("MLD224", "depends on the other rows"),
    # It wants as many columns as rows, and a part of the rows is held out.
    "KernelCenterer": ("MLD216", "square"),
}
REFUSED_DATA: dict[str, Callable[[], Any]] = {
    "DictVectorizer": lambda: ([{"a": n, "b": 1} for n in range(data.ROWS)], None),
    "FeatureHasher": lambda: ([{"a": n, "b": 1} for n in range(data.ROWS)], None),
    "KernelCenterer": lambda: (data.numbers(data.ROWS), None),
    "NMF": data.alone_positive,
    "MiniBatchNMF": data.alone_positive,
    "PatchExtractor": lambda: (data.numbers(16).reshape(-1, 4, 4), None),
}
BY_KIND = {"classifier": data.three, "regressor": data.regression, "cluster": data.alone}


def made(name: str, kind: type) -> Any:
    """Return an estimator, with a fixed seed where it takes one."""
    estimator = kind(**ARGUMENTS.get(name, {}))
    has_seed = "random_state" in estimator.get_params(deep=False)
    return estimator.set_params(random_state=0) if has_seed else estimator


def _line(name: str, kind: type, data_of_kind: Callable[[], Any]) -> Line:
    def make() -> Any:
        return made(name, kind)

    if name in REFUSED:
        code, word = REFUSED[name]
        return refused(name, REFUSED_DATA.get(name, data.alone), make, code, word)
    return exact(name, DATA.get(name, data_of_kind), make)


def _lines() -> list[Line]:
    kinds = {
        name: kind
        for kind in ("transformer", "cluster", "regressor", "classifier")
        for name, _ in all_estimators(type_filter=kind)
    }
    return [
        _line(name, made_by, BY_KIND.get(kinds.get(name, ""), data.three))
        for name, made_by in all_estimators()
    ]


LINES = _lines()
