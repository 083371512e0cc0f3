"""Small data of 120 rows, the same in every process."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

ROWS = 120
TOWNS = ("Ulm", "Bonn", "Köln", "Łódź")


def _rng() -> Any:
    return np.random.default_rng(3)


def numbers(columns: int = 4) -> Any:
    """Return floats around 0."""
    return _rng().normal(size=(ROWS, columns))


def classes(count: int = 3) -> Any:
    """Return integer labels that the first two columns tell, mostly."""
    x = numbers()
    score = x[:, 0] + 0.5 * x[:, 1] + 0.3 * _rng().normal(size=ROWS)
    return np.searchsorted(np.quantile(score, np.linspace(0, 1, count + 1)[1:-1]), score)


def amounts() -> Any:
    """Return a float target."""
    x = numbers()
    return 3 * x[:, 0] - 2 * x[:, 1] + 0.1 * _rng().normal(size=ROWS)


def three() -> tuple[Any, Any]:
    return numbers(), classes(3)


def two() -> tuple[Any, Any]:
    return numbers(), classes(2)


def four() -> tuple[Any, Any]:
    return numbers(), classes(4)


def regression() -> tuple[Any, Any]:
    return numbers(), amounts()


def positive() -> tuple[Any, Any]:
    """X and y above 0."""
    return np.abs(numbers()), np.abs(amounts()) + 0.1


def counts() -> tuple[Any, Any]:
    """X of small whole numbers, as floats."""
    return np.floor(np.abs(numbers()) * 2), classes(3)


def alone() -> tuple[Any, None]:
    """No y."""
    return numbers(), None


def alone_positive() -> tuple[Any, None]:
    return np.abs(numbers()) + 0.1, None


def one_column() -> tuple[Any, Any]:
    return numbers()[:, :1], amounts()


def with_gaps() -> tuple[Any, Any]:
    """NaN in every column."""
    x = numbers()
    x[::7, 0] = x[3::11, 1] = x[5::13, 2] = x[1::17, 3] = np.nan
    return x, classes(3)


def gaps_alone() -> tuple[Any, None]:
    return with_gaps()[0], None


def two_targets() -> tuple[Any, Any]:
    x = numbers()
    return x, np.stack([x[:, 0] * 2, x[:, 1] - x[:, 2]], axis=1)


def multilabel() -> tuple[Any, Any]:
    """An indicator of three labels."""
    x = numbers()
    return x, np.stack([x[:, 0] > 0, x[:, 1] > 0.2, x[:, 2] > -0.3], axis=1).astype(int)


def multi_class_outputs() -> tuple[Any, Any]:
    return numbers(), np.stack([classes(3), classes(2)], axis=1)


def of_dtype(dtype: str, target: Callable[[], Any] = classes) -> Callable[[], tuple[Any, Any]]:
    """Return data whose X has that dtype, with values all over a part of its range."""
    return partial(_of_dtype, dtype, target)


def _of_dtype(dtype: str, target: Callable[[], Any]) -> tuple[Any, Any]:
    x = numbers()
    if dtype == "bool":
        return x > 0, target()
    if dtype.startswith("uint"):
        return np.clip(np.abs(x) * 60, 0, 250).astype(dtype), target()
    if dtype.startswith("int"):
        return np.clip(x * 30, -120, 120).astype(dtype), target()
    return (x * 3.3).astype(dtype), target()


def texts() -> tuple[list[str], Any]:
    """Short texts, with commas, quotes and letters of all kinds."""
    words = ("good", "fine, really", "great", 'so "so"', "awful", "poor; not", "übel", "плохо")
    found = [f"a {words[n % 8]} thing {n % 5}" for n in range(ROWS)]
    return found, np.array(["praise" if n % 8 < 4 else "complaint" for n in range(ROWS)])


def table() -> Any:
    """Return a DataFrame with numbers, whole numbers, booleans and texts."""
    x = numbers()
    return pd.DataFrame(
        {
            "age": np.clip(x[:, 0] * 15 + 40, 18, 90).astype(int),
            "weight": x[:, 1] * 10 + 70,
            "smoker": x[:, 2] > 0,
            "city": [TOWNS[n % 4] for n in range(ROWS)],
        }
    )


def frame() -> tuple[Any, Any]:
    return table(), classes(2)


def column(values: Any, name: str = "c", target: Callable[[], Any] = classes) -> Any:
    """Return what gives a DataFrame with a number and one more column."""
    return partial(_column, values, name, target)


def _column(values: Any, name: str, target: Callable[[], Any]) -> tuple[Any, Any]:
    made = values() if callable(values) else values
    x = pd.DataFrame({"weight": numbers()[:, 0]})
    x[name] = made.to_numpy() if isinstance(made, pd.Index) else made
    return x, target()


def labelled(y: Callable[[], Any]) -> Callable[[], tuple[Any, Any]]:
    """Return what gives numbers with those labels."""
    return lambda: (numbers(), y())
