"""XGBoost's trees, from its JSON form.

Source of the form: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.forest import Grown, forest
from mldeploy.model.compiled.gate.walking import Tree
from mldeploy.model.compiled.nodes import Node, require

_LINKS = {
    "binary:logistic": "logistic",
    "multi:softprob": "softmax",
    "reg:squarederror": "",
    "reg:absoluteerror": "",
    "reg:pseudohubererror": "",
    "reg:logistic": "logistic",
    "count:poisson": "exp",
    "reg:gamma": "exp",
    "reg:tweedie": "exp",
}
"""Objectives, and how sums become predictions."""


def _regressor(estimator: Any, _converter: Converter) -> Node:
    return Node("xgboost.XGBRegressor", _facts(estimator))


def _classifier(estimator: Any, _converter: Converter) -> Node:
    require(estimator.objective in {"binary:logistic", "multi:softprob"}, _unknown(estimator))
    return Node("xgboost.XGBClassifier", _facts(estimator))


def _unknown(estimator: Any) -> str:
    return f"the objective {estimator.objective!r} isn't known"


def _facts(estimator: Any) -> dict[str, Any]:
    import numpy as np

    require(estimator.objective in _LINKS, _unknown(estimator))
    require(estimator.missing is None or np.isnan(estimator.missing), "missing isn't NaN")
    told = _told(estimator)
    groups = _groups(told)
    trees = [_tree(one, told) for one in _trees(estimator, told)]
    # A value goes left if it is less than the threshold.
    below = [replace(one.tree, threshold=_next_below(one.tree.threshold)) for one in trees]
    return {
        "forest": forest([replace(a, tree=b) for a, b in zip(trees, below, strict=True)]),
        "groups": groups,
        "start": _start(told, groups),
        "link": _LINKS[estimator.objective],
    }


def _next_below(thresholds: Any) -> Any:
    import numpy as np

    return np.nextafter(thresholds.astype(np.float32), np.float32(-np.inf)).astype(np.float64)


def _told(estimator: Any) -> dict[str, Any]:
    """Return the learner in XGBoost's JSON form."""
    found: dict[str, Any] = json.loads(estimator.get_booster().save_raw("json"))["learner"]
    name = found["gradient_booster"]["name"]
    require(name == "gbtree", f"the booster {name!r} isn't known")
    require(estimator.booster in {None, "gbtree"}, f"the booster {estimator.booster!r} isn't known")
    dropped = found["gradient_booster"]["model"].get("weight_drop")
    require(not dropped, "its trees have weights")
    require(int(found["learner_model_param"].get("num_target", 1)) == 1, "it has several outputs")
    require("c" not in found["feature_types"], "it has columns of categories")
    return found


def _groups(told: dict[str, Any]) -> int:
    return max(1, int(told["learner_model_param"]["num_class"]))


def _trees(estimator: Any, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the trees that predict: with early stopping, those up to the best one."""
    model = told["gradient_booster"]["model"]
    start, end = estimator._get_iteration_range(None)  # noqa: SLF001 - no public form
    require(start == 0, "the first trees don't predict")
    count = model["iteration_indptr"][end] if end else len(model["trees"])
    groups = _groups(told)
    numbers = [number % groups for number in range(count)]
    require(model["tree_info"][:count] == numbers, "the trees of classes have another order")
    found: list[dict[str, Any]] = model["trees"][:count]
    return found


def _tree(one: dict[str, Any], told: dict[str, Any]) -> Grown:
    import numpy as np

    require(not any(one["split_type"]), "it splits by category")
    require(one["tree_param"]["size_leaf_vector"] in {"0", "1"}, "its leaves have several values")
    left = np.array(one["left_children"])
    values = np.array(one["split_conditions"], dtype=np.float32)
    tree = Tree(
        np.where(left < 0, -1, np.array(one["split_indices"])),
        values.astype(np.float64),
        left,
        np.array(one["right_children"]),
        int(told["learner_model_param"]["num_feature"]),
        missing=True,
    )
    return Grown(tree, values.reshape(-1, 1), np.array(one["default_left"]) == 0)


def _start(told: dict[str, Any], groups: int) -> Any:
    """Return the first values, by XGBoost's own arithmetic: the sums with trees of zero."""
    import numpy as np
    import xgboost

    model = told["gradient_booster"]["model"]
    trees = [_zero(one, number) for number, one in enumerate(model["trees"][:groups])]
    counts = {**model["gbtree_model_param"], "num_trees": str(groups), "num_parallel_tree": "1"}
    part = {
        **model,
        "trees": trees,
        "tree_info": list(range(groups)),
        "iteration_indptr": [0, groups],
        "gbtree_model_param": counts,
    }
    booster = {**told["gradient_booster"], "model": part}
    whole = {"learner": {**told, "gradient_booster": booster}, "version": _version()}
    found = xgboost.Booster()
    found.load_model(bytearray(json.dumps(whole).encode()))
    columns = int(told["learner_model_param"]["num_feature"])
    row = np.zeros((1, columns), dtype=np.float32)
    return found.inplace_predict(row, predict_type="margin").reshape(-1)


def _zero(tree: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a tree of a single leaf, of the value 0."""
    first = {
        name: value[:1] if isinstance(value, list) and len(value) > 1 else value
        for name, value in tree.items()
    }
    return {
        **first,
        "id": number,
        "left_children": [-1],
        "right_children": [-1],
        "split_conditions": [0.0],
        "base_weights": [0.0],
        "tree_param": {**tree["tree_param"], "num_nodes": "1", "num_deleted": "0"},
    }


def _version() -> list[int]:
    import xgboost

    return [int(part) for part in xgboost.__version__.split(".")[:3]]


def _told_trees(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    import numpy as np
    import xgboost

    told = _told(estimator)
    grown = [_tree(one, told) for one in _trees(estimator, told)]

    def ask(number: int, x: Any) -> Any:
        rows = xgboost.DMatrix(x)
        booster = estimator.get_booster()
        leaves = booster.predict(rows, pred_leaf=True, validate_features=False)
        return grown[number].values[leaves.reshape(len(x), -1)[:, number].astype(np.intp)]

    return [one.tree for one in grown], ask


CONVERTERS = {
    "XGBRegressor": _regressor,
    "XGBRFRegressor": _regressor,
    "XGBClassifier": _classifier,
    "XGBRFClassifier": _classifier,
}
TREES = dict.fromkeys(CONVERTERS, _told_trees)
