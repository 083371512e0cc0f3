"""Splits rows for fitting and for evaluation."""

import math
from dataclasses import dataclass
from typing import Any

from mldeploy.config import TrainingConfig
from mldeploy.errors import MldeployError
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.metrics import METRICS
from mldeploy.model.tasks import SUPERVISED, is_multi_output

SEED = 0
Pair = tuple[list[int], list[int]]
"""Rows to fit on, and rows to measure on."""


@dataclass(frozen=True)
class Folds:
    """The splits of a cross-validation; `note`: why there are fewer than requested."""

    pairs: tuple[Pair, ...] = ()
    note: str = ""


def require_fitting(data: TrainingData, task: str, *, holdout: bool) -> None:
    """Refuse a y that this kind of estimator can't learn.

    Raises:
        MldeployError: MLD213.
    """
    import numpy as np

    problem = ""
    if task in SUPERVISED and data.y is None:
        problem = f"{task} needs y"
    elif task == "regression" and data.y.dtype.kind not in "fiub":
        problem = f"a regressor needs numbers in y, got {data.y.dtype}"
    elif task == "classification" and not is_multi_output(data.y):
        classes, counts = (list(one) for one in np.unique(data.y, return_counts=True))
        if len(classes) < 2:  # noqa: PLR2004 - a classifier tells two things apart
            problem = f"y has only one class, {classes[0]!s}"
        elif holdout and min(counts) < 2:  # noqa: PLR2004 - one to fit, one to measure
            alone = classes[counts.index(min(counts))]
            problem = f"class {alone!s} has one row; fitting and holding out need one each"
    if problem:
        raise MldeployError("MLD213", f"data(): {problem}", "return other data, or more")


def held_out_split(data: TrainingData, task: str, share: float) -> Pair:
    """Return the rows to fit on and those that are held out: none if `share` is 0."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    count = len(data.x)
    if not share:
        return list(range(count)), []
    classes = list(np.unique(data.y)) if _has_classes(data, task) else []
    train, test = train_test_split(
        np.arange(count),
        # Every class is on both sides, however many there are.
        test_size=max(math.ceil(count * share), len(classes)),
        random_state=SEED,
        stratify=data.y if len(classes) else None,
    )
    return sorted(map(int, train)), sorted(map(int, test))


def folds_of(data: TrainingData, task: str, settings: TrainingConfig, rows: list[int]) -> Folds:
    """Return the splits of the cross-validation, as indices of data()'s rows.

    Args:
        data: its own splitter, if any, splits all of its rows.
        task: only supervised ones with y are cross-validated.
        settings: `cv` folds; 0 disables the user's splitter, too.
        rows: those that aren't held out, split without an own splitter.
    """
    if not settings.cv or task not in METRICS or data.y is None:
        return Folds()
    if data.splitter is not None:
        return _own_folds(data)
    return _usual_folds(data, task, settings.cv, rows)


def _own_folds(data: TrainingData) -> Folds:
    """Return the splits by the user's splitter; if it fails, with a note."""
    try:
        split = getattr(data.splitter, "split", None)
        found = list(split(data.x, data.y) if split else data.splitter)
        pairs = tuple(([*map(int, train)], [*map(int, test)]) for train, test in found)
    except Exception as error:  # noqa: BLE001 - cross-validation never stops a model that fits
        hint = "pairs of indices work too: list(GroupKFold(5).split(X, y, groups))"
        text = " ".join(str(error).split())
        return Folds(note=f"no cross-validation: the cv of data() failed: {text}; {hint}")
    if not pairs or not all(train and test for train, test in pairs):
        return Folds(note="no cross-validation: the cv of data() gives a fold without rows")
    return Folds(pairs)


def _usual_folds(data: TrainingData, task: str, wanted: int, rows: list[int]) -> Folds:
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold

    chosen = np.asarray(rows)
    single = _has_classes(data, task)
    y = data.y[chosen]
    if single:
        classes, counts = (list(one) for one in np.unique(y, return_counts=True))
        most = int(min(counts))
        scarce = classes[counts.index(most)]
        reason = f"class {scarce} has {most} row{'' if most == 1 else 's'} to fit on"
    else:
        # R² isn't defined for a fold of one row.
        most, reason = len(y) // 2, f"there are {len(y)} rows to fit on"
    count = min(wanted, most)
    if count < 2:  # noqa: PLR2004 - one fold validates nothing
        return Folds(note=f"no cross-validation: {reason}")
    kind = StratifiedKFold if single else KFold
    try:
        found = list(kind(count, shuffle=True, random_state=SEED).split(np.zeros(len(y)), y))
    except ValueError as error:
        return Folds(note=f"no cross-validation: {error}")
    pairs = tuple((chosen[train].tolist(), chosen[test].tolist()) for train, test in found)
    return Folds(pairs, f"{count} folds, not {wanted}: {reason}" if count < wanted else "")


def _has_classes(data: TrainingData, task: str) -> bool:
    """Return whether each row has one class."""
    return task == "classification" and data.y is not None and not is_multi_output(data.y)


def part_of(data: TrainingData, rows: list[int]) -> tuple[Any, Any, Any]:
    """Return X, y and weights of some rows; for all rows without copying."""
    if len(rows) == len(data.x) and rows == list(range(len(data.x))):
        return data.x, data.y, data.sample_weight
    x = data.x.iloc[rows] if hasattr(data.x, "iloc") else data.x[rows]
    weights = None if data.sample_weight is None else data.sample_weight[rows]
    return x, None if data.y is None else data.y[rows], weights
