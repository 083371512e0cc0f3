"""From the trees of an estimator to the arrays of `endpoint.compiled.forest`."""

from dataclasses import dataclass
from typing import Any

from mldeploy.model.compiled.gate.walking import Tree
from mldeploy.model.compiled.nodes import Node


@dataclass(frozen=True)
class Grown:
    """A fitted tree.

    Attributes:
        tree: its splits.
        values: of its nodes, an array of shape (nodes, outputs).
        missing: of each node, whether NaN goes right; None if NaN never comes.
    """

    tree: Tree
    values: Any
    missing: Any = None


def forest(grown: list[Grown]) -> Node:
    """Return the node of trees of the same dtype and outputs."""
    import numpy as np

    offsets = np.cumsum([0, *(len(one.values) for one in grown[:-1])])
    starts = np.repeat(offsets, [len(one.values) for one in grown])
    left, right, feature, threshold = (
        np.concatenate([np.asarray(getattr(one.tree, name)) for one in grown])
        for name in ("left", "right", "feature", "threshold")
    )
    levels, inner = _levels(left + starts, right + starts, feature >= 0, offsets)
    order = np.concatenate(levels)
    splits, leaves = order[inner[order]], order[~inner[order]]
    values, numbers = _different(np.concatenate([one.values for one in grown])[leaves])
    missing = None
    if grown[0].missing is not None:
        missing = np.packbits(np.concatenate([one.missing for one in grown])[splits].astype(bool))
    arguments = {
        "trees": len(grown),
        "depth": len(levels) - 1,
        "splits": {
            "bits": np.packbits(inner[order]),
            "features": smallest(feature[splits]),
            "thresholds": _thresholds(threshold[splits], grown[0].tree.dtype),
            "missing": missing,
        },
        "leaves": {"values": values, "numbers": numbers},
    }
    return Node("forest.Forest", arguments)


def _levels(left: Any, right: Any, inner: Any, roots: Any) -> tuple[list[Any], Any]:
    """Return the numbers of the nodes of each level, and which nodes are splits."""
    import numpy as np

    levels = [roots]
    while (splits := levels[-1][inner[levels[-1]]]).size:
        levels.append(np.column_stack([left[splits], right[splits]]).reshape(-1))
    return levels, inner


def _thresholds(thresholds: Any, dtype: str) -> Any:
    """Return thresholds of a dtype that decide like float64 ones.

    A float32 is at most a float64 exactly if it is at most the largest float32 below.
    """
    import numpy as np

    with np.errstate(over="ignore"):
        found = thresholds.astype(dtype)
    above = found.astype(np.float64) > thresholds
    found[above] = np.nextafter(found[above], found.dtype.type(-np.inf))
    return found


def _different(values: Any) -> tuple[Any, Any]:
    """Return the different rows of values with the number of each, or all and None if smaller."""
    import numpy as np

    values = np.ascontiguousarray(values)
    # As integers: 0.0 and -0.0 differ.
    bits = values.view(np.uint64 if values.itemsize > 4 else np.uint32)  # noqa: PLR2004 - bytes
    _, places, numbers = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    found, numbers = values[places], smallest(numbers.reshape(-1))
    smaller = found.nbytes + numbers.nbytes < values.nbytes
    return (found, numbers) if smaller else (values, None)


def smallest(numbers: Any) -> Any:
    """Return numbers from 0 in the smallest dtype."""
    import numpy as np

    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
