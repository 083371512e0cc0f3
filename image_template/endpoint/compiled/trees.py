"""Decision trees."""

from typing import Any

from endpoint.compiled.checks import singles


class _Tree:
    """A tree.

    Args:
        forest: of one tree.
        missing: whether NaN is allowed.
    """

    def __init__(self, forest: Any, missing: bool) -> None:  # noqa: FBT001 - by name
        self._forest, self._missing = forest, missing

    def tree(self, number: int, x: Any) -> Any:
        """Return the values of the leaves that rows of float32 reach."""
        return self._forest.tree(number, x)

    def _values(self, table: Any) -> Any:
        return self._forest.outputs(singles(table, missing=self._missing))[0]


class DecisionTreeRegressor(_Tree):
    """A tree of numbers, of one or several outputs."""

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,) or (rows, outputs)."""
        found = self._values(table)
        return found[:, 0] if found.shape[1] == 1 else found


class DecisionTreeClassifier(_Tree):
    """A tree of probabilities.

    Args:
        forest: of one tree.
        missing: whether NaN is allowed.
        classes: the labels.
    """

    def __init__(self, forest: Any, missing: bool, classes: Any) -> None:  # noqa: FBT001 - by name
        super().__init__(forest, missing)
        self._classes = classes

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        return self._classes.take(self._values(table).argmax(axis=1))

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        return self._values(table)
