"""Boosted trees that know missing values and categories."""

from collections.abc import Callable
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.forest import Grown, forest
from mldeploy.model.compiled.gate.walking import Tree
from mldeploy.model.compiled.nodes import Node, require

_LOGS = {
    "squared_error": False,
    "absolute_error": False,
    "quantile": False,
    "gamma": True,
    "poisson": True,
}
"""Losses, and whether their sums are logarithms."""


def _regressor(estimator: Any, converter: Converter) -> Node:
    require(estimator.loss in _LOGS, f"the loss {estimator.loss!r} isn't known")
    facts = {**_facts(estimator, converter), "log": _LOGS[estimator.loss]}
    return Node("hist.HistGradientBoostingRegressor", facts)


def _classifier(estimator: Any, converter: Converter) -> Node:
    require(estimator.loss == "log_loss", f"the loss {estimator.loss!r} isn't known")
    facts = {**_facts(estimator, converter), "classes": estimator.classes_}
    return Node("hist.HistGradientBoostingClassifier", facts)


def _facts(estimator: Any, converter: Converter) -> dict[str, Any]:
    import numpy as np

    mask = estimator.is_categorical_
    encoder = None
    if estimator._preprocessor is not None:  # noqa: SLF001 - no public form
        known = estimator._preprocessor.named_transformers_  # noqa: SLF001 - as above
        encoder = converter.convert(known["encoder"], "encoder")
    trees, choices = _with_choices(_trees(estimator), estimator.n_features_in_)
    return {
        "forest": forest(trees),
        "groups": estimator.n_trees_per_iteration_,
        "start": estimator._baseline_prediction.reshape(-1),  # noqa: SLF001 - no public form
        "encoder": encoder,
        "encoded": [] if mask is None else np.flatnonzero(mask).tolist(),
        "others": [] if mask is None else np.flatnonzero(~mask).tolist(),
        "choices": choices,
    }


def _trees(estimator: Any) -> list[Grown]:
    """Return the trees, in numbers of the columns after the encoder: categories come first."""
    known = _codes(estimator)
    return [
        _tree(one.nodes, one.raw_left_cat_bitsets, known, estimator.n_features_in_)
        for stage in estimator._predictors  # noqa: SLF001 - no public form
        for one in stage
    ]


def _codes(estimator: Any) -> dict[int, int]:
    """Return the counts of the codes of each column of categories."""
    if estimator._preprocessor is None:  # noqa: SLF001 - no public form
        return {}
    known = estimator._bin_mapper.bin_thresholds_  # noqa: SLF001 - as above
    is_categorical = estimator._is_categorical_remapped  # noqa: SLF001 - as above
    for column, codes in enumerate(known):
        whole = not is_categorical[column] or codes.tolist() == list(range(len(codes)))
        require(whole, "its categories have other codes than 0, 1, 2 and so on")
    return {column: len(known[column]) for column in is_categorical.nonzero()[0].tolist()}


def _tree(nodes: Any, bitsets: Any, known: dict[int, int], columns: int) -> Grown:
    import numpy as np

    places = np.flatnonzero(nodes["is_categorical"] & ~nodes["is_leaf"].astype(bool))
    lefts = {
        int(node): _left(bitsets[nodes["bitset_idx"][node]], known[int(nodes["feature_idx"][node])])
        for node in places
    }
    tree = Tree(
        np.where(nodes["is_leaf"], -1, nodes["feature_idx"]),
        nodes["num_threshold"],
        nodes["left"].astype(np.intp),
        nodes["right"].astype(np.intp),
        columns,
        dtype="float64",
        missing=True,
        missing_right=nodes["missing_go_to_left"] == 0,
        codes=known,
        lefts=lefts,
    )
    return Grown(tree, nodes["value"].reshape(-1, 1), tree.missing_right)


def _left(bitset: Any, codes: int) -> frozenset[int]:
    """Return the codes that go left."""
    return frozenset(code for code in range(codes) if bitset[code // 32] >> (code % 32) & 1)


def _with_choices(trees: list[Grown], columns: int) -> tuple[list[Grown], Node | None]:
    """Return trees whose splits by categories compare columns of choices, and the choices."""
    import numpy as np

    known: dict[tuple[int, tuple[bool, ...]], int] = {}
    width = 1 + max([0, *trees[0].tree.codes.values()])
    found = []
    for one in trees:
        tree = one.tree
        feature, threshold = tree.feature.copy(), tree.threshold.copy()
        for node, left in tree.lefts.items():
            right = [code not in left for code in range(width - 1)]
            choice = (int(feature[node]), (*right, bool(tree.missing_right[node])))
            feature[node] = columns + known.setdefault(choice, len(known))
            threshold[node] = 0.5
        changed = Tree(feature, threshold, tree.left, tree.right, columns, tree.dtype, missing=True)
        found.append(Grown(changed, one.values, one.missing))
    if not known:
        return found, None
    facts = {
        "columns": np.array([column for column, _ in known]),
        "right": np.packbits([right for _, right in known], axis=1),
        "codes": width,
    }
    return found, Node("hist.Choices", facts)


def _told(estimator: Any) -> tuple[list[Tree], Callable[[int, Any], Any]]:
    known, places = estimator._bin_mapper.make_known_categories_bitsets()  # noqa: SLF001 - no public form
    trees = [one for stage in estimator._predictors for one in stage]  # noqa: SLF001 - as above

    def ask(number: int, x: Any) -> Any:
        return trees[number].predict(x, known, places, 1).reshape(-1, 1)

    return [one.tree for one in _trees(estimator)], ask


CONVERTERS = {
    "HistGradientBoostingRegressor": _regressor,
    "HistGradientBoostingClassifier": _classifier,
}
TREES = dict.fromkeys(CONVERTERS, _told)
