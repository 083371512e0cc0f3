"""A model that a running Python hands over, such as a notebook's, and the data that it is for."""

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.needs.pickles import dump, require_picklable
from mldeploy.model.proof.outputs import Outputs, ask, chosen
from mldeploy.model.tasks import task_of
from mldeploy.model.user_module import SAVE, data_of, estimator_of

_ASKED = 200
"""Rows whose predictions are compared across the two processes."""
_NAMED = 5
_MAIN = "__main__"


@dataclass(frozen=True)
class Handed:
    """What `mldeploy.save` gets. A training reads it as it reads a train module.

    Attributes:
        estimator: fitted or not.
        given: X and y, and the weights if there are some.
        class_names: in the order of the sorted classes, or None.
        example: of a request, or None.
        fitted: whether this very estimator is served; else a clone is fitted.
        own: the fitted estimator's predictions in the process that it comes from, for `rows`.
        rows: positions in X.
    """

    estimator: Any
    given: tuple[Any, ...]
    class_names: Sequence[Any] | None = None
    example: Any = None
    fitted: bool = False
    own: Outputs | None = None
    rows: tuple[int, ...] = ()

    def data(self) -> tuple[Any, ...]:
        """Return what the `data` of a train module returns."""
        return self.given


def ready(handed: Handed, *, refit: bool, hooks: bool) -> Handed:
    """Return the same with its own predictions, if the estimator is fitted; check it first.

    Args:
        handed: of the user.
        refit: whether a fitted estimator is fitted anew.
        hooks: whether the project has hooks, whose results the estimator gets. Its own
            predictions aren't known here then.

    Raises:
        MldeployError: MLD212 for what is no estimator, MLD213 for unsupported data or another
            target, MLD216 if it can't predict X, MLD218 if it can't be saved.
    """
    require_importable(estimator_of(handed, Path(SAVE)))
    data = data_of(handed, Path(SAVE))
    fitted = not refit and is_fitted(handed.estimator)
    if not fitted or hooks:
        return replace(handed, fitted=fitted)
    require_classes(handed.estimator, data.y)
    rows = _spread(data)
    own = _asked(handed.estimator, chosen(data.x, rows))
    return replace(handed, fitted=True, own=own, rows=tuple(rows))


def require_classes(estimator: Any, y: Any) -> None:
    """Refuse a target that isn't the one that a classifier was fitted on.

    Copies of the estimator would be measured on another question than it answers.

    Args:
        estimator: fitted.
        y: of shape (rows,); others are accepted.

    Raises:
        MldeployError: MLD213.
    """
    import numpy as np

    classes = getattr(estimator, "classes_", None)
    if classes is None or y is None or y.ndim != 1 or np.ndim(classes) != 1:
        return
    known = set(np.asarray(classes).tolist())
    other = sorted({*y.tolist()} - known, key=str)
    if other:
        raise MldeployError(
            "MLD213",
            f"y contains {_listed(other)}, but the estimator was fitted on the classes "
            f"{_listed(sorted(known, key=str))}",
            "pass the y that it was fitted on, or refit=True to fit it on this one",
        )


def _listed(values: list[Any]) -> str:
    shown = ", ".join(map(repr, values[:_NAMED]))
    return f"{shown}, …" if len(values) > _NAMED else shown


def _asked(estimator: Any, x: Any) -> Outputs:
    try:
        return ask(estimator, x, task_of(estimator))
    except MldeployError:
        raise
    except Exception as error:
        raise MldeployError(
            "MLD216",
            f"the estimator can't predict the rows of X: {type(error).__name__}: {error}",
            "pass rows as the estimator was fitted on, with the same columns and types",
        ) from error


def _spread(data: TrainingData) -> list[int]:
    count = len(data.x)
    return sorted({number * count // _ASKED for number in range(_ASKED)})


def is_fitted(estimator: Any) -> bool:
    """Return whether an estimator is fitted, also one that isn't scikit-learn's."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    told = getattr(estimator, "is_fitted", None)  # CatBoost
    if callable(told):
        return bool(told())
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    except TypeError:  # no estimator of scikit-learn: its own sign is the underscore
        return any(one.endswith("_") and not one.startswith("_") for one in dir(estimator))
    return True


def require_importable(estimator: Any) -> None:
    """Refuse an estimator with classes or functions that only this process has.

    Raises:
        MldeployError: MLD218.
    """
    require_picklable(estimator)
    listener = _Listener(io.BytesIO(pickle.dumps(estimator)))
    listener.load()
    if listener.own:
        raise MldeployError(
            "MLD218",
            f"the estimator uses {' and '.join(sorted(listener.own))}, which this notebook or "
            "script defines itself; the endpoint can't import it from there",
            "move it to a module beside the notebook, such as helpers.py, and import it: "
            f"from helpers import {min(listener.own)}",
        )


class _Listener(pickle.Unpickler):
    """Notes the names that a pickle reads from the program itself."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.own: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        if module == _MAIN:
            self.own.add(name.partition(".")[0])
        return super().find_class(module, name)


def hand_over(handed: Handed, path: Path) -> None:
    """Write what another process is to read.

    Raises:
        MldeployError: MLD218 if X or y can't be pickled, MLD620 if the disk is full.
    """
    dump(handed, path)


def handed_in(path: Path) -> Handed:
    """Read what `hand_over` wrote."""
    import joblib

    found: Handed = joblib.load(path)
    return found
