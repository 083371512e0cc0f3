"""Steps that contain others: pipelines and unions of columns."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import plain
from endpoint.compiled.frame import Frame
from endpoint.compiled.sparse import Sparse
from endpoint.compiled.sparse import beside as sparse_beside


class Pipeline:
    """Transformers one after the other, and last an estimator or a transformer.

    Args:
        steps: nodes.
    """

    def __init__(self, steps: list[Any]) -> None:
        *self._before, self._last = steps

    def _input(self, table: Any) -> Any:
        for step in self._before:
            table = step.transform(table)
        return table

    def predict(self, table: Any) -> Any:
        """Return the last step's predictions."""
        return self._last.predict(self._input(table))

    def predict_proba(self, table: Any) -> Any:
        """Return the last step's probabilities."""
        return self._last.predict_proba(self._input(table))

    def decision_function(self, table: Any) -> Any:
        """Return the last step's decision values."""
        return self._last.decision_function(self._input(table))

    def score_samples(self, table: Any) -> Any:
        """Return the last step's scores."""
        return self._last.score_samples(self._input(table))

    def transform(self, table: Any) -> Any:
        """Return the output of the last step, a transformer."""
        return self._last.transform(self._input(table))


class ColumnTransformer:
    """Transformers of some columns each, their outputs side by side.

    Args:
        parts: nodes.
        columns: of each part, the numbers of its columns; {"slice": [start, end, step]}; or a
            number for a part that expects one column of shape (rows,).
        weights: the factor of each part's output, or None.
        form: "array", "sparse" or "frame".
    """

    def __init__(
        self, parts: list[Any], columns: list[Any], weights: list[float | None], form: str
    ) -> None:
        self._parts = list(zip(parts, map(_key, columns), weights, strict=True))
        self._form = form

    def transform(self, table: Any) -> Any:
        """Return the outputs as one table."""
        found = [
            _weighted(part.transform(_taken(table, columns)), weight)
            for part, columns, weight in self._parts
        ]
        if self._form == "frame":
            return _frame(found)
        if self._form == "sparse":
            return sparse_beside(found, _numeric)
        return np.hstack([_dense(one) for one in found])


def _key(columns: Any) -> Any:
    return slice(*columns["slice"]) if isinstance(columns, dict) else columns


def _taken(table: Any, columns: Any) -> Any:
    if not isinstance(table, Frame):
        return table[:, columns]
    if isinstance(columns, int):
        return table.columns[columns]
    if isinstance(columns, slice):
        return Frame(table.columns[columns], table.count)
    return table.take(columns)


def _numeric(array: Any) -> Any:
    """Return an array as scikit-learn puts it into a sparse table: NaN may be in it."""
    return array.astype(np.float64) if array.dtype.kind == "O" else array


def _dense(table: Any) -> Any:
    if isinstance(table, Sparse):
        return table.toarray()
    return table.to_numpy() if isinstance(table, Frame) else table


def _frame(tables: list[Any]) -> Frame:
    columns = [one.columns if isinstance(one, Frame) else list(one.T) for one in tables]
    return Frame([column for some in columns for column in some], len(tables[0]))


class FeatureUnion:
    """Transformers of the same table, their outputs side by side.

    Args:
        parts: nodes.
        weights: the factor of each part's output, or None.
        form: "array" or "frame".
    """

    def __init__(self, parts: list[Any], weights: list[float | None], form: str) -> None:
        self._parts, self._form = list(zip(parts, weights, strict=True)), form

    def transform(self, table: Any) -> Any:
        """Return the outputs as one table."""
        found = [_weighted(part.transform(table), one) for part, one in self._parts]
        if self._form == "frame":
            return _frame(found)
        if any(isinstance(one, Sparse) for one in found):
            return sparse_beside(found)
        return np.concatenate([_dense(one) for one in found], axis=1)


def _weighted(found: Any, weight: float | None) -> Any:
    return found if weight is None else found * weight


class Passthrough:
    """Returns its input."""

    def transform(self, table: Any) -> Any:
        """Return the table."""
        return table


class Columns:
    """Selects columns.

    Args:
        numbers: of the columns, ascending.
        strict: whether missing and infinite values are refused, in any column.
        frame: whether a frame stays one, and isn't checked.
    """

    def __init__(self, numbers: Any, *, strict: bool, frame: bool) -> None:
        self._numbers, self._strict, self._frame = numbers, strict, frame

    def transform(self, table: Any) -> Any:
        """Return the columns."""
        if isinstance(table, Frame):
            if self._frame:
                return table.take(self._numbers)
            table = table.numeric()
        if self._strict:
            plain(table.values[None] if isinstance(table, Sparse) else table)
        if isinstance(table, Sparse):
            return table.take(self._numbers)
        return table[:, self._numbers]
