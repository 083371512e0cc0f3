"""Naive Bayes classifiers."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node


def _gaussian(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    variances = estimator.var_
    facts = {
        "means": estimator.theta_,
        "variances": variances,
        "constants": np.array([-0.5 * np.sum(np.log(2.0 * np.pi * one)) for one in variances]),
        "priors": np.log(estimator.class_prior_),
        "classes": estimator.classes_,
    }
    return Node("bayes.GaussianNB", facts)


def _multinomial(estimator: Any, _converter: Converter) -> Node:
    return Node("bayes.MultinomialNB", _linear(estimator, estimator.class_log_prior_))


def _complement(estimator: Any, _converter: Converter) -> Node:
    alone = len(estimator.classes_) == 1
    return Node(
        "bayes.MultinomialNB", _linear(estimator, estimator.class_log_prior_ if alone else None)
    )


def _linear(estimator: Any, intercept: Any) -> dict[str, Any]:
    return {
        "weights": estimator.feature_log_prob_,
        "intercept": intercept,
        "classes": estimator.classes_,
    }


def _bernoulli(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    present = estimator.feature_log_prob_
    absent = np.log(1 - np.exp(present))
    facts = _linear(estimator, estimator.class_log_prior_ + absent.sum(axis=1))
    facts |= {"weights": present - absent, "threshold": estimator.binarize}
    return Node("bayes.BernoulliNB", facts)


def _categorical(estimator: Any, _converter: Converter) -> Node:
    facts = {
        "logarithms": list(estimator.feature_log_prob_),
        "priors": estimator.class_log_prior_,
        "classes": estimator.classes_,
    }
    return Node("bayes.CategoricalNB", facts)


ROUNDS = True

CONVERTERS = {
    "GaussianNB": _gaussian,
    "MultinomialNB": _multinomial,
    "ComplementNB": _complement,
    "BernoulliNB": _bernoulli,
    "CategoricalNB": _categorical,
}
