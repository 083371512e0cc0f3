"""Means over trees."""

from collections.abc import Callable
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.families.trees import (
    allows_missing,
    grown,
    outputs,
    outputs_of,
    splits,
)
from mldeploy.model.compiled.forest import forest
from mldeploy.model.compiled.gate.walking import Tree
from mldeploy.model.compiled.nodes import Node, require


def _trees(estimator: Any) -> list[Tree]:
    """Return the splits of an estimator's trees, in numbers of its own columns."""
    known = getattr(estimator, "estimators_features_", None)
    missing = allows_missing(estimator.estimators_[0])
    return [
        splits(
            one.tree_,
            estimator.n_features_in_,
            missing=missing,
            numbers=None if known is None else known[number],
        )
        for number, one in enumerate(estimator.estimators_)
    ]


def _facts(estimator: Any, values: Callable[[int, Any], Any]) -> dict[str, Any]:
    """Return the trees with values of their nodes, which a function gives."""
    trees = [one.tree_ for one in estimator.estimators_]
    parts = [
        grown(tree, one, values(number, tree))
        for number, (tree, one) in enumerate(zip(trees, _trees(estimator), strict=True))
    ]
    return {"forest": forest(parts)}


def _mean(estimator: Any) -> dict[str, Any]:
    return {
        **_facts(estimator, lambda _, tree: outputs(tree)),
        "missing": allows_missing(estimator.estimators_[0]),
        "count": len(estimator.estimators_),
    }


def _regressor(estimator: Any, _converter: Converter) -> Node:
    return Node("forests.RandomForestRegressor", _mean(estimator))


def _classifier(estimator: Any, _converter: Converter) -> Node:
    facts = {**_mean(estimator), "classes": estimator.classes_}
    return Node("forests.RandomForestClassifier", facts)


def _told(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    return _trees(estimator), lambda number, x: outputs_of(estimator.estimators_[number].tree_, x)


def _isolation(estimator: Any, _converter: Converter) -> Node:
    from sklearn.ensemble._iforest import _average_path_length

    require(estimator._max_samples > 1, "its trees have one row each")  # noqa: SLF001 - the only place
    length = len(estimator.estimators_) * _average_path_length([estimator._max_samples])  # noqa: SLF001 - as above
    facts = {
        **_facts(estimator, lambda number, _: _lengths(estimator, number).reshape(-1, 1)),
        "length": float(length[0]),
        "offset": float(estimator.offset_),
    }
    return Node("forests.IsolationForest", facts)


def _lengths(estimator: Any, number: int) -> Any:
    """Return the path length of each node of a tree, with scikit-learn's operations."""
    depths = estimator._decision_path_lengths[number]  # noqa: SLF001 - the only place
    return depths + estimator._average_path_length_per_tree[number] - 1.0  # noqa: SLF001 - as above


def _told_of_isolation(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    def ask(number: int, x: Any) -> Any:
        columns = x[:, estimator.estimators_features_[number]]
        leaves = estimator.estimators_[number].tree_.apply(columns)
        return _lengths(estimator, number)[leaves].reshape(-1, 1)

    return _trees(estimator), ask


_TREES = frozenset(
    {"DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor"}
)


def of_trees(estimator: Any) -> bool:
    """Return whether the parts of an estimator are single trees."""
    return all(type(one).__name__ in _TREES for one in estimator.estimators_)


def _require_bagging(estimator: Any) -> None:
    require(of_trees(estimator), "its estimators are no trees")
    # Each job sums up some estimators.
    require(estimator.n_jobs in {None, 1}, "n_jobs changes the order of its sums")


def _bagging_regressor(estimator: Any, _converter: Converter) -> Node:
    _require_bagging(estimator)
    return Node("forests.RandomForestRegressor", _mean(estimator))


def _bagging_classifier(estimator: Any, _converter: Converter) -> Node:
    _require_bagging(estimator)
    known = {len(one.classes_) for one in estimator.estimators_}
    require(known == {len(estimator.classes_)}, "a tree knows only some of the classes")
    facts = {**_mean(estimator), "classes": estimator.classes_}
    return Node("forests.RandomForestClassifier", facts)


def _told_of_bagging(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    def ask(number: int, x: Any) -> Any:
        columns = x[:, estimator.estimators_features_[number]]
        return outputs_of(estimator.estimators_[number].tree_, columns)

    return _trees(estimator), ask


CONVERTERS = {
    "RandomForestRegressor": _regressor,
    "ExtraTreesRegressor": _regressor,
    "RandomForestClassifier": _classifier,
    "ExtraTreesClassifier": _classifier,
    "IsolationForest": _isolation,
    "BaggingRegressor": _bagging_regressor,
    "BaggingClassifier": _bagging_classifier,
}
TREES = {
    **dict.fromkeys(list(CONVERTERS)[:4], _told),
    "IsolationForest": _told_of_isolation,
    "BaggingRegressor": _told_of_bagging,
    "BaggingClassifier": _told_of_bagging,
}
