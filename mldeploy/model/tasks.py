"""An estimator's task, and its served part."""

from typing import Any

SUPERVISED = {"classification", "regression"}

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
    """Return the served part of a fitted estimator.

    For a search this is its best estimator, because a search stores times and isn't reproducible.
    The attribute `best_estimator_` of other classes isn't used.
    """
    kind = type(estimator)
    if (kind.__module__, kind.__qualname__) in _SEARCHES:
        return getattr(estimator, "best_estimator_", estimator)
    return estimator


def task_of(estimator: Any) -> str:
    """Return "classification", "regression", "clustering", "outliers", "transform" or "other".

    Tags and mixins come first; a class that has neither is a classifier if it has classes.
    """
    if not hasattr(estimator, "predict"):
        return "transform"
    tagged = _tagged(estimator) or _mixed_in(estimator)
    if tagged:
        return tagged
    classes = getattr(estimator, "classes_", None)
    return "classification" if classes is not None and len(classes) else "other"


def _tagged(estimator: Any) -> str:
    """Return the task in scikit-learn's tags, or ""."""
    from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor

    kinds = {
        "classification": is_classifier,
        "regression": is_regressor,
        "clustering": is_clusterer,
        "outliers": is_outlier_detector,
    }
    try:
        return next((task for task, matches in kinds.items() if matches(estimator)), "")
    except (AttributeError, TypeError):
        return ""  # it has no tags, because it isn't derived from scikit-learn's classes


def _mixed_in(estimator: Any) -> str:
    """Return the task of a mixin in any order, or of the older `_estimator_type`, or "".

    In a wrong order the tags of BaseEstimator hide those of the mixin.
    """
    from sklearn.base import ClassifierMixin, ClusterMixin, OutlierMixin, RegressorMixin

    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    kinds: dict[str, type] = {
        "classification": ClassifierMixin,
        "regression": RegressorMixin,
        "clustering": ClusterMixin,
        "outliers": OutlierMixin,
    }
    found = next((task for task, mixin in kinds.items() if isinstance(last, mixin)), "")
    older = {
        "classifier": "classification",
        "regressor": "regression",
        "clusterer": "clustering",
        "outlier_detector": "outliers",
    }
    return found or older.get(str(getattr(last, "_estimator_type", "")), "")


def is_multi_output(y: Any) -> bool:
    """Return whether y has several values per row."""
    return y is not None and y.ndim > 1
