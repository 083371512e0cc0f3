"""The user's train module: `data()` and `estimator()`."""

import copy
import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from traceback import extract_tb
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.data_checks import (
    Problem,
    problem_of_index,
    problem_of_kind,
    problem_of_lists,
    problem_of_workers,
    problem_of_x,
    problem_of_y,
)
from mldeploy.model.data.row_options import checked_splitter, checked_weights
from mldeploy.model.data.training_data import TrainingData

_CONTRACT = (
    "see `mldeploy explain training`: data() returns (X, y), and estimator() returns an unfitted "
    "estimator"
)
_ROWS = "give the rows and targets that the estimator is fitted on: mldeploy.save(estimator, X, y)"
_DATA = "data() must return (X, y), (X, y, sample_weight), or a dict or Bunch with data and target"


SAVE = "mldeploy.save"
"""In place of the train module's name, if a running Python hands a model over."""


def load_user_module(path: Path, root: Path) -> Any:
    """Import the train module under its own name, so that a pickle can name it.

    Raises:
        MldeployError: MLD210 if it is missing, MLD211 if it fails.
    """
    sys.path[:0] = [str(path.parent), str(root)]
    return import_user_module(path.stem, path)


def import_user_module(name: str, path: Path) -> Any:
    """Import a module from the path, which must be this file.

    Raises:
        MldeployError: MLD210 if it is missing, MLD211 if it fails.
    """
    if not path.is_file():
        raise MldeployError(
            "MLD210",
            f"there is no module {path}",
            'write it, or set another: [project] train = "train.py"',
        )
    module = user_code(lambda: importlib.import_module(name), path, "it was imported")
    found = getattr(module, "__file__", None)
    if found is None or Path(found).resolve() != path.resolve():
        raise MldeployError(
            "MLD210",
            f"your module can't have the name {path.name}, because Python has a module {name}",
            'rename it, for example to train.py: [project] train = "train.py"',
        )
    return module


def user_code(call: Callable[[], Any], path: Path, doing: str) -> Any:
    """Run the user's code, and report an error with the user's lines of the traceback."""
    try:
        return call()
    except (Exception, SystemExit) as error:
        hint = "fix it and run `mldeploy train` again"
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
        MldeployError: MLD212 if there is none.
    """
    found = getattr(module, "estimator", None)
    if found is not None and not hasattr(found, "fit") and callable(found):
        found = user_code(found, path, "estimator() ran")
    answers = hasattr(found, "predict") or hasattr(found, "transform")
    if found is None or not hasattr(found, "fit") or not answers:
        has = "nothing" if found is None else f"a {type(found).__name__}"
        defined = f"{path.name} must define estimator(), returning something"
        if path.name == SAVE:
            defined = "the estimator must be something"
        raise MldeployError(
            "MLD212", f"{defined} with fit and predict (or transform); found {has}", _CONTRACT
        )
    return found


def maker_of(found: Any, module: Any, path: Path) -> Callable[[], Any]:
    """Return a function that returns a new unfitted estimator.

    If scikit-learn can't clone the class, `estimator()` is called again.
    """
    from sklearn.base import clone

    try:
        clone(found)
    except Exception:  # noqa: BLE001 - whatever a class of the user's own or a library's raises
        given = module.estimator
        if not hasattr(given, "fit") and callable(given):
            return lambda: estimator_of(module, path)
        return lambda: copy.deepcopy(found)
    return lambda: clone(found)


_REASONS = (
    ("NaN", "impute missing values in the pipeline (SimpleImputer), or drop them in data()"),
    ("could not convert string to float", "encode texts in the pipeline: OneHotEncoder"),
    ("Found unknown categories", "use OneHotEncoder(handle_unknown='ignore') for rare categories"),
    ("Unable to allocate", "use fewer rows or columns: the system has too little memory"),
)
"""Messages of libraries, and their fixes."""


def fitting(work: Callable[[], Any], path: Path, doing: str) -> Any:
    """Run calls of the user's estimator, and report an error with the user's lines.

    Args:
        work: calls it.
        path: of the train module.
        doing: "be fitted" or "answer".

    Raises:
        MldeployError: MLD216.
    """
    try:
        return work()
    except MldeployError:
        raise
    except Exception as error:
        said = str(error)
        hint = next((hint for text, hint in _REASONS if text in said), "fix estimator() or data()")
        raise MldeployError(
            "MLD216",
            f"the estimator can't {doing}: {type(error).__name__}: {said}",
            hint,
            details=their_frames(error, path.parent),
        ) from error


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
        data = TrainingData(x, y, names_of(x), classes, _columns(y), weights)
        return checked_data(data, path.name)
    if isinstance(found, dict) and {"data", "target"} <= found.keys():
        return checked_data(_of_bunch(found, classes), path.name)
    kind = type(found).__name__
    if isinstance(found, tuple):
        kind = f"a tuple of {len(found)}"
    elif isinstance(found, str | Path):
        kind = "a path, but rows are split and measured on this machine: read the file in data()"
    elif isinstance(found, dict):
        kind = f"a dict without data and target: {sorted(map(str, found))[:5]}"
    raise MldeployError("MLD213", f"{_DATA}; got {kind}", _CONTRACT)


def _of_bunch(found: dict[str, Any], classes: tuple[Any, ...] | None) -> TrainingData:
    """Read scikit-learn's Bunch, which is a dict."""
    import numpy as np

    x, y = found["data"], found["target"]
    features, targets = found.get("feature_names"), found.get("target_names")
    several = np.ndim(y) > 1
    # A regression Bunch may contain the target's name, which isn't a class.
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
    """Return X and y as arrays, unless X is a DataFrame; check that they can be trained on.

    Args:
        data: the user's data.
        source: of the data, for messages.

    Raises:
        MldeployError: MLD213.
    """
    import numpy as np

    strange = problem_of_kind(data.x) or problem_of_workers(data.y, "y") or problem_of_lists(data.y)
    strange = strange or problem_of_index(data.x, data.y)
    if strange:
        raise _unusable(source, strange)
    try:
        x = data.x if _columns(data.x) is not None else np.asarray(data.x)
        y = None if data.y is None else _targets(data.y)
    except ValueError as error:
        raise _unusable(source, (f"X and y must be tables of values ({error})", "")) from error
    if y is not None and y.shape[1:] == (1,):
        y = y.ravel()
    # An array of texts for vectorizers; NumPy's own text type would truncate and pad.
    x = x.astype(object) if getattr(x, "ndim", 2) == 1 and x.dtype.kind == "U" else x
    found = replace(data, x=x, y=y)
    problem = problem_of_x(found) or problem_of_y(found)
    if problem:
        raise _unusable(source, problem)
    try:
        weights = checked_weights(found.sample_weight, len(x))
        splitter = checked_splitter(found.splitter, len(x))
    except ValueError as error:
        raise _unusable(source, (str(error), "")) from error
    return replace(found, sample_weight=weights, splitter=splitter)


def _targets(y: Any) -> Any:
    """Return y as an array; sparse indicators of several labels become dense."""
    import numpy as np

    if type(y).__module__.partition(".")[0] == "polars":
        y = y.to_numpy()
    return np.asarray(y.toarray() if hasattr(y, "toarray") else y)


def _unusable(source: str, problem: Problem) -> MldeployError:
    what, line = problem
    if source == SAVE:
        return MldeployError("MLD213", f"X and y: {what}", line or _ROWS)
    return MldeployError("MLD213", f"data() of {source}: {what}", line or _CONTRACT)
