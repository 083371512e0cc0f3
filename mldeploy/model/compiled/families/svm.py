"""Support vector machines with kernels."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require


def _kernel(estimator: Any) -> Node:
    import numpy as np

    known = isinstance(estimator.kernel, str) and estimator.kernel != "precomputed"
    require(known, "its kernel is a function, or its table holds similarities")
    require(not estimator._sparse, "it was fitted on a sparse table")  # noqa: SLF001 - its only place
    facts = {
        "vectors": np.ascontiguousarray(estimator.support_vectors_),
        "name": estimator.kernel,
        "gamma": float(estimator._gamma),  # noqa: SLF001 - its only place
        "shift": float(estimator.coef0),
        "degree": int(estimator.degree),
    }
    return Node("svm.Kernel", facts)


def _sum(estimator: Any) -> dict[str, Any]:
    return {
        "kernel": _kernel(estimator),
        "weights": estimator._dual_coef_[0].copy(),
        "intercept": float(estimator._intercept_[0]),
    }


def _regressor(estimator: Any, _converter: Converter) -> Node:
    return Node("svm.SVR", _sum(estimator))


def _outliers(estimator: Any, _converter: Converter) -> Node:
    return Node("svm.OneClassSVM", _sum(estimator) | {"offset": estimator.offset_})


def _classifier(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    slopes, intercepts = estimator._probA, estimator._probB  # noqa: SLF001 - public ones are deprecated
    one_by_one = estimator.decision_function_shape == "ovo"
    require(not (one_by_one and estimator.break_ties), "break_ties and ovo raise an error")
    facts = {
        "kernel": _kernel(estimator),
        "weights": np.ascontiguousarray(estimator._dual_coef_),
        "intercepts": estimator._intercept_,
        "sigmoids": np.stack([slopes, intercepts]) if len(slopes) else None,
        "options": {
            "classes": estimator.classes_,
            "counts": estimator._n_support.tolist(),  # noqa: SLF001 - as above
            "one_by_one": one_by_one,
            "break_ties": bool(estimator.break_ties),
        },
    }
    return Node("svm.SVC", facts)


ROUNDS = True

CONVERTERS = {
    "SVC": _classifier,
    "NuSVC": _classifier,
    "SVR": _regressor,
    "NuSVR": _regressor,
    "OneClassSVM": _outliers,
}
