"""The user's train module: `data()` and `estimator()`."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import extract_tb
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.row_options import checked_splitter, checked_weights
from mldeploy.model.values import is_missing

FEWEST_ROWS = 10
"""Fewer leave nothing to hold out."""
_CONTRACT = "see docs/training.md: data() returns (X, y), estimator() an unfitted estimator"
_DATA = "data() must return (X, y), (X, y, sample_weight), or a dict or Bunch with data and target"


@dataclass(frozen=True)
class TrainingData:
    """What `data()` gave.

    Attributes:
        x: a 2-d array of shape (rows, columns), a pandas DataFrame, or a 1-d array of texts.
        y: an array of shape (rows,), or (rows, outputs), or None.
        feature_names: one a column, or None.
        class_names: one a class, in the order of the sorted classes, or None; of several outputs
            a sequence each.
        target_names: one an output, or None.
        sample_weight: one number per row for `fit`, or None.
        splitter: what splits the rows for cross-validation: a splitter of scikit-learn's or pairs
            of train and test indices; None for the usual one.
    """

    x: Any
    y: Any
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[Any, ...] | None = None
    target_names: tuple[str, ...] | None = None
    sample_weight: Any = None
    splitter: Any = None


def load_user_module(path: Path, root: Path) -> Any:
    """Import the train module under its own name, so that a pickle can name it.

    Raises:
        MldeployError: MLD210 where it is missing, MLD211 where it fails.
    """
    sys.path[:0] = [str(path.parent), str(root)]
    return import_user_module(path.stem, path)


def import_user_module(name: str, path: Path) -> Any:
    """Import a module that is on the path; it must be the file's.

    Raises:
        MldeployError: MLD210 where it is missing, MLD211 where it fails.
    """
    if not path.is_file():
        raise MldeployError(
            "MLD210",
            f"there is no module {path}",
            'write it, or name another: [project] train = "train.py"',
        )
    module = user_code(lambda: importlib.import_module(name), path, "it was imported")
    found = getattr(module, "__file__", None)
    if found is None or Path(found).resolve() != path.resolve():
        raise MldeployError(
            "MLD210",
            f"a module of yours can't be called {path.name}: Python has a module {name}",
            'rename it, to train.py for example: [project] train = "train.py"',
        )
    return module


def user_code(call: Callable[[], Any], path: Path, doing: str) -> Any:
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
        found = user_code(found, path, "estimator() ran")
    answers = hasattr(found, "predict") or hasattr(found, "transform")
    if found is None or not hasattr(found, "fit") or not answers:
        has = "nothing" if found is None else f"a {type(found).__name__}"
        raise MldeployError(
            "MLD212",
            f"{path.name} must define estimator(), returning something with fit and predict (or "
            f"transform); found {has}",
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
    found = user_code(given, path, "data() ran")
    names = getattr(module, "class_names", None)
    classes = tuple(names) if names is not None else None
    if isinstance(found, tuple) and len(found) in {2, 3}:
        x, y, weights = (*found, None)[:3]
        given = TrainingData(x, y, names_of(x), classes, _columns(y), weights)
        return checked_data(given, path.name)
    if isinstance(found, dict) and {"data", "target"} <= found.keys():
        return checked_data(_of_bunch(found, classes), path.name)
    kind = type(found).__name__
    kind = f"a tuple of {len(found)}" if isinstance(found, tuple) else kind
    kind = (
        f"a dict without data and target: {sorted(map(str, found))[:5]}"
        if isinstance(found, dict)
        else kind
    )
    raise MldeployError("MLD213", f"{_DATA}; got {kind}", _CONTRACT)


def _of_bunch(found: dict[str, Any], classes: tuple[Any, ...] | None) -> TrainingData:
    """Read scikit-learn's Bunch, which is a dict."""
    import numpy as np

    x, y = found["data"], found["target"]
    features, targets = found.get("feature_names"), found.get("target_names")
    several = np.ndim(y) > 1
    # A regression Bunch may carry the target's own name, which is no class.
    if not several and classes is None and targets is not None:
        classes = tuple(map(str, targets)) if len(targets) == len(np.unique(y)) else None
    outputs = _columns(y) or (tuple(map(str, targets)) if several and targets is not None else None)
    names = names_of(x) or (tuple(map(str, features)) if features is not None else None)
    weights, splitter = found.get("sample_weight"), found.get("cv")
    return TrainingData(x, y, names, classes, outputs, weights, splitter)


def names_of(x: Any) -> tuple[str, ...] | None:
    """Return the names of a DataFrame's columns, or of a Series of texts."""
    name = getattr(x, "name", None)
    return (name,) if isinstance(name, str) and not hasattr(x, "columns") else _columns(x)


def _columns(x: Any) -> tuple[str, ...] | None:
    columns = getattr(x, "columns", None)
    return None if columns is None else tuple(map(str, columns))


def checked_data(data: TrainingData, source: str) -> TrainingData:
    """Turn X and y into arrays, unless X is a DataFrame, and look for what can't be trained on.

    Args:
        data: as it was given.
        source: where it comes from, for messages.

    Raises:
        MldeployError: MLD213.
    """
    import numpy as np

    try:
        x = data.x if _columns(data.x) is not None else np.asarray(data.x)
        y = None if data.y is None else np.asarray(data.y)
    except ValueError as error:
        problem = f"data() of {source}: X and y must be tables of values ({error})"
        raise MldeployError("MLD213", problem, _CONTRACT) from error
    if y is not None and y.shape[1:] == (1,):
        y = y.ravel()
    # An array of texts, as vectorisers take them; NumPy's own text would cut and pad.
    x = x.astype(object) if getattr(x, "ndim", 2) == 1 and x.dtype.kind == "U" else x
    found = replace(data, x=x, y=y)
    problem = _problem_of_x(found) or _problem_of_y(found)
    if problem:
        raise MldeployError("MLD213", f"data() of {source}: {problem}", _CONTRACT)
    try:
        weights = checked_weights(found.sample_weight, len(x))
        splitter = checked_splitter(found.splitter, len(x))
    except ValueError as error:
        raise MldeployError("MLD213", f"data() of {source}: {error}", _CONTRACT) from error
    return replace(found, sample_weight=weights, splitter=splitter)


def _problem_of_x(data: TrainingData) -> str:
    x, names = data.x, data.feature_names
    shape: tuple[int, ...] = getattr(x, "shape", ())
    texts = len(shape) == 1 and all(isinstance(one, str) for one in x.tolist())
    problem = ""
    if not texts and (len(shape) != 2 or not shape[1]):  # noqa: PLR2004 - rows and columns
        sparse = hasattr(data.x, "item") and not shape and hasattr(data.x.item(), "toarray")
        advice = "; a sparse matrix has .toarray()" if sparse else ""
        problem = f"X must have rows and columns, or be texts; it has the shape {shape}{advice}"
    elif len(x) < FEWEST_ROWS:
        problem = f"{len(x)} rows are too few to hold some out; give at least {FEWEST_ROWS}"
    elif names and len(names) != (1 if texts else shape[1]):
        problem = f"{len(names)} feature names for {1 if texts else shape[1]} columns"
    elif names and len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        problem = f"two columns are called {twice!r}"
    elif hasattr(x, "columns") and not all(isinstance(one, str) for one in x.columns):
        problem = "the columns of a DataFrame must have names: X.columns = [...]"
    return problem


def _problem_of_y(data: TrainingData) -> str:
    y = data.y
    if y is None:
        return ""
    outputs = y.shape[1] if y.ndim > 1 else 1
    values = y.ravel().tolist()
    missing = sum(map(is_missing, values))
    problem = ""
    if y.ndim not in {1, 2}:
        problem = f"y must have one value a row, or several outputs; it has the shape {y.shape}"
    elif len(data.x) != len(y):
        problem = f"X has {len(data.x)} rows, y has {len(y)}"
    elif missing:
        problem = f"y has {missing} missing values: drop their rows"
    elif len({isinstance(one, str) for one in values}) > 1:
        problem = "y holds strings and other values: make them one type"
    elif data.target_names and len(set(data.target_names)) != outputs:
        problem = f"{len(data.target_names)} names of targets for {outputs} outputs"
    return problem
