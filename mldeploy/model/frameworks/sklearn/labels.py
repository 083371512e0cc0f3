"""Detects whether labels follow from probabilities, which saves a call."""

from typing import Any

from mldeploy.model.frameworks.sklearn.libraries import LIBRARIES
from mldeploy.model.proof.outputs import Outputs

_ARGMAX = frozenset(
    {
        "sklearn.ensemble._bagging.BaggingClassifier",
        "sklearn.ensemble._forest.ExtraTreesClassifier",
        "sklearn.ensemble._forest.RandomForestClassifier",
        "sklearn.ensemble._gb.GradientBoostingClassifier",
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
        "sklearn.ensemble._weight_boosting.AdaBoostClassifier",
        "sklearn.calibration.CalibratedClassifierCV",
        "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
        "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.naive_bayes.BernoulliNB",
        "sklearn.naive_bayes.CategoricalNB",
        "sklearn.naive_bayes.ComplementNB",
        "sklearn.naive_bayes.GaussianNB",
        "sklearn.naive_bayes.MultinomialNB",
        "sklearn.neighbors._classification.KNeighborsClassifier",
        "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
        "sklearn.tree._classes.DecisionTreeClassifier",
        "sklearn.tree._classes.ExtraTreeClassifier",
    }
).union(*(one.most_probable for one in LIBRARIES))
"""Classifiers whose label is by construction the most probable class, except for ties (from the
sources of scikit-learn 1.9, XGBoost 3 and LightGBM 4), by module and name, because subclasses and
classes of the same name may differ. SVC(probability=True) isn't included (its probabilities are
fitted separately), nor is GaussianProcessClassifier (far from its training rows all probabilities
are equal)."""

_PIPELINE = "sklearn.pipeline.Pipeline"
_TIE = 1e-9


def labels_of(estimator: Any, found: Outputs, signature: dict[str, Any]) -> str:
    """Return "probabilities" if a label is the most probable class, else "predict".

    The class of the estimator decides, and all predicted rows must agree.

    Args:
        estimator: fitted.
        found: its predictions.
        signature: with "classes" if a row has one label.
    """
    import numpy as np

    if "classes" not in signature or found.method != "predict_proba":
        return "predict"
    last = estimator
    while _named(last) == _PIPELINE:
        last = last.steps[-1][1]
    if _named(last) not in _ARGMAX:
        return "predict"
    scores = found.scores
    most = np.asarray(estimator.classes_)[scores.argmax(axis=1)]
    level = (scores > scores.max(axis=1, keepdims=True) - _TIE).sum(axis=1) > 1
    same = (found.answers == most) | level
    return "probabilities" if bool(same.all()) else "predict"


def _named(estimator: Any) -> str:
    kind = type(estimator)
    return f"{kind.__module__}.{kind.__qualname__}"
