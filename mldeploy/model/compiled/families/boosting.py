"""Sums over trees that were fitted one after the other."""

from collections.abc import Callable
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.families.forests import of_trees
from mldeploy.model.compiled.families.trees import (
    grown,
    outputs,
    outputs_of,
    splits,
)
from mldeploy.model.compiled.forest import forest
from mldeploy.model.compiled.gate.walking import Tree
from mldeploy.model.compiled.nodes import Node, NotCompilableError, require


def _regressor(estimator: Any, converter: Converter) -> Node:
    known = {"squared_error", "absolute_error", "huber", "quantile"}
    require(estimator.loss in known, f"the loss {estimator.loss!r} isn't known")
    return Node("boosting.GradientBoostingRegressor", {**_facts(estimator, converter), "loss": ""})


def _classifier(estimator: Any, converter: Converter) -> Node:
    known = {"log_loss", "exponential"}
    require(estimator.loss in known, f"the loss {estimator.loss!r} isn't known")
    facts = {
        **_facts(estimator, converter),
        "loss": estimator.loss,
        "classes": estimator.classes_,
    }
    return Node("boosting.GradientBoostingClassifier", facts)


def _facts(estimator: Any, converter: Converter) -> dict[str, Any]:
    trees = [one.tree_ for one in estimator.estimators_.reshape(-1)]
    parts = [
        grown(tree, one, estimator.learning_rate * outputs(tree))
        for tree, one in zip(trees, _trees(estimator), strict=True)
    ]
    own = estimator.init is not None and not isinstance(estimator.init, str)
    return {
        "forest": forest(parts),
        "groups": estimator.estimators_.shape[1],
        "start": None if own else _start(estimator),
        "first": converter.convert(estimator.init_, "init") if own else None,
        "bounds": _bounds() if own else None,
    }


class _Certain:
    """Predicts the first class of two."""

    def predict_proba(self, _x: Any) -> Any:
        import numpy as np

        return np.array([[1.0, 0.0]])


def _bounds() -> tuple[float, float]:
    """Return the least and the most that a first probability is clipped to."""
    import numpy as np
    from scipy.special import logit
    from sklearn._loss import HalfBinomialLoss
    from sklearn.ensemble._gb import _init_raw_predictions

    found = _init_raw_predictions(np.zeros((1, 1)), _Certain(), HalfBinomialLoss(), True)  # noqa: FBT003 - its signature
    # Older releases have the precision of a float32.
    for tiny in (np.finfo(np.float64).eps, np.finfo(np.float32).eps):
        if found[0, 0] == logit(float(tiny)):
            return float(tiny), float(1 - tiny)
    raise NotCompilableError("this scikit-learn clips first probabilities elsewhere")


def _start(estimator: Any) -> Any:
    """Return the first values, which are the same for all rows."""
    import numpy as np
    from sklearn.base import is_classifier
    from sklearn.ensemble._gb import _init_raw_predictions

    if isinstance(estimator.init_, str):
        return np.zeros(estimator.estimators_.shape[1])
    row = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    loss = estimator._loss  # noqa: SLF001 - the only place
    return _init_raw_predictions(row, estimator.init_, loss, is_classifier(estimator))[0]


def _trees(estimator: Any) -> list[Tree]:
    return [
        splits(one.tree_, estimator.n_features_in_, missing=False)
        for one in estimator.estimators_.reshape(-1)
    ]


def _told(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    trees = estimator.estimators_.reshape(-1)
    scale = estimator.learning_rate
    return _trees(estimator), lambda number, x: scale * outputs_of(trees[number].tree_, x)


def _ada(estimator: Any, values: Callable[[int, Any], Any]) -> Node:
    require(of_trees(estimator), "its estimators are no trees")
    parts = [
        grown(one.tree_, tree, values(number, outputs(one.tree_)))
        for number, (one, tree) in enumerate(
            zip(estimator.estimators_, _trees_of_ada(estimator), strict=True)
        )
    ]
    return forest(parts)


def _trees_of_ada(estimator: Any) -> list[Tree]:
    # Missing values are refused before they come to a tree.
    columns = estimator.n_features_in_
    return [splits(one.tree_, columns, missing=False) for one in estimator.estimators_]


def _ada_classifier(estimator: Any, _converter: Converter) -> Node:
    algorithm = getattr(estimator, "algorithm", "SAMME")
    require(algorithm in {"SAMME", "deprecated"}, f"the algorithm {algorithm!r} isn't known")
    require(len(estimator.classes_) > 1, "it knows a single class")

    def votes(number: int, values: Any) -> Any:
        return _votes(estimator, number, values.argmax(axis=1))

    facts = {
        "forest": _ada(estimator, votes),
        "weight": float(estimator.estimator_weights_.sum()),
        "classes": estimator.classes_,
    }
    return Node("boosting.AdaBoostClassifier", facts)


def _votes(estimator: Any, number: int, found: Any) -> Any:
    """Return a tree's votes for the classes with these numbers, of shape (numbers, classes)."""
    import numpy as np

    weight = estimator.estimator_weights_[number]
    labels = estimator.estimators_[number].classes_.take(found)
    against = -1 / (len(estimator.classes_) - 1) * weight
    return np.where(labels[:, None] == estimator.classes_, weight, against)


def _ada_regressor(estimator: Any, _converter: Converter) -> Node:
    facts = {
        "forest": _ada(estimator, lambda _, values: values),
        "weights": estimator.estimator_weights_,
    }
    return Node("boosting.AdaBoostRegressor", facts)


def _told_of_ada(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    def ask(number: int, x: Any) -> Any:
        found = outputs_of(estimator.estimators_[number].tree_, x)
        if not hasattr(estimator, "classes_"):
            return found
        return _votes(estimator, number, found.argmax(axis=1))

    return _trees_of_ada(estimator), ask


CONVERTERS = {
    "GradientBoostingRegressor": _regressor,
    "GradientBoostingClassifier": _classifier,
    "AdaBoostRegressor": _ada_regressor,
    "AdaBoostClassifier": _ada_classifier,
}
TREES = {
    "GradientBoostingRegressor": _told,
    "GradientBoostingClassifier": _told,
    "AdaBoostRegressor": _told_of_ada,
    "AdaBoostClassifier": _told_of_ada,
}
