"""Models that combine the predictions of others."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require

_INVERSES = ("exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "square", "cbrt")
"""NumPy's functions that may transform a target back."""


def members_of(estimators: Any, converter: Converter) -> list[Node]:
    """Return the nodes of estimators."""
    return [converter.convert(one, str(number)) for number, one in enumerate(estimators)]


def _voting_classifier(estimator: Any, converter: Converter) -> Node:
    facts = {
        "members": members_of(estimator.estimators_, converter),
        "weights": _weights(estimator),
        "classes": estimator.classes_,
        "soft": estimator.voting == "soft",
    }
    return Node("ensembles.VotingClassifier", facts)


def _voting_regressor(estimator: Any, converter: Converter) -> Node:
    members = members_of(estimator.estimators_, converter)
    facts = {"members": members, "weights": _weights(estimator)}
    return Node("ensembles.VotingRegressor", facts)


def _weights(estimator: Any) -> list[float] | None:
    found = estimator._weights_not_none  # noqa: SLF001 - the only place without dropped ones
    return None if found is None else [float(one) for one in found]


def _stacking_classifier(estimator: Any, converter: Converter) -> Node:
    encoder = estimator._label_encoder  # noqa: SLF001 - its only place
    require(not isinstance(encoder, list), "each row has several labels")
    return _stacking(estimator, converter, encoder.classes_)


def _stacking_regressor(estimator: Any, converter: Converter) -> Node:
    return _stacking(estimator, converter, None)


def _stacking(estimator: Any, converter: Converter, classes: Any) -> Node:
    facts = {
        "members": members_of(estimator.estimators_, converter),
        "methods": list(estimator.stack_method_),
        "last": converter.convert(estimator.final_estimator_, "final_estimator"),
        "passthrough": bool(estimator.passthrough),
        "classes": classes,
    }
    return Node("ensembles.Stacking", facts)


def _calibrated(estimator: Any, converter: Converter) -> Node:
    import numpy as np

    parts = estimator.calibrated_classifiers_
    inner = [one.estimator for one in parts]
    known = list(estimator.classes_)
    require(all(len(one.classes_) == len(known) for one in inner), "a part knows fewer classes")
    facts = {
        "members": members_of(inner, converter),
        "methods": [_scores_of(one) for one in inner],
        "calibrators": [[_calibrator(one, part) for one in part.calibrators] for part in parts],
        "places": [np.searchsorted(estimator.classes_, one.classes_) for one in inner],
        "classes": estimator.classes_,
    }
    return Node("ensembles.CalibratedClassifierCV", facts)


def _scores_of(estimator: Any) -> str:
    return "decision_function" if hasattr(estimator, "decision_function") else "predict_proba"


def _calibrator(calibrator: Any, part: Any) -> Node:
    require(part.method in {"sigmoid", "isotonic"}, f"method is {part.method}")
    if part.method == "isotonic":
        return _isotonic_node(calibrator)
    facts = {"slope": float(calibrator.a_), "intercept": float(calibrator.b_)}
    return Node("ensembles.Sigmoid", facts)


def _isotonic(estimator: Any, _converter: Converter) -> Node:
    return _isotonic_node(estimator)


def _isotonic_node(estimator: Any) -> Node:
    require(estimator.out_of_bounds in {"clip", "nan"}, "out_of_bounds is raise")
    x, y = estimator.X_thresholds_, estimator.y_thresholds_
    require(x.dtype == "float64", "it was fitted on 32-bit floats")
    facts = {"x": x, "y": y, "beyond": "clip" if len(y) == 1 else estimator.out_of_bounds}
    return Node("ensembles.IsotonicRegression", facts)


def _transformed_target(estimator: Any, converter: Converter) -> Node:
    function, steps = _inverse(estimator.transformer_)
    facts = {
        "model": converter.convert(estimator.regressor_, "regressor"),
        "function": function,
        "steps": steps,
        "flat": estimator._training_dim == 1,  # noqa: SLF001 - its only place
    }
    return Node("ensembles.TransformedTargetRegressor", facts)


def _inverse(transformer: Any) -> tuple[str, list[tuple[str, Any]]]:
    """Return NumPy's function that transforms back, or the steps."""
    import numpy as np

    kind = type(transformer)
    require(kind.__module__.startswith("sklearn."), "its transformer isn't known")
    if kind.__name__ == "FunctionTransformer":
        function = transformer.inverse_func
        known = {getattr(np, name): name for name in _INVERSES}
        require(function is None or function in known, "its inverse_func isn't NumPy's")
        require(transformer.validate and not transformer.inv_kw_args, "its options aren't known")
        return known.get(function, ""), []
    if kind.__name__ == "StandardScaler":
        steps = [("multiply", transformer.scale_), ("add", transformer.mean_)]
    elif kind.__name__ == "RobustScaler":
        steps = [("multiply", transformer.scale_), ("add", transformer.center_)]
    else:
        require(kind.__name__ == "MinMaxScaler", f"its transformer, {kind.__name__}, isn't known")
        steps = [("subtract", transformer.min_), ("divide", transformer.scale_)]
    return "", [(name, values) for name, values in steps if values is not None]


def _fixed_threshold(estimator: Any, converter: Converter) -> Node:
    method = _response(estimator)
    middle = 0.5 if method == "predict_proba" else 0.0
    threshold = middle if estimator.threshold == "auto" else float(estimator.threshold)
    return _threshold(estimator, converter, threshold, estimator.pos_label)


def _tuned_threshold(estimator: Any, converter: Converter) -> Node:
    label = estimator._curve_scorer._get_pos_label()  # noqa: SLF001 - as predict does
    return _threshold(estimator, converter, float(estimator.best_threshold_), label)


def _threshold(estimator: Any, converter: Converter, threshold: float, label: Any) -> Node:
    classes = estimator.classes_
    require(label is None or label == classes[1], "pos_label is the first class")
    inner = getattr(estimator, "estimator_", estimator.estimator)
    facts = {
        "model": converter.convert(inner, "estimator"),
        "method": _response(estimator),
        "threshold": threshold,
        "classes": classes,
    }
    return Node("ensembles.Threshold", facts)


def _response(estimator: Any) -> str:
    if estimator.response_method != "auto":
        return str(estimator.response_method)
    inner = getattr(estimator, "estimator_", estimator.estimator)
    return "predict_proba" if hasattr(inner, "predict_proba") else "decision_function"


def _search(estimator: Any, converter: Converter) -> Node:
    return converter.convert(estimator.best_estimator_, "best_estimator_")


def _frozen(estimator: Any, converter: Converter) -> Node:
    return converter.convert(estimator.estimator, "estimator")


_SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")

ROUNDS = True

CONVERTERS = {
    "VotingClassifier": _voting_classifier,
    "VotingRegressor": _voting_regressor,
    "StackingClassifier": _stacking_classifier,
    "StackingRegressor": _stacking_regressor,
    "CalibratedClassifierCV": _calibrated,
    "IsotonicRegression": _isotonic,
    "TransformedTargetRegressor": _transformed_target,
    "FixedThresholdClassifier": _fixed_threshold,
    "TunedThresholdClassifierCV": _tuned_threshold,
    "FrozenEstimator": _frozen,
    **dict.fromkeys(_SEARCHES, _search),
}
