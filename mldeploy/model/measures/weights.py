"""Fits with or without sample weights, for each kind of estimator."""

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
"""scikit-learn classes whose `fit` passes its parameters to an inner estimator's."""


def fit(estimator: Any, x: Any, y: Any, weights: Any = None) -> Any:
    """Fit an estimator and return it; y and weights may be None.

    Raises:
        MldeployError: MLD213 if it doesn't support weights. Errors of `fit` aren't caught.
    """
    given = {} if weights is None else {weights_parameter(estimator): weights}
    fitted = estimator.fit(x, **given) if y is None else estimator.fit(x, y, **given)
    return estimator if fitted is None else fitted


def weights_parameter(estimator: Any) -> str:
    """Return the parameter of `fit` for sample weights, such as `svc__sample_weight`.

    Raises:
        MldeployError: MLD213 if there is none.
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
        return hasattr(estimator, "fit")  # compiled: it has no inspectable signature
    handed_on = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    return "sample_weight" in parameters or handed_on
