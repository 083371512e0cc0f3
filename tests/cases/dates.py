"""Dates and times: ISO 8601 in requests, with and without a zone."""

from tests.cases.case import Case

_DATES = {
    "dates.py": """\
import pandas as pd


def parts(X):
    when = X["when"]
    found = pd.DataFrame({"hour": when.dt.hour, "day": when.dt.dayofweek}, index=X.index)
    return found.fillna(-1)
"""
}
_ON_DATES = """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from dates import parts


def estimator():
    return make_pipeline(FunctionTransformer(parts), LogisticRegression())


"""

CASES = (
    Case(
        "dates and times",
        _ON_DATES
        + """\
def data():
    when = pd.date_range("2024-01-01", periods=120, freq="7h")
    return pd.DataFrame({"when": when}), (when.hour > 12).astype(int)


def strangers():
    return pd.DataFrame({"when": pd.to_datetime(["2026-05-01 10:00:00", "1999-12-31 23:59:59"])})
""",
        _DATES,
        problems=(
            ({"features": {"when": "soon"}}, "ISO 8601"),
            ({"features": {"when": "2024-01-01T00:00:00+02:00"}}, "without"),
            ({"features": {"when": None}}, "null"),
        ),
    ),
    Case(
        "times with a zone and with gaps",
        _ON_DATES
        + """\
def data():
    when = pd.Series(pd.date_range("2024-03-01", periods=120, freq="7h", tz="Europe/Berlin"))
    when[::10] = None
    return pd.DataFrame({"when": when}), (when.dt.hour > 12).astype(int)


def strangers():
    when = pd.to_datetime(["2026-05-01 10:00+02:00"]).tz_convert("Europe/Berlin")
    return pd.DataFrame({"when": when})
""",
        _DATES,
        problems=(({"features": {"when": "2024-01-01T00:00:00"}}, "offset"),),
    ),
    Case(
        "microseconds in UTC",
        _ON_DATES
        + """\
def data():
    when = pd.Series(pd.date_range("2024-03-01", periods=120, freq="7h", tz="UTC").as_unit("us"))
    return pd.DataFrame({"when": when}), (when.dt.hour > 12).astype(int)
""",
        _DATES,
    ),
    Case(
        "dates as texts that training hasn't seen",
        """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from dates import parts


def data():
    when = pd.date_range("2024-01-01", periods=120, freq="7h")
    return pd.DataFrame({"when": when.astype(str)}), (when.hour > 12).astype(int)


def strangers():
    return pd.DataFrame({"when": ["2026-05-01 10:00:00", "2027-05-02 20:00:00"]})


def estimator():
    return make_pipeline(FunctionTransformer(parts), LogisticRegression())
""",
        {
            "dates.py": """\
import pandas as pd


def parts(X):
    when = pd.to_datetime(X["when"])
    return pd.DataFrame({"hour": when.dt.hour, "day": when.dt.dayofweek})
"""
        },
    ),
)
