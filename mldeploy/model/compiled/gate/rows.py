"""Rows for the whole model, made from those of training."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TRAINING = 1_000
_ALONE = 50
_SOME = 400
_HOSTILE = 60
_HUGE = (1e300, -1e300, 3.4028235677973366e38, 1e30, -1e10, 5e-324, -0.0, 0.0, 1.7e308, -1.7e308)
"""Beyond a float32, its limit, values whose squares overflow, a denormal number, both zeros, values
whose doubles overflow."""


@dataclass(frozen=True)
class Kind:
    """Rows of a kind.

    Attributes:
        what: the kind, for people.
        x: the rows.
        alone: whether each is asked alone.
        hostile: whether an estimator may raise an error.
        training: whether they are rows of training.
    """

    what: str
    x: Any
    alone: bool = False
    hostile: bool = False
    training: bool = False


def kinds_of_rows(x: Any) -> Iterator[Kind]:
    """Yield rows of several kinds.

    Args:
        x: X of training: an array of numbers, a DataFrame, or a 1-d array of texts.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    sample = _taken(x, np.sort(rng.permutation(len(x))[:_TRAINING]))
    yield Kind("rows of training", sample, training=True)
    yield Kind(
        "rows of training, each alone",
        _taken(sample, range(min(_ALONE, len(sample)))),
        alone=True,
        training=True,
    )
    if _is_text(x):
        yield Kind("changed texts", _changed_texts(sample, rng))
        yield Kind("unusual texts", np.array(_TEXTS, dtype=object), hostile=True)
        return
    yield Kind("values of different rows", _mixed(sample, rng))
    yield Kind("perturbed values", _each(sample, rng, _perturbed))
    yield Kind("the next floats", _each(sample, rng, _next))
    yield Kind("midpoints of two rows", _each(sample, rng, _midpoint))
    yield Kind("rounded values and halves", _each(sample, rng, _rounded))
    yield Kind("extreme values", _one_by_one(sample, rng, _extreme), hostile=True)
    yield Kind("missing values", _one_by_one(sample, rng, _missing), hostile=True)
    yield Kind("unknown categories", _one_by_one(sample, rng, _unknown), hostile=True)


def unlike_training(x: Any) -> Iterator[Any]:
    """Yield tables of rows that aren't among those of training, of values that the columns hold."""
    for kind in kinds_of_rows(x):
        if not (kind.hostile or kind.training):
            yield kind.x


_TEXTS = (
    "",
    " ",
    "a",
    "A B c",
    "x" * 300,
    "tab\tand\nnew line",
    "na\u00efve caf\u00e9 \u00df",
    "\u0130stanbul \u1e9e",
    "e\u0301\u0327",
    "\u4f60\u597d \u4e16\u754c",
    "don't stop, e-mail me @ 5pm!!",
    "1 22 333 _under_score_",
    "\u00a0no\u2003breaks\u200b",
)


def _changed_texts(x: Any, rng: Any) -> Any:
    """Return texts with the words of others, in another order and form, and with punctuation."""
    import numpy as np

    words = [word for text in x[:_SOME].tolist() for word in str(text).split()] or ["word"]
    made = []
    for number in range(_SOME):
        some = rng.choice(words, size=rng.integers(1, 30)).tolist()
        changed = _FORMS[number % len(_FORMS)](some[-1])
        made.append(" ".join([*some[:-1], changed + rng.choice(["", "!", ", "])]))
    return np.array(made, dtype=object)


def _accented(word: str) -> str:
    """Return a word with an accent, in the form that most keyboards type."""
    return unicodedata.normalize("NFC", f"{word[:1]}\u0301{word[1:]}")


def _wide(word: str) -> str:
    """Return a word with the wide forms of its letters, which normalization makes usual ones."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in word)


_FORMS = (str.upper, str.title, _accented, _wide)


def _is_text(x: Any) -> bool:
    return not hasattr(x, "columns") and x.ndim == 1


def _taken(x: Any, rows: Any) -> Any:
    found = x.iloc[list(rows)] if hasattr(x, "iloc") else x[list(rows)]
    return found.copy()


def _count(x: Any) -> int:
    return int(x.shape[1])


def _column(x: Any, number: int) -> Any:
    return x.iloc[:, number] if hasattr(x, "iloc") else x[:, number]


def _with_columns(x: Any, columns: list[Any]) -> Any:
    """Return a table like x with other values of equal dtypes."""
    import numpy as np

    if not hasattr(x, "iloc"):
        return np.column_stack(columns).astype(x.dtype)
    import pandas as pd

    made = [
        _series(values, x.index, dtype) for values, dtype in zip(columns, x.dtypes, strict=True)
    ]
    found = pd.concat(made, axis=1)
    found.columns = x.columns
    return found


def _series(values: Any, index: Any, dtype: Any) -> Any:
    """Return a column; of a category column, what isn't a category becomes missing."""
    import pandas as pd

    # Without a dtype, pandas makes NaN of None.
    found = pd.Series(values, index=index, dtype=values.dtype)
    if isinstance(dtype, pd.CategoricalDtype):
        found = found.where(found.isin(dtype.categories))
    return found.astype(dtype)


def _mixed(x: Any, rng: Any) -> Any:
    """Return rows whose values come from different rows: many ties with training's values."""
    rows = _taken(x, rng.integers(0, len(x), _SOME))
    numbers = [rng.integers(0, len(x), len(rows)) for _ in range(_count(x))]
    columns = [_values(_column(x, n))[numbers[n]] for n in range(_count(x))]
    return _with_columns(rows, columns)


def _values(column: Any) -> Any:
    return column.to_numpy() if hasattr(column, "to_numpy") else column


def _is_number(column: Any) -> bool:
    return getattr(column.dtype, "kind", "O") in "iuf"


def _each(x: Any, rng: Any, change: Any) -> Any:
    """Return rows with all numbers changed."""
    rows = _taken(x, rng.integers(0, len(x), min(_SOME, 4 * len(x))))
    columns = []
    for number in range(_count(x)):
        column = _values(_column(rows, number))
        columns.append(change(column, rng) if _is_number(column) else column)
    return _with_columns(rows, columns)


def _perturbed(column: Any, rng: Any) -> Any:
    import numpy as np

    if column.dtype.kind != "f":
        low, high = np.iinfo(column.dtype).min, np.iinfo(column.dtype).max
        steps = rng.integers(-2, 3, len(column)) if column.dtype.kind == "i" else 0
        return np.clip(column.astype(object) + steps, low, high).astype(column.dtype)
    spread = float(np.nanstd(column)) or 1.0
    factors = rng.choice([1e-12, 1e-6, 1e-2, 0.3, 3.0], len(column))
    return (column + rng.standard_normal(len(column)) * factors * spread).astype(column.dtype)


def _next(column: Any, rng: Any) -> Any:
    """Return the next float, or the next float32, up or down."""
    import numpy as np

    if column.dtype.kind != "f":
        return column
    side = rng.choice([-np.inf, np.inf], len(column))
    single = np.nextafter(column.astype(np.float32), side.astype(np.float32))
    own = np.nextafter(column, side.astype(column.dtype))
    return np.where(rng.random(len(column)) < 0.5, single, own).astype(column.dtype)  # noqa: PLR2004


def _midpoint(column: Any, rng: Any) -> Any:
    other = column[rng.permutation(len(column))]
    if column.dtype.kind != "f":
        return column // 2 + other // 2
    return (column / 2 + other / 2).astype(column.dtype)


def _rounded(column: Any, rng: Any) -> Any:
    import numpy as np

    if column.dtype.kind != "f":
        return column
    return np.round(column) + rng.choice([0.0, 0.5, -0.5], len(column)).astype(column.dtype)


def _one_by_one(x: Any, rng: Any, other: Any) -> Any:
    """Return rows with one value changed each."""
    rows = _taken(x, rng.integers(0, len(x), _HOSTILE))
    columns = [_values(_column(rows, number)).copy() for number in range(_count(x))]
    changed = [list(column.tolist()) for column in columns]
    for row in range(len(rows)):
        number = row % _count(x)
        changed[number][row] = other(columns[number], row, changed[number][row])
    return _with_columns(rows, [_like(a, b) for a, b in zip(columns, changed, strict=True)])


def _like(column: Any, values: list[Any]) -> Any:
    import numpy as np

    if column.dtype.kind != "O":
        return np.array(values, dtype=column.dtype)
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _extreme(column: Any, row: int, value: Any) -> Any:
    import numpy as np

    if column.dtype.kind == "f":
        most = float(np.finfo(column.dtype).max)
        return max(min(_HUGE[row % len(_HUGE)], most), -most)
    if column.dtype.kind in "iu":
        limits = np.iinfo(column.dtype)
        return [limits.max, limits.min, 0][row % 3]
    return value


def _missing(column: Any, _row: int, value: Any) -> Any:
    if column.dtype.kind == "f":
        return float("nan")
    known = [one for one in column.tolist() if one is None or one != one]  # noqa: PLR0124 - NaN
    if column.dtype.kind == "O":
        return known[0] if known else None
    return value


def _unknown(column: Any, row: int, value: Any) -> Any:
    if column.dtype.kind == "O" and isinstance(value, str):
        return ["never seen", "", value + " ", value.upper()][row % 4]
    return value
