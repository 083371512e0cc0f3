"""Problems of X and y that prevent training, with the line of code that fixes them."""

from pathlib import PurePath
from typing import Any

from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.json_values import is_missing

FEWEST_ROWS = 10
"""Fewer leave nothing to hold out."""

Problem = tuple[str, str]
"""The problem and its fix ("" if the contract of `data()` states it)."""

_TABLE = 2
_DATES = {"date", "datetime", "Timestamp", "datetime64", "Period", "Timedelta", "timedelta"}


_TABLES = {"pyspark", "modin", "cudf", "vaex", "pyarrow"}
_ON_WORKERS = {"dask": ".compute()", "ray": ".to_pandas()"}
"""Libraries whose data lies on the workers of an engine, and what loads it here."""


def problem_of_kind(x: Any) -> Problem | None:
    """Return the kind of X if requests can't represent it; doesn't convert it to an array."""
    kind, package = type(x).__name__, type(x).__module__.partition(".")[0]
    columns = getattr(x, "columns", None)
    found = problem_of_workers(x, "X")
    if found:
        return found
    if package == "polars":
        found = f"X is a polars {kind}, which isn't supported", "return X.to_pandas()"
    elif package in _TABLES:
        found = f"X is a {package} {kind}, which isn't supported", "return it as a pandas DataFrame"
    elif hasattr(x, "toarray"):
        found = "X is a sparse matrix, but requests contain dense rows", "return X.toarray()"
    elif package == "torch":
        found = "X is a torch tensor, which isn't supported", "return X.numpy()"
    elif columns is not None:
        found = _problem_of_labels(columns)
    elif isinstance(x, list) and x:
        found = _problem_of_list(x[0])
    return found


def _problem_of_list(first: Any) -> Problem | None:
    if isinstance(first, dict):
        return "X is a list of dicts", "return pd.DataFrame(X): one column per key"
    if isinstance(first, list | tuple) and first and all(isinstance(one, str) for one in first):
        line = (
            'join tokens, X = [" ".join(row) for row in X], so that the vectoriser splits them; '
            "or use columns, pd.DataFrame(X, columns=[...])"
        )
        return "X is a list of lists of texts, but an array must contain numbers", line
    return None


def _problem_of_labels(columns: Any) -> Problem | None:
    if getattr(columns, "nlevels", 1) > 1:
        return (
            "X has columns with several levels",
            'X.columns = ["_".join(map(str, column)) for column in X.columns]',
        )
    labels = list(columns)
    strange = [one for one in labels if not isinstance(one, str) and not _is_whole(one)]
    if strange:
        return (
            f"the column name {strange[0]!r} of X is neither a text nor a whole number",
            "X.columns = X.columns.map(str)",
        )
    names = list(map(str, labels))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return f"two columns are called {twice!r}", "give each column of X a unique name"
    return None


def _is_whole(label: Any) -> bool:
    import numpy as np

    return isinstance(label, int | np.integer) and not isinstance(label, bool)


def problem_of_index(x: Any, y: Any) -> Problem | None:
    """Return whether X and y have the same labels of rows in different orders."""
    rows: Any = getattr(x, "index", None)
    targets: Any = getattr(y, "index", None)
    if not (hasattr(rows, "is_unique") and hasattr(targets, "is_unique")):
        return None
    if len(rows) != len(targets) or rows.equals(targets) or not rows.is_unique:
        return None
    if set(rows) != set(targets):
        return None
    return (
        "X and y have the same index in different orders, so row and target don't belong together",
        "y = y.loc[X.index]; if they do belong together, y = y.to_numpy()",
    )


def problem_of_workers(value: Any, name: str) -> Problem | None:
    """Return whether the rows of X or y are elsewhere: on the workers of an engine, or in a file.

    No estimator's own ability to read them helps: rows are held out, and the endpoint is proved
    with them.
    """
    kind, package = type(value).__name__, type(value).__module__.partition(".")[0]
    if package in _ON_WORKERS:
        what, line = f"a {package} {kind}", f"return {name}{_ON_WORKERS[package]}"
    elif isinstance(value, str | PurePath):
        what, line = "a path", "return what is in it, such as pd.read_parquet(path)"
    else:
        return None
    why = "rows are held out, measured and proved on this machine, so they have to be in its memory"
    return f"{name} is {what}: {why}", line


def problem_of_lists(y: Any) -> Problem | None:
    """Return whether y has a varying number of labels per row."""
    if not isinstance(y, list | tuple) or not y or not isinstance(y[0], list | tuple | set):
        return None
    if len(set(map(len, y))) == 1 and not any(isinstance(one, str) for row in y for one in row):
        return None
    return _SEVERAL_LABELS


_SEVERAL_LABELS = (
    "y contains several labels per row",
    "y = sklearn.preprocessing.MultiLabelBinarizer().fit_transform(y)",
)


def problem_of_x(data: TrainingData) -> Problem | None:
    """Return the problem of X, an array or a DataFrame, or None."""
    x = data.x
    shape: tuple[int, ...] = getattr(x, "shape", ())
    texts = len(shape) == 1 and all(isinstance(one, str) for one in x.tolist())
    columns = 1 if texts else shape[1] if len(shape) == _TABLE else 0
    found: Problem | None = None
    if len(shape) > _TABLE:
        line = "X = X.reshape(len(X), -1), and restore the shape in the first step of the pipeline"
        found = f"X has the shape {shape}, but requests contain rows of columns", line
    elif not columns:
        line = "X = X.reshape(-1, 1) makes one column of it" if len(shape) == 1 else ""
        found = f"X must have rows and columns, or contain texts; it has the shape {shape}", line
    elif len(x) < FEWEST_ROWS:
        found = f"{len(x)} rows are too few to hold some out; return at least {FEWEST_ROWS}", ""
    return found or _problem_of_names(data.feature_names, columns)


def _problem_of_names(names: tuple[str, ...] | None, columns: int) -> Problem | None:
    if names and len(names) != columns:
        return f"{len(names)} feature names for {columns} columns", ""
    if names and len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        return f"two columns are called {twice!r}", ""
    return None


def problem_of_y(data: TrainingData) -> Problem | None:
    """Return the problem of y, an array or None."""
    y = data.y
    if y is None:
        return None
    if y.ndim not in {1, _TABLE}:
        return f"y must have one value per row, or several outputs; it has the shape {y.shape}", ""
    if len(data.x) != len(y):
        return f"X has {len(data.x)} rows, y has {len(y)}", ""
    outputs = y.shape[1] if y.ndim > 1 else 1
    if data.target_names and len(set(data.target_names)) != outputs:
        return f"{len(data.target_names)} names of targets for {outputs} outputs", ""
    return _problem_of_targets(y)


def _problem_of_targets(y: Any) -> Problem | None:
    values = y.ravel().tolist()
    missing = sum(map(is_missing, values))
    kinds = {type(one).__name__ for one in values}
    found: Problem | None = None
    if missing:
        found = f"y has {missing} missing values; drop their rows", ""
    elif y.dtype.kind in "Mm" or kinds & _DATES:
        found = (
            "y contains dates or durations, but labels are texts or numbers",
            "y = y.astype(str)",
        )
    elif "Decimal" in kinds:
        found = "y contains Decimal numbers", "y = y.astype(float)"
    elif y.dtype.kind == "c":
        found = "y contains complex numbers", "use their real and imaginary parts as two outputs"
    elif kinds & {"list", "tuple", "set", "frozenset", "dict"}:
        found = _SEVERAL_LABELS
    elif len({isinstance(one, str) for one in values}) > 1:
        found = "y contains texts and other values; convert them to one type", "y = y.astype(str)"
    elif strange := [type(one).__name__ for one in values if not _is_label(one)]:
        found = f"y contains a {strange[0]}, but labels are texts or numbers", "y = y.astype(str)"
    return found


def _is_label(value: Any) -> bool:
    import numpy as np

    return isinstance(value, str | int | float | np.number | np.bool)
