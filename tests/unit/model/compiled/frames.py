"""A DataFrame with every kind of column, for tests of preparing steps."""

import numpy as np
import pandas as pd

ROWS = 120


def mixed(*, gaps: bool) -> pd.DataFrame:
    """Return numbers, bool, texts and categories, with or without gaps."""
    rng = np.random.default_rng(0)
    plans = rng.choice(["basic", "plus", "family", "rare"], ROWS, p=[0.5, 0.3, 0.17, 0.03])
    notes = rng.choice(["x", "y", "z"], ROWS).astype(object)
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 9, ROWS),
            "visits": rng.integers(0, 6, ROWS),
            "share": rng.random(ROWS).astype(np.float32),
            "member": rng.choice([True, False], ROWS),
            "plan": plans,
            "size": pd.Categorical(rng.choice(["S", "M", "L"], ROWS)),
            "level": pd.Categorical(rng.choice([10, 20, 30], ROWS)),
        }
    )
    if gaps:
        table.loc[::6, "age"] = np.nan
        table.loc[::9, "plan"] = np.nan
        table.loc[::8, "size"] = np.nan
        table.loc[::11, "level"] = np.nan
        notes[::10] = None
    return table.assign(note=pd.Series(notes, dtype=object))
