"""What an estimator does: the task, its classes, its outputs, and how labels can be had."""

from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.user_module import TrainingData
from mldeploy.model.values import plain

SUPERVISED = {"classification", "regression"}

_ARGMAX = frozenset(
    {
        "AdaBoostClassifier",
        "BaggingClassifier",
        "BernoulliNB",
        "CalibratedClassifierCV",
        "CategoricalNB",
        "ComplementNB",
        "DecisionTreeClassifier",
        "ExtraTreeClassifier",
        "ExtraTreesClassifier",
        "GaussianNB",
        "GaussianProcessClassifier",
        "GradientBoostingClassifier",
        "HistGradientBoostingClassifier",
        "KNeighborsClassifier",
        "LGBMClassifier",
        "LinearDiscriminantAnalysis",
        "LogisticRegression",
        "MLPClassifier",
        "MultinomialNB",
        "QuadraticDiscriminantAnalysis",
        "RandomForestClassifier",
        "XGBClassifier",
    }
)
"""Classifiers whose label is by construction the most probable class, but for ties (read in the
sources of scikit-learn 1.9, XGBoost 3 and LightGBM 4). SVC(probability=True) isn't among them: its
probabilities are fitted apart from its decision."""


_SEARCHES = frozenset(
    {
        ("sklearn.model_selection._search", "GridSearchCV"),
        ("sklearn.model_selection._search", "RandomizedSearchCV"),
        ("sklearn.model_selection._search_successive_halving", "HalvingGridSearchCV"),
        ("sklearn.model_selection._search_successive_halving", "HalvingRandomSearchCV"),
    }
)
"""scikit-learn's own searches (1.7 to 1.9), by module and name."""


def served_of(estimator: Any) -> Any:
    """Return what is served of a fitted estimator.

    A search keeps the times of its fits, so that no two are equal: what it found is served. An
    attribute `best_estimator_` of any other class says nothing of its predictions.
    """
    kind = type(estimator)
    if (kind.__module__, kind.__qualname__) in _SEARCHES:
        return getattr(estimator, "best_estimator_", estimator)
    return estimator


def task_of(estimator: Any) -> str:
    """Return "classification", "regression", "clustering", "outliers", "transform" or "other"."""
    from sklearn.base import (
        BaseEstimator,
        is_classifier,
        is_clusterer,
        is_outlier_detector,
        is_regressor,
    )

    if not hasattr(estimator, "predict"):
        return "transform"
    if not isinstance(estimator, BaseEstimator):
        return "other"
    kinds = {
        "classification": is_classifier,
        "regression": is_regressor,
        "clustering": is_clusterer,
        "outliers": is_outlier_detector,
    }
    return next((task for task, matches in kinds.items() if matches(estimator)), "other")


def is_multi_output(y: Any) -> bool:
    """Tell whether y has several values a row."""
    return y is not None and y.ndim > 1


def results_of(data: TrainingData, estimator: Any, task: str) -> dict[str, Any]:
    """Return what a signature says of the answers: classes, outputs.

    Raises:
        MldeployError: MLD214 where class names and classes don't match.
    """
    if task == "transform":
        return {"outputs": [{"name": name} for name in _columns_out(estimator, data.x)]}
    if task not in SUPERVISED:
        return {}
    if not is_multi_output(data.y):
        return _classes(estimator.classes_, data.class_names) if task == "classification" else {}
    outputs = [{"name": name} for name in _target_names(data)]
    if task == "classification":
        given = data.class_names or (None,) * len(outputs)
        if len(given) != len(outputs):
            raise _unnamed(f"class_names has {len(given)} lists for {len(outputs)} outputs")
        outputs = [
            one | _classes(classes, names)
            for one, classes, names in zip(outputs, estimator.classes_, given, strict=True)
        ]
    return {"outputs": outputs}


def _target_names(data: TrainingData) -> list[str]:
    return list(data.target_names or (f"y{n}" for n in range(data.y.shape[1])))


def _classes(labels: Any, given: Any) -> dict[str, Any]:
    classes = [plain(one) for one in labels]
    names = list(map(str, given or classes))
    if len(names) != len(classes):
        raise _unnamed(f"{len(names)} class names for {len(classes)} classes")
    if len(set(names)) != len(names):
        raise _unnamed("two classes have the same name")
    return {"classes": classes, "class_names": names}


def _unnamed(problem: str) -> MldeployError:
    return MldeployError(
        "MLD214",
        problem,
        "give class_names in the order of the sorted classes; of several outputs a list each",
    )


def _columns_out(estimator: Any, x: Any) -> list[str]:
    """Return the names of what a transformer gives, its own where it has some."""
    if hasattr(estimator, "get_feature_names_out"):
        try:
            return [str(one) for one in estimator.get_feature_names_out()]
        except (AttributeError, ValueError, NotImplementedError):
            pass  # a step of the pipeline has none
    return [f"x{n}" for n in range(estimator.transform(x[:1]).shape[1])]


def known_categories(estimator: Any) -> dict[str, list[str]]:
    """Return the categories that encoders inside a pipeline learnt, by column.

    Those are of a ColumnTransformer's columns that are named; what else stands before an encoder
    may have changed them, so only first steps count.
    """
    first = estimator.steps[0][1] if hasattr(estimator, "steps") else estimator
    found: dict[str, list[str]] = {}
    for _, step, columns in getattr(first, "transformers_", ()):
        encoder = step.steps[-1][1] if hasattr(step, "steps") else step
        learnt = getattr(encoder, "categories_", None)
        if learnt is None or isinstance(columns, str) or len(learnt) != len(columns):
            continue
        for name, values in zip(columns, learnt, strict=True):
            known = [one for one in values.tolist() if isinstance(one, str)]
            if isinstance(name, str) and known:
                found[name] = known
    return found


def labels_of(estimator: Any, x: Any, signature: dict[str, Any]) -> str:
    """Return "probabilities" where a label is the most probable class, else "predict".

    One call of the model then says both. The kind of estimator decides, and all of X has to agree.
    """
    import numpy as np

    if "classes" not in signature:
        return "predict"
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    if type(last).__name__ not in _ARGMAX or not hasattr(estimator, "predict_proba"):
        return "predict"
    scores = np.asarray(estimator.predict_proba(x))
    most = np.asarray(estimator.classes_)[scores.argmax(axis=1)]
    level = (scores > scores.max(axis=1, keepdims=True) - 1e-9).sum(axis=1) > 1
    same = (np.asarray(estimator.predict(x)).ravel() == most) | level
    return "probabilities" if bool(same.all()) else "predict"
