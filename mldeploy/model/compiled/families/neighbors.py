"""Models of the nearest rows."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require

_METRICS = ("euclidean", "manhattan", "chebyshev")
_PAIRWISE = 8
"""NumPy adds fewer numbers than these one after the other."""
_MOST_ROWS, _MOST = 2_000, 1 << 15
"""Rows and numbers of training; each is compared with each row of a request. With more of them,
scikit-learn's search is faster, for one row or for a thousand."""


def _classifier(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    several = bool(estimator.outputs_2d_)
    classes = list(estimator.classes_) if several else [estimator.classes_]
    targets = estimator._y.reshape(len(estimator._y), -1)  # noqa: SLF001 - its only place
    weighted = estimator.weights == "distance"
    facts = _facts(estimator, targets, ordered=weighted and estimator.n_neighbors >= _PAIRWISE)
    facts |= {"classes": [np.asarray(one) for one in classes], "several": several}
    return Node("neighbors.KNeighborsClassifier", facts)


def _regressor(estimator: Any, _converter: Converter) -> Node:
    targets = estimator._y  # noqa: SLF001 - its only place
    # Another order of equal distances changes no more than the last bit of a mean.
    facts = _facts(estimator, targets.reshape(len(targets), -1), ordered=False)
    facts |= {"several": targets.ndim > 1}
    return Node("neighbors.KNeighborsRegressor", facts)


def _facts(estimator: Any, targets: Any, *, ordered: bool) -> dict[str, Any]:
    import numpy as np

    weights = estimator.weights or "uniform"
    require(weights in ("uniform", "distance"), "weights is a function")
    _, kinds = np.unique(targets, axis=0, return_inverse=True)
    return {
        "search": _search(estimator),
        "targets": targets,
        "kinds": kinds.reshape(-1),
        "weights": weights,
        "ordered": ordered,
    }


def _search(estimator: Any) -> Node:
    import numpy as np

    rows, metric = estimator._fit_X, estimator.effective_metric_  # noqa: SLF001 - their only place
    require(metric in _METRICS and not estimator.effective_metric_params_, "its metric isn't known")
    require(hasattr(rows, "flags"), "it was fitted on a sparse table")
    small = len(rows) <= _MOST_ROWS and rows.size <= _MOST
    require(small, f"scikit-learn searches {len(rows)} rows of training faster")
    facts = {"nearest": estimator.n_neighbors, "metric": metric}
    method = estimator._fit_method  # noqa: SLF001 - as above
    if method != "brute":
        require(method in {"kd_tree", "ball_tree"}, "its search isn't known")
        facts |= _tree(estimator._tree, method)  # noqa: SLF001 - as above
        return Node("nearest.Tree", facts)
    require(rows.dtype in (np.float32, np.float64), "it was fitted on integers")
    # One heap counts the labels, unless scikit-learn needs the distances.
    at_once = metric != "euclidean" and estimator.weights == "uniform"
    at_once = at_once and not getattr(estimator, "outputs_2d_", True)
    facts |= {"rows": np.ascontiguousarray(rows), "at_once": at_once}
    return Node("nearest.Brute", facts)


def _tree(tree: Any, method: str) -> dict[str, Any]:
    import numpy as np

    data, order, nodes, bounds = (np.asarray(one) for one in tree.get_arrays())
    return {
        "columns": np.ascontiguousarray(data.T),
        "nodes": {
            "order": order,
            "spans": np.stack([nodes["idx_start"], nodes["idx_end"]], axis=1),
            "leaves": nodes["is_leaf"].astype(bool),
            "bounds": bounds,
            "radii": nodes["radius"].copy() if method == "ball_tree" else None,
        },
    }


ROUNDS = True

CONVERTERS = {
    "KNeighborsClassifier": _classifier,
    "KNeighborsRegressor": _regressor,
}
