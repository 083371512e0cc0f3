"""Encoders of categories, and of numbers in bins."""

from collections.abc import Iterator
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require

_EXACT = 2**53
"""From here on, a float64 stands for several integers."""


def _one_hot(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    places, unknown = zip(*_places(estimator), strict=True)
    facts = {
        "categories": [_listed(one) for one in estimator.categories_],
        "places": places,
        "unknown": unknown,
        "width": int(sum(estimator._n_features_outs)),  # noqa: SLF001 - with what is left out
        "dtype": np.dtype(estimator.dtype).name,
        "sparse": bool(estimator.sparse_output),
    }
    require(np.dtype(estimator.dtype).kind in "biuf", "its dtype isn't one of numbers")
    return Node("encoding.OneHotEncoder", facts)


def _places(estimator: Any) -> Iterator[tuple[list[int], int | None]]:
    """Yield the output columns of each input column's categories, and that of unknown values."""
    known = {"error", "ignore", "infrequent_if_exist", "warn"}
    how, start = estimator.handle_unknown, 0
    require(how in known, f"handle_unknown is {how!r}")
    left_out = estimator._drop_idx_after_grouping  # noqa: SLF001 - the public one is before it
    for number, categories in enumerate(estimator.categories_):
        groups, group = _groups(estimator, number, range(len(categories)))
        drop = None if left_out is None else left_out[number]
        outputs = list(range(max(groups) + 1))
        columns = {one: start + place for place, one in enumerate(o for o in outputs if o != drop)}
        named = group is not None and how in {"infrequent_if_exist", "warn"}
        other = columns.get(group, -1) if named else -1
        yield [columns.get(one, -1) for one in groups], None if how == "error" else other
        start += len(columns)


def _groups(estimator: Any, number: int, codes: Any) -> tuple[list[int], Any]:
    """Return the numbers of categories after the rare ones became one, and the number of that."""
    if not estimator._infrequent_enabled:  # noqa: SLF001 - no public form
        return list(codes), None
    groups = estimator._default_to_infrequent_mappings[number]  # noqa: SLF001 - no public form
    if groups is None:
        return list(codes), None
    return groups.tolist(), int(groups.max())


def _listed(categories: Any) -> Any:
    """Return categories as an array of Python values."""
    import numpy as np

    require(categories.dtype.kind in "biufOU", f"categories of the type {categories.dtype}")
    if categories.dtype.kind == "f":
        small = np.abs(categories[~np.isnan(categories)]) < _EXACT
        require(small.all(), "a category is too large for an exact float")
    return categories.astype(object)


def _ordinal(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    how = estimator.handle_unknown
    require(how in {"error", "use_encoded_value"}, f"handle_unknown is {how!r}")
    require(np.dtype(estimator.dtype).kind in "iuf", "its dtype isn't one of numbers")
    facts = {
        "categories": [_listed(one) for one in estimator.categories_],
        "codes": list(_codes(estimator)),
        "unknown": None if how == "error" else estimator.unknown_value,
        "dtype": np.dtype(estimator.dtype).name,
    }
    return Node("encoding.OrdinalEncoder", facts)


def _codes(estimator: Any) -> Iterator[Any]:
    """Yield the codes of each column's categories."""
    import numpy as np

    missing = estimator._missing_indices  # noqa: SLF001 - no public form
    for number, categories in enumerate(estimator.categories_):
        known = len(categories) - (number in missing)
        groups, _ = _groups(estimator, number, range(known))
        codes = np.array(groups, dtype=estimator.dtype)
        if number in missing:
            codes = np.append(codes, np.array(estimator.encoded_missing_value, dtype=codes.dtype))
        yield codes


def _bins(estimator: Any, converter: Converter) -> Node:
    import numpy as np

    how = estimator.encode
    require(how in {"ordinal", "onehot", "onehot-dense"}, f"encode is {how!r}")
    facts = {
        "edges": [edges[1:-1] for edges in estimator.bin_edges_],
        "encoder": None if how == "ordinal" else converter.convert(estimator._encoder, "encoder"),  # noqa: SLF001 - no public form
        "dtype": "" if estimator.dtype is None else np.dtype(estimator.dtype).name,
    }
    return Node("encoding.KBinsDiscretizer", facts)


CONVERTERS = {"OneHotEncoder": _one_hot, "OrdinalEncoder": _ordinal, "KBinsDiscretizer": _bins}

BORDERS = {"KBinsDiscretizer": lambda estimator: list(estimator.bin_edges_)}
