"""LightGBM's trees, from its JSON form (`Booster.dump_model`)."""

from collections.abc import Callable, Iterator
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.forest import Grown, forest
from mldeploy.model.compiled.gate.walking import Tree
from mldeploy.model.compiled.nodes import Node, require

_LINKS = {
    "binary": "logistic",
    "multiclass": "softmax",
    "regression": "",
    "regression_l1": "",
    "huber": "",
    "fair": "",
    "quantile": "",
    "mape": "",
    "poisson": "exp",
    "gamma": "exp",
    "tweedie": "exp",
}
"""Objectives, and how sums become predictions."""
_HARMLESS = frozenset({"num_class", "sigmoid", "tweedie_variance_power", "alpha", "fair_c"})


def _regressor(estimator: Any, _converter: Converter) -> Node:
    return Node("lightgbm.LGBMRegressor", _facts(estimator))


def _classifier(estimator: Any, _converter: Converter) -> Node:
    facts = {**_facts(estimator), "classes": estimator.classes_}
    require(facts["link"] in {"logistic", "softmax"}, "its objective isn't one of classes")
    return Node("lightgbm.LGBMClassifier", facts)


def _facts(estimator: Any) -> dict[str, Any]:
    told = _told(estimator)
    name, *options = told["objective"].split()
    values = dict(option.partition(":")[::2] for option in options)
    require(name in _LINKS and _HARMLESS.issuperset(values), f"the objective {told['objective']!r}")
    return {
        "forest": forest(_trees(told)),
        "groups": told["num_tree_per_iteration"],
        "link": _LINKS[name],
        "slope": float(values.get("sigmoid", 1.0)),
    }


def _told(estimator: Any) -> dict[str, Any]:
    """Return LightGBM's JSON form, with the trees up to the best iteration."""
    found: dict[str, Any] = estimator.booster_.dump_model()
    require(not found["average_output"], "it predicts means")
    require(not found["pandas_categorical"], "it has columns of categories")
    options = {name for name in estimator.get_params() if "early_stop" in name}
    require(options <= {"early_stopping_round"}, "predictions may stop early")
    return found


def _trees(told: dict[str, Any]) -> list[Grown]:
    columns = told["max_feature_idx"] + 1
    return [_tree(one["tree_structure"], columns) for one in told["tree_info"]]


def _tree(root: dict[str, Any], columns: int) -> Grown:
    import numpy as np

    nodes = list(_nodes(root))
    numbers = {id(node): number for number, node in enumerate(nodes)}
    feature, threshold = np.full(len(nodes), -1), np.zeros(len(nodes))
    left, right = np.zeros((2, len(nodes)), dtype=np.intp)
    missing_right, values = np.zeros(len(nodes), dtype=bool), np.zeros((len(nodes), 1))
    for number, node in enumerate(nodes):
        if "leaf_value" in node:
            require("leaf_coeff" not in node, "its leaves are linear")
            values[number] = node["leaf_value"]
            continue
        require(node["decision_type"] == "<=", "it splits by category")
        feature[number], threshold[number] = node["split_feature"], node["threshold"]
        left[number] = numbers[id(node["left_child"])]
        right[number] = numbers[id(node["right_child"])]
        missing_right[number] = _missing_goes_right(node)
    tree = Tree(feature, threshold, left, right, columns, dtype="float64", missing=True)
    return Grown(tree, values, missing_right)


def _nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the root first, then the other nodes."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if "leaf_value" not in node:
            waiting += [node["left_child"], node["right_child"]]


def _missing_goes_right(node: dict[str, Any]) -> bool:
    """Return where NaN goes: if a column had none in training, it is taken for 0."""
    require(node["missing_type"] in {"None", "NaN"}, "zeros are missing values")
    if node["missing_type"] == "None":
        return bool(node["threshold"] < 0)
    return not node["default_left"]


def _told_trees(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    import numpy as np

    told = _told(estimator)
    grown = _trees(told)
    values = [
        {node.get("leaf_index", 0): node["leaf_value"] for node in nodes if "leaf_value" in node}
        for nodes in (list(_nodes(one["tree_structure"])) for one in told["tree_info"])
    ]

    def ask(number: int, x: Any) -> Any:
        leaves = estimator.booster_.predict(x, pred_leaf=True, num_threads=1).reshape(len(x), -1)
        return np.array([[values[number][leaf]] for leaf in leaves[:, number].tolist()])

    return [one.tree for one in grown], ask


CONVERTERS = {"LGBMRegressor": _regressor, "LGBMClassifier": _classifier}
TREES = dict.fromkeys(CONVERTERS, _told_trees)
