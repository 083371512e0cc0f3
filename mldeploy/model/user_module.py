"""The user's train module: `data()` and `estimator()`."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import extract_tb
from typing import Any

from mldeploy.errors import MldeployError

FEWEST_ROWS = 10
"""Fewer leave nothing to hold out."""
_CONTRACT = "see docs/training.md: data() returns (X, y), estimator() an unfitted estimator"


@dataclass(frozen=True)
class TrainingData:
    """What `data()` gave.

    Attributes:
        x: a 2-d array of shape (rows, columns), or a pandas DataFrame.
        y: a 1-d array of shape (rows,), or None.
        feature_names: one a column, or None.
        class_names: one a class, in the order of the sorted classes, or None.
    """

    x: Any
    y: Any
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None


def load_user_module(path: Path, root: Path) -> Any:
    """Import the train module under its own name, so that a pickle can name it.

    Raises:
        MldeployError: MLD210 where it is missing, MLD211 where it fails.
    """
    if not path.is_file():
        raise MldeployError(
            "MLD210",
            f"there is no train module {path}",
            'write one, or name it: [project] train = "train.py"',
        )
    sys.path[:0] = [str(path.parent), str(root)]
    module = _user_code(lambda: importlib.import_module(path.stem), path, "it was imported")
    found = getattr(module, "__file__", None)
    if found is None or Path(found).resolve() != path.resolve():
        raise MldeployError(
            "MLD210",
            f"the train module can't be called {path.name}: Python has a module {path.stem}",
            'rename it, to train.py for example: [project] train = "train.py"',
        )
    return module


def _user_code(call: Callable[[], Any], path: Path, doing: str) -> Any:
    """Run the user's code; its failure is told with the user's own lines of the traceback."""
    try:
        return call()
    except (Exception, SystemExit) as error:
        hint = "mend it and run `mldeploy train` again"
        if isinstance(error, ModuleNotFoundError) and error.name:
            hint = f"pip install what brings {error.name} into mldeploy's own environment"
        raise MldeployError(
            "MLD211",
            f"{path.name} failed while {doing}: {type(error).__name__}: {error}",
            hint,
            details=their_frames(error, path.parent),
        ) from error


def their_frames(error: BaseException, folder: Path) -> tuple[tuple[str, str], ...]:
    """Return the lines of a traceback that are in the user's folder, outermost first."""
    frames = [(one.filename, one.lineno, one.line) for one in extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno, (error.text or "").strip()))
    return tuple(
        ("at", f"{Path(name).relative_to(folder)}:{number}  {line}")
        for name, number, line in frames
        if Path(name).is_relative_to(folder) and "site-packages" not in Path(name).parts
    )


def estimator_of(module: Any, path: Path) -> Any:
    """Return the unfitted estimator.

    Raises:
        MldeployError: MLD212 where there is none.
    """
    found = getattr(module, "estimator", None)
    if found is not None and not hasattr(found, "fit") and callable(found):
        found = _user_code(found, path, "estimator() ran")
    if found is None or not hasattr(found, "fit") or not hasattr(found, "predict"):
        has = "nothing" if found is None else f"a {type(found).__name__}"
        raise MldeployError(
            "MLD212",
            f"{path.name} must define estimator(), returning something with fit and predict; "
            f"found {has}",
            _CONTRACT,
        )
    return found


def data_of(module: Any, path: Path) -> TrainingData:
    """Return the training data, checked.

    Raises:
        MldeployError: MLD213 for what isn't data.
    """
    given = getattr(module, "data", None)
    if not callable(given):
        raise MldeployError("MLD213", f"{path.name} must define data()", _CONTRACT)
    found = _user_code(given, path, "data() ran")
    names = getattr(module, "class_names", None)
    classes = tuple(map(str, names)) if names is not None else None
    if isinstance(found, tuple) and len(found) == 2:  # noqa: PLR2004 - X and y
        return _checked(TrainingData(found[0], found[1], _columns(found[0]), classes), path)
    if isinstance(found, dict) and {"data", "target"} <= found.keys():
        return _checked(_of_bunch(found, classes), path)
    raise MldeployError(
        "MLD213", f"data() must return (X, y) or a Bunch, got {type(found).__name__}", _CONTRACT
    )


def _of_bunch(found: dict[str, Any], classes: tuple[str, ...] | None) -> TrainingData:
    """Read scikit-learn's Bunch, which is a dict."""
    import numpy as np

    x, y = found["data"], found["target"]
    features, targets = found.get("feature_names"), found.get("target_names")
    # A regression Bunch may carry the target's own name, which is no class.
    if classes is None and targets is not None and len(targets) == len(np.unique(y)):
        classes = tuple(map(str, targets))
    names = _columns(x) or (tuple(map(str, features)) if features is not None else None)
    return TrainingData(x, y, names, classes)


def _columns(x: Any) -> tuple[str, ...] | None:
    columns = getattr(x, "columns", None)
    return None if columns is None else tuple(map(str, columns))


def _checked(data: TrainingData, path: Path) -> TrainingData:
    """Turn X and y into arrays, unless X is a DataFrame, and look for what can't be trained on."""
    import numpy as np

    try:
        x = data.x if _columns(data.x) is not None else np.asarray(data.x)
        y = None if data.y is None else np.asarray(data.y)
    except ValueError as error:
        problem = f"data() of {path.name}: X and y must be tables of values ({error})"
        raise MldeployError("MLD213", problem, _CONTRACT) from error
    if y is not None and y.shape[1:] == (1,):
        y = y.ravel()
    found = replace(data, x=x, y=y)
    problem = _problem_of_x(found) or _problem_of_y(found)
    if problem:
        raise MldeployError("MLD213", f"data() of {path.name}: {problem}", _CONTRACT)
    return found


def _problem_of_x(data: TrainingData) -> str:
    x, names = data.x, data.feature_names
    shape: tuple[int, ...] = getattr(x, "shape", ())
    if len(shape) != 2 or not shape[1]:  # noqa: PLR2004 - rows and columns
        sparse = hasattr(data.x, "item") and not shape and hasattr(data.x.item(), "toarray")
        advice = "; a sparse matrix has .toarray()" if sparse else ""
        return f"X must have rows and columns, it has the shape {shape}{advice}"
    if len(x) < FEWEST_ROWS:
        return f"{len(x)} rows are too few to hold some out; give at least {FEWEST_ROWS}"
    if names and len(names) != shape[1]:
        return f"{len(names)} feature names for {shape[1]} columns"
    if names and len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        return f"two columns are called {twice!r}"
    if hasattr(x, "columns") and not all(isinstance(one, str) for one in x.columns):
        return "the columns of a DataFrame must have names: X.columns = [...]"
    return ""


def _problem_of_y(data: TrainingData) -> str:
    y = data.y
    if y is None:
        return ""
    if y.ndim not in {1, 2}:
        return f"y must have one value a row, it has the shape {y.shape}"
    if len(data.x) != len(y):
        return f"X has {len(data.x)} rows, y has {len(y)}"
    missing = sum(map(is_missing, y.ravel().tolist()))
    if missing:
        return f"y has {missing} missing values: drop their rows"
    if len({isinstance(one, str) for one in y.ravel().tolist()}) > 1:
        return "y holds strings and other values: make them one type"
    return ""


def is_missing(value: Any) -> bool:
    """Tell None, NaN, and pandas' NA and NaT from values."""
    # A comparison with NA is NA, which is neither true nor false.
    return (
        value is None or type(value).__name__ in {"NAType", "NaTType"} or bool(value != value)  # noqa: PLR0124 - NaN
    )
