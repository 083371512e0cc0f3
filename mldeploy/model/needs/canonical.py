"""Pickles that depend on an estimator's values only, not on which of its objects are the same."""

from typing import Any

import numpy as np
from joblib.numpy_pickle import NumpyPickler

_ATOMS = (str, bytes, int, float, complex, bool, type(None))


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
