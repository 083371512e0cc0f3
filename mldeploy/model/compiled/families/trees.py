"""Decision trees."""

from collections.abc import Callable
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.forest import Grown, forest
from mldeploy.model.compiled.gate.walking import Tree
from mldeploy.model.compiled.nodes import Node, require


def allows_missing(estimator: Any) -> bool:
    """Return whether a tree predicts rows with NaN."""
    from sklearn.utils import get_tags

    return bool(get_tags(estimator).input_tags.allow_nan)


def outputs(tree: Any) -> Any:
    """Return the values of the nodes of a `tree_`, of shape (nodes, classes or outputs).

    Raises:
        NotCompilableError: for a classifier with several outputs.
    """
    require(tree.n_outputs == 1 or tree.max_n_classes == 1, "it has several outputs of classes")
    return tree.value.reshape(tree.node_count, -1)


def splits(tree: Any, columns: int, *, missing: bool, numbers: Any = None) -> Tree:
    """Return the splits of a `tree_`.

    Args:
        tree: of scikit-learn.
        columns: the count of columns of the table.
        missing: whether NaN is allowed.
        numbers: of the tree's columns in the table; None if these are all.
    """
    import numpy as np

    feature = tree.feature
    if numbers is not None:
        feature = np.where(feature < 0, feature, np.asarray(numbers)[np.maximum(feature, 0)])
    return Tree(
        feature,
        tree.threshold,
        tree.children_left,
        tree.children_right,
        columns,
        missing=missing,
    )


def grown(tree: Any, splits: Tree, values: Any) -> Grown:
    """Return a `tree_` with values of its nodes."""
    missing = tree.missing_go_to_left == 0 if splits.missing else None
    return Grown(splits, values, missing)


def _facts(estimator: Any) -> dict[str, Any]:
    missing = allows_missing(estimator)
    tree = estimator.tree_
    one = splits(tree, estimator.n_features_in_, missing=missing)
    return {"forest": forest([grown(tree, one, outputs(tree))]), "missing": missing}


def _regressor(estimator: Any, _converter: Converter) -> Node:
    return Node("trees.DecisionTreeRegressor", _facts(estimator))


def _classifier(estimator: Any, _converter: Converter) -> Node:
    facts = {**_facts(estimator), "classes": estimator.classes_}
    return Node("trees.DecisionTreeClassifier", facts)


def _tree(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    missing = allows_missing(estimator)
    found = splits(estimator.tree_, estimator.n_features_in_, missing=missing)
    return [found], lambda _, x: outputs_of(estimator.tree_, x)


def outputs_of(tree: Any, x: Any) -> Any:
    """Return what scikit-learn's `tree_` predicts, of shape (rows, classes or outputs)."""
    return tree.predict(x).reshape(len(x), -1)


CONVERTERS = {
    "DecisionTreeRegressor": _regressor,
    "ExtraTreeRegressor": _regressor,
    "DecisionTreeClassifier": _classifier,
    "ExtraTreeClassifier": _classifier,
}
TREES = dict.fromkeys(CONVERTERS, _tree)
