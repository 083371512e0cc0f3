"""The user's train module: `data()` and `estimator()`."""

import importlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError

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
    return _user_code(lambda: importlib.import_module(path.stem), path, "importing it")


def _user_code(call: Callable[[], Any], path: Path, doing: str) -> Any:
    """Run the user's code; its failure is told with the user's own lines of the traceback."""
    try:
        return call()
    except MldeployError:
        raise
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [one for one in frames if Path(one.filename).is_relative_to(path.parent)]
        raise MldeployError(
            "MLD211",
            f"{path.name} failed while {doing}: {type(error).__name__}: {error}",
            "mend it and run `mldeploy train` again",
            details=tuple(
                ("at", f"{Path(one.filename).name}:{one.lineno}  {one.line}") for one in theirs
            ),
        ) from error


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
    if hasattr(found, "data") and hasattr(found, "target"):
        return _checked(_of_bunch(found, classes), path)
    if isinstance(found, tuple) and len(found) == 2:  # noqa: PLR2004 - X and y
        return _checked(TrainingData(found[0], found[1], _columns(found[0]), classes), path)
    raise MldeployError(
        "MLD213", f"data() must return (X, y) or a Bunch, got {type(found).__name__}", _CONTRACT
    )


def _of_bunch(found: Any, classes: tuple[str, ...] | None) -> TrainingData:
    features = getattr(found, "feature_names", None)
    targets = getattr(found, "target_names", None)
    # A regression Bunch may carry the target's own name, which is no class.
    count = len(set(found.target)) if targets is not None else 0
    if classes is None and targets is not None and len(targets) == count:
        classes = tuple(map(str, targets))
    names = _columns(found.data) or (tuple(map(str, features)) if features is not None else None)
    return TrainingData(found.data, found.target, names, classes)


def _columns(x: Any) -> tuple[str, ...] | None:
    columns = getattr(x, "columns", None)
    return None if columns is None else tuple(map(str, columns))


def _checked(data: TrainingData, path: Path) -> TrainingData:
    import numpy as np

    x = data.x if hasattr(data.x, "columns") else np.asarray(data.x)
    y = np.asarray(data.y)
    problem = ""
    if getattr(x, "ndim", 0) != 2:  # noqa: PLR2004 - rows and columns
        problem = f"X must have rows and columns, it has the shape {getattr(x, 'shape', '?')}"
    elif len(x) != len(y):
        problem = f"X has {len(x)} rows, y has {len(y)}"
    elif len(x) < 10:  # noqa: PLR2004 - fewer leave nothing to hold out
        problem = f"{len(x)} rows are too few to hold some out; give at least 10"
    elif y.dtype.kind == "f" and np.isnan(y).any():
        problem = "y has missing values"
    elif data.feature_names and len(data.feature_names) != x.shape[1]:
        problem = f"{len(data.feature_names)} feature names for {x.shape[1]} columns"
    if problem:
        raise MldeployError("MLD213", f"data() of {path.name}: {problem}", _CONTRACT)
    return TrainingData(x, y, data.feature_names, data.class_names)
