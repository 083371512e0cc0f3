"""Rows for the model of `tests.support.models.FRAME`, with gaps and an empty text."""

import pandas as pd

PEOPLE = pd.DataFrame(
    {
        "age": [30, 41, 79],
        "weight": [float("nan"), 50.5, float("nan")],
        "smoker": [True, False, False],
        "city": ["Ulm", "Bonn", "Köln"],
        "plan": ["plus", "basic", "plus"],
        "note": ["", "b", "c"],
    }
)
