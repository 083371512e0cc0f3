"""Which rows a model is tried with."""

import numpy as np
import pandas as pd

from mldeploy.model.data.sampling import GOLDEN_ROWS, PROOF_ROWS, proof_rows, spread


def test_the_rows_that_tell_something_are_among_them() -> None:
    """A rare class, the only gap, both extremes and a rare category of 10,000 rows."""
    count = 10_000
    numbers = np.random.default_rng(1).normal(size=count)
    numbers[[17, 4242, 9000]] = np.nan, 99.0, -99.0
    words = np.array(["common"] * count, dtype=object)
    words[7777] = "rare"
    y = np.zeros(count, dtype=int)
    y[5555] = 1
    rows = proof_rows(pd.DataFrame({"number": numbers, "word": words}), y, list(range(100)))
    assert {17, 4242, 9000, 7777, 5555} <= set(rows)
    assert len(rows) == len(set(rows)) == PROOF_ROWS
    assert set(rows[:GOLDEN_ROWS]) <= set(range(100))


def test_few_rows_are_all_taken() -> None:
    """Whether something was held out or not, and for texts too."""
    assert sorted(proof_rows(np.zeros((30, 2)), None, [])) == list(range(30))
    texts = np.array([f"text {n}" for n in range(12)], dtype=object)
    assert sorted(proof_rows(texts, None, [3, 4])) == list(range(12))


def test_an_array_with_gaps_gives_its_extremes() -> None:
    """NaN is neither the least nor the greatest."""
    x = np.zeros((1000, 1))
    x[[300, 600, 900], 0] = np.nan, 5, -5
    assert {300, 600, 900} <= set(proof_rows(x, None, [0]))


def test_golden_rows_are_spread_over_the_values_of_y() -> None:
    """Rows that are sorted by class are no reason to show one class only."""
    y = np.repeat(np.arange(4), 25)
    assert {int(y[row]) for row in spread(list(range(100)), y, 4)} == {0, 1, 2, 3}
