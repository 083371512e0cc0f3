"""Steps that contain others: pipelines and unions of columns."""

from typing import Any

import numpy as np

from endpoint.compiled.frame import Frame


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
        columns: of each part, the numbers of its columns, or a number for a part that expects one
            column of shape (rows,).
    """

    def __init__(self, parts: list[Any], columns: list[Any]) -> None:
        self._parts = list(zip(parts, columns, strict=True))

    def transform(self, table: Any) -> Any:
        """Return the outputs as one table."""
        return beside([part.transform(_taken(table, columns)) for part, columns in self._parts])


def _taken(table: Any, columns: Any) -> Any:
    if isinstance(columns, int):
        return table.columns[columns] if isinstance(table, Frame) else table[:, columns]
    return table.take(columns) if isinstance(table, Frame) else table[:, columns]


class FeatureUnion:
    """Transformers of the same table, their outputs side by side.

    Args:
        parts: nodes.
        weights: the factor of each part's output, or None.
    """

    def __init__(self, parts: list[Any], weights: list[float | None]) -> None:
        self._parts = list(zip(parts, weights, strict=True))

    def transform(self, table: Any) -> Any:
        """Return the outputs as one table."""
        return beside([_weighted(part.transform(table), one) for part, one in self._parts])


def _weighted(found: Any, weight: float | None) -> Any:
    return found if weight is None else found * weight


class Passthrough:
    """Returns its input."""

    def transform(self, table: Any) -> Any:
        """Return the table."""
        return table


class Columns:
    """Selects columns of an array.

    Args:
        numbers: of the columns.
    """

    def __init__(self, numbers: Any) -> None:
        self._numbers = numbers

    def transform(self, table: Any) -> Any:
        """Return the columns."""
        return table.take(self._numbers) if isinstance(table, Frame) else table[:, self._numbers]


def beside(tables: list[Any]) -> Any:
    """Return tables of equal count of rows as one."""
    if any(hasattr(one, "to_rows") for one in tables):
        from endpoint.compiled.sparse import beside as sparse_beside

        return sparse_beside(tables)
    arrays = [one.array() if isinstance(one, Frame) else one for one in tables]
    return np.hstack(arrays)
