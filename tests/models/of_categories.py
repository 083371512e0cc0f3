"""Categories and dates in DataFrames, and columns that no request could bring."""

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from tests.models import data, steps
from tests.models.line import Line, exact, refused

_N = data.ROWS


def _towns(missing: Any = "Ulm") -> list[Any]:
    return [missing if n % 9 == 0 else data.TOWNS[n % 4] for n in range(_N)]


_CALENDAR = '''
import pandas as pd


def calendar(x):
    """Return month, weekday and hour of the dates, and whether there is one."""
    days = x["c"]
    return pd.DataFrame(
        {
            "weight": x["weight"],
            "month": days.dt.month.fillna(0),
            "weekday": days.dt.dayofweek.fillna(0),
            "hour": days.dt.hour.fillna(0),
            "known": days.notna(),
        }
    )
'''


_DATED = """
import numpy as np
import pandas as pd
from dates import calendar
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier


def data():
    n = 120
    days = pd.Series(pd.date_range("2024-01-01 06:30", periods=n, freq="31h", tz=ZONE))
    days = days.dt.as_unit("UNIT")
    if GAPS:
        days = days.mask(days.index % 10 == 0)
    return pd.DataFrame({"weight": np.arange(n) / 7, "c": days}), np.arange(n) // 7 % 3


def estimator():
    return make_pipeline(FunctionTransformer(calendar), DecisionTreeClassifier(random_state=0))
"""


def _dated(name: str, zone: str | None = None, *, gaps: bool = False, unit: str = "ns") -> Line:
    text = _DATED.replace("ZONE", repr(zone)).replace("UNIT", unit).replace("GAPS", str(gaps))
    return Line(name, files={"train.py": text, "dates.py": _CALENDAR})


def _category(values: Any, *, ordered: bool = False) -> Any:
    return lambda: pd.Series(pd.Categorical(values(), ordered=ordered))


def _sizes() -> Any:
    kind = pd.CategoricalDtype(["small", "middle", "large"], ordered=True)
    return pd.Series([("middle", "small", "large")[n % 3] for n in range(_N)], dtype=kind)


def _codes_of_categories() -> Any:
    """Return a model that sees the categories' codes, so that their order counts."""
    return HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")


def _polars() -> tuple[Any, Any]:
    import polars as pl

    return pl.DataFrame({"a": data.numbers()[:, 0], "b": data.numbers()[:, 1]}), data.classes(2)


def _sparse() -> tuple[Any, Any]:
    from scipy import sparse

    return sparse.csr_matrix(np.maximum(data.numbers(), 0)), data.classes(2)


_C = data.column
_HOT = steps.one_hot

LINES = [
    exact("category of texts", _C(_category(_towns)), _HOT),
    exact("category of texts with gaps", _C(_category(lambda: _towns(None))), _HOT),
    exact("category of texts, by code", _C(_category(_towns)), _codes_of_categories),
    exact("ordered category", _C(_sizes), _HOT),
    exact("ordered category, by code", _C(_sizes), _codes_of_categories),
    exact("category of integers", _C(_category(lambda: [n % 5 * 10 for n in range(_N)])), _HOT),
    exact(
        "category of integers, by code",
        _C(_category(lambda: [n % 5 * 10 for n in range(_N)])),
        _codes_of_categories,
    ),
    exact(
        "category of integers, ordered",
        _C(_category(lambda: [n % 5 * 10 for n in range(_N)], ordered=True)),
        _HOT,
    ),
    exact("category of numbers", _C(_category(lambda: [n % 5 / 2 for n in range(_N)])), _HOT),
    exact("category of booleans", _C(_category(lambda: [n % 5 == 0 for n in range(_N)])), _HOT),
    exact(
        "category of booleans with gaps",
        _C(_category(lambda: [None if n % 7 == 0 else n % 5 == 0 for n in range(_N)])),
        _HOT,
    ),
    exact(
        "category of intervals",
        _C(lambda: pd.Series(pd.cut(data.numbers()[:, 1], [-9, -1, 0, 1, 9]))),
        lambda: _HOT(handle_unknown="error"),
    ),
    exact(
        "category of intervals, by code",
        _C(lambda: pd.Series(pd.cut(data.numbers()[:, 1], [-9, -1, 0, 1, 9]))),
        _codes_of_categories,
    ),
    exact("quantiles as categories", _C(lambda: pd.Series(pd.qcut(data.numbers()[:, 1], 4))), _HOT),
    exact(
        "categories that don't occur",
        _C(lambda: pd.Series(pd.Categorical(_towns(), categories=["Aachen", *data.TOWNS]))),
        _codes_of_categories,
    ),
    exact(
        "category of 150 texts",
        _C(_category(lambda: [f"town {n % 118:03}" for n in range(_N)])),
        _HOT,
    ),
    _dated("dates"),
    _dated("dates with gaps", gaps=True),
    _dated("dates in a zone", "Europe/Berlin"),
    _dated("dates in UTC with gaps", "UTC", gaps=True),
    _dated("dates of microseconds", unit="us"),
    _dated("dates of seconds in a zone", "America/New_York", unit="s"),
    refused(
        "column of dates as objects",
        _C(lambda: pd.Series([dt.date(2024, 1, 1 + n % 28) for n in range(_N)])),
        _HOT,
        "MLD215",
        "'c'",
    ),
    refused(
        "column of durations",
        _C(lambda: pd.to_timedelta(pd.Series(range(_N)), unit="h")),
        steps.tree,
        "MLD215",
        "'c'",
    ),
    refused(
        "column of periods",
        _C(lambda: pd.Series(pd.period_range("2024-01", periods=_N, freq="D"))),
        _HOT,
        "MLD215",
        "'c'",
    ),
    refused(
        "column of decimals",
        _C(lambda: pd.Series([decimal.Decimal(n) / 4 for n in range(_N)])),
        steps.tree,
        "MLD215",
        "'c'",
    ),
    refused(
        "column of lists", _C(lambda: pd.Series([[n, 1] for n in range(_N)])), _HOT, "MLD215", "'c'"
    ),
    refused(
        "column of complex numbers",
        _C(lambda: pd.Series(np.arange(_N) * 1j)),
        steps.tree,
        "MLD215",
        "'c'",
    ),
    refused("polars", _polars, steps.tree, "MLD213", "polars"),
    refused("sparse X", _sparse, steps.tree, "MLD213", "toarray"),
    refused(
        "columns of several levels",
        lambda: (
            pd.DataFrame(
                data.numbers(2), columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])
            ),
            data.classes(),
        ),
        steps.tree,
        "MLD213",
        "levels",
    ),
]
