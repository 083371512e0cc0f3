"""Linear models."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require

_TWO = 2


def _regression(estimator: Any, _converter: Converter) -> Node:
    facts = {"coefficients": estimator.coef_, "intercept": estimator.intercept_}
    return Node("linear.LinearRegression", facts)


def _classifier(estimator: Any, _converter: Converter) -> Node:
    return Node("linear.LinearClassifier", _facts(estimator))


def _ridge_classifier(estimator: Any, converter: Converter) -> Node:
    kind = estimator._label_binarizer.y_type_  # noqa: SLF001 - its only place
    require(not kind.startswith("multilabel"), "each row has several labels")
    return _classifier(estimator, converter)


def _logistic(estimator: Any, _converter: Converter) -> Node:
    # Before scikit-learn 1.8, liblinear and "ovr" have probabilities of one class against the rest.
    kind = getattr(estimator, "multi_class", "")
    one_by_one = kind == "ovr" or estimator.solver == "liblinear"
    if len(estimator.classes_) <= _TWO:
        require(kind != "multinomial", "multi_class is multinomial for two classes")
        return Node("linear.LogisticRegression", _facts(estimator))
    name = "OneVersusRest" if one_by_one else "LogisticRegression"
    return Node(f"linear.{name}", _facts(estimator))


def _stochastic(estimator: Any, _converter: Converter) -> Node:
    kinds = {"log_loss": "OneVersusRest", "modified_huber": "ModifiedHuber"}
    return Node(f"linear.{kinds.get(estimator.loss, 'LinearClassifier')}", _facts(estimator))


def _outliers(estimator: Any, _converter: Converter) -> Node:
    facts = {"coefficients": estimator.coef_, "offset": estimator.offset_}
    return Node("linear.SGDOneClassSVM", facts)


def _generalized(estimator: Any, converter: Converter) -> Node:
    link = type(estimator._base_loss.link).__name__  # noqa: SLF001 - its only place
    if link == "IdentityLink":
        return _regression(estimator, converter)
    require(link == "LogLink", f"its link, {link}, isn't known")
    facts = {"coefficients": estimator.coef_, "intercept": estimator.intercept_}
    return Node("linear.GeneralizedLinearRegressor", facts)


def _consensus(estimator: Any, converter: Converter) -> Node:
    return converter.convert(estimator.estimator_, "estimator_")


def _linear_discriminant(estimator: Any, _converter: Converter) -> Node:
    return Node("linear.LogisticRegression", _facts(estimator))


def _quadratic_discriminant(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    pairs = zip(estimator.rotations_, estimator.scalings_, strict=True)
    facts = {
        "means": np.asarray(estimator.means_),
        "rotations": [rotation * (scaling ** (-0.5)) for rotation, scaling in pairs],
        "logarithms": np.asarray([np.sum(np.log(one)) for one in estimator.scalings_]),
        "priors": np.log(estimator.priors_),
        "classes": estimator.classes_,
    }
    return Node("linear.QuadraticDiscriminantAnalysis", facts)


def _facts(estimator: Any) -> dict[str, Any]:
    return {
        "coefficients": estimator.coef_,
        "intercept": estimator.intercept_,
        "classes": estimator.classes_,
    }


ROUNDS = True

_REGRESSORS = (
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "Lasso",
    "LassoCV",
    "ElasticNet",
    "ElasticNetCV",
    "MultiTaskLasso",
    "MultiTaskLassoCV",
    "MultiTaskElasticNet",
    "MultiTaskElasticNetCV",
    "Lars",
    "LarsCV",
    "LassoLars",
    "LassoLarsCV",
    "LassoLarsIC",
    "OrthogonalMatchingPursuit",
    "OrthogonalMatchingPursuitCV",
    "HuberRegressor",
    "BayesianRidge",
    "ARDRegression",
    "TheilSenRegressor",
    "QuantileRegressor",
    "SGDRegressor",
    "PassiveAggressiveRegressor",
    "LinearSVR",
)

CONVERTERS = {
    **dict.fromkeys(_REGRESSORS, _regression),
    **dict.fromkeys(("LinearSVC", "Perceptron", "PassiveAggressiveClassifier"), _classifier),
    **dict.fromkeys(("RidgeClassifier", "RidgeClassifierCV"), _ridge_classifier),
    **dict.fromkeys(("LogisticRegression", "LogisticRegressionCV"), _logistic),
    **dict.fromkeys(("PoissonRegressor", "GammaRegressor", "TweedieRegressor"), _generalized),
    "SGDClassifier": _stochastic,
    "SGDOneClassSVM": _outliers,
    "RANSACRegressor": _consensus,
    "LinearDiscriminantAnalysis": _linear_discriminant,
    "QuadraticDiscriminantAnalysis": _quadratic_discriminant,
}
