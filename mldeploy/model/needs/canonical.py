"""Pickles that depend on an estimator's values only, not on which of its objects are the same."""

from typing import Any

import numpy as np
from joblib.numpy_pickle import NumpyPickler

_ATOMS = (str, bytes, int, float, complex, bool, type(None))
_TREES = ("sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree")
_COUNTS = slice(7, 11)
"""Trims, leaves, splits and calls in the state of a tree: `_binary_tree.pxi.tp` of scikit-learn."""


class CanonicalPickler(NumpyPickler):  # type: ignore[misc]
    """joblib's pickler, which writes equal constants as references to the first one.

    pickle writes a reference if it meets the same object again, but an equal one anew. So an
    estimator whose parts were fitted in other processes would have another digest than the same
    estimator that was fitted in one. joblib never writes a reference for an array.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._known: dict[Any, Any] = {}

    def save(self, obj: Any, *more: Any, **named: Any) -> None:
        """Write an object, or an equal constant that was written before."""
        key = _key(obj)
        super().save(obj if key is None else self._known.setdefault(key, obj), *more, **named)

    def reducer_override(self, obj: Any) -> Any:
        """Return how a neighbors tree is pickled as if nobody had searched in it.

        It counts what its searches did, and several threads lose counts; nothing reads them.
        """
        if type(obj).__module__ not in _TREES:
            return NotImplemented
        make, arguments, state = obj.__reduce__()
        if state[_COUNTS][:-1] != obj.get_tree_stats():
            return NotImplemented  # another version's state
        zeros = (0,) * len(state[_COUNTS])
        return make, arguments, (*state[: _COUNTS.start], *zeros, *state[_COUNTS.stop :])


def _key(value: Any) -> Any:
    """Return what identifies an immutable value, or None for everything else."""
    kind = type(value)
    if kind is str or kind is bytes:
        return kind, value
    if kind is tuple:
        keys = tuple(map(_key_in_tuple, value))
        return None if None in keys or not value else (kind, keys)
    if isinstance(value, np.dtype):
        return _key_of_type(value)
    if isinstance(value, np.generic):
        inner = _key_of_type(value.dtype)
        return None if inner is None else (kind, inner, value.tobytes())
    return None


def _key_in_tuple(value: Any) -> Any:
    if isinstance(value, float):
        return type(value), value.hex()  # 0.0 and -0.0 are equal
    return (type(value), value) if type(value) in _ATOMS else _key(value)


def _key_of_type(value: Any) -> Any:
    if value.metadata is not None or value.hasobject:  # neither is part of their equality
        return None
    return np.dtype, value, value.str, value.isalignedstruct
