"""Fitting with or without sample weights: how each kind of estimator takes them."""

import inspect
from typing import Any

from mldeploy.errors import MldeployError

_WRAPPED = {
    "TransformedTargetRegressor": "regressor",
    "GridSearchCV": "estimator",
    "RandomizedSearchCV": "estimator",
    "HalvingGridSearchCV": "estimator",
    "HalvingRandomSearchCV": "estimator",
}
"""Classes of scikit-learn's whose `fit` hands its parameters to that of an inner estimator."""


def fit(estimator: Any, x: Any, y: Any, weights: Any = None) -> Any:
    """Fit an estimator and return it; y and weights may be None.

    Raises:
        MldeployError: MLD213 where it takes no weights. What `fit` raises comes out as it is.
    """
    given = {} if weights is None else {weights_parameter(estimator): weights}
    fitted = estimator.fit(x, **given) if y is None else estimator.fit(x, y, **given)
    return estimator if fitted is None else fitted


def weights_parameter(estimator: Any) -> str:
    """Return the parameter of `fit` that takes sample weights, such as `svc__sample_weight`.

    Raises:
        MldeployError: MLD213 where there is none.
    """
    from sklearn import get_config

    if get_config().get("enable_metadata_routing"):
        return "sample_weight"  # a Pipeline routes it itself
    steps = getattr(estimator, "steps", None)
    if isinstance(steps, list) and steps:
        name, last = steps[-1]
        return f"{name}__{weights_parameter(last)}"
    inner = getattr(estimator, _WRAPPED.get(type(estimator).__name__, ""), None)
    if inner is not None and type(estimator).__module__.startswith("sklearn."):
        return weights_parameter(inner)
    if not _takes_weights(estimator):
        kind = estimator if isinstance(estimator, str) else type(estimator).__name__
        raise MldeployError(
            "MLD213",
            f"data() returns sample weights, but fit of {kind} has no sample_weight",
            "remove the weights from data(), or use an estimator whose fit accepts sample_weight",
        )
    return "sample_weight"


def _takes_weights(estimator: Any) -> bool:
    """Return whether `fit` has a parameter for weights, or hands any on."""
    try:
        parameters = inspect.signature(estimator.fit).parameters
    except (AttributeError, TypeError, ValueError):
        return hasattr(estimator, "fit")  # compiled: nothing can be told of it
    handed_on = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    return "sample_weight" in parameters or handed_on
