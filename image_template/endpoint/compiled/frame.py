"""Tables of named columns, in place of DataFrames."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from endpoint.features import Feature, key_of, positions
from endpoint.rows import Rows

_NUMPY = re.compile(r"(u?int|float)\d+|bool")


class Frame:
    """Columns of equal length.

    Args:
        columns: 1-d arrays: of numbers, of bool, or of Python values (texts, categories).
        count: of rows.
    """

    def __init__(self, columns: list[Any], count: int) -> None:
        self.columns = columns
        self.count = count

    def __len__(self) -> int:
        """Return the count of rows."""
        return self.count

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.count, len(self.columns)

    def take(self, numbers: Sequence[int]) -> "Frame":
        """Return some columns."""
        return Frame([self.columns[number] for number in numbers], self.count)

    def to_numpy(self) -> Any:
        """Return the columns as one array, of the dtype that pandas would choose."""
        dtypes = {column.dtype for column in self.columns}
        if len(dtypes) > 1 and any(dtype.kind in "bO" for dtype in dtypes):
            return _stacked(self.columns, self.count, np.dtype(object))
        return _stacked(self.columns, self.count, np.result_type(*dtypes))

    def numeric(self) -> Any:
        """Return the columns as one array, with bool as 0 and 1 among numbers.

        This is the dtype that scikit-learn's checks choose.
        """
        dtypes = {column.dtype for column in self.columns}
        if any(dtype.kind == "O" for dtype in dtypes):
            return self.to_numpy()
        return _stacked(self.columns, self.count, np.result_type(*dtypes))


def _stacked(columns: list[Any], count: int, dtype: Any) -> Any:
    # As pandas makes it: BLAS may round differently for another order in memory.
    found = np.empty((count, len(columns)), dtype=dtype, order="F")
    for number, column in enumerate(columns):
        found[:, number] = column
    return found


def frame_maker(features: list[Feature]) -> Callable[[Rows], Frame]:
    """Return the function that makes frames of checked rows, in the order of training."""
    makers = [_column(feature) for feature in features]

    def frame(rows: Rows) -> Frame:
        columns = zip(makers, zip(*rows, strict=True), strict=True)
        return Frame([make(values) for make, values in columns], len(rows))

    return frame


def _column(feature: Feature) -> Callable[[Sequence[Any]], Any]:
    """Return the function that makes a column; None is a missing value."""
    storage = feature["storage"]
    if _NUMPY.fullmatch(storage):
        dtype = np.dtype(storage)
        return lambda values: np.array(values, dtype=dtype)
    missing = math.nan if storage != "object" or feature.get("missing") == "nan" else None
    if storage != "category":
        return lambda values: _objects([missing if one is None else one for one in values])
    # A request may write a category in another way: 1.0 for 1.
    known, key, numbers = feature["categories"], key_of(feature), positions(feature)
    return lambda values: _objects(
        [missing if one is None else known[numbers[key(one)]] for one in values]
    )


def _objects(values: list[Any]) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
