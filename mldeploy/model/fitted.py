"""A fitted model, stored until its bundle is finished, so that a failed check needs no refit."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.model.bundle import MODEL
from mldeploy.model.needs.pickles import dump, load

_FACTS = "fitted.json"


@dataclass(frozen=True)
class Fitted:
    """A fitted estimator and its metrics.

    Attributes:
        estimator: to serve.
        metrics: by name; None if one isn't defined.
        evaluation: cross-validation, baseline, counts of rows.
        held_out: the rows that it wasn't fitted on.
        data: the fingerprint of X and y.
    """

    estimator: Any
    metrics: dict[str, float | None]
    evaluation: dict[str, Any] = field(repr=False)
    held_out: tuple[int, ...] = field(repr=False)
    data: str = ""


def keep_estimator(estimator: Any, folder: Path) -> None:
    """Write a fitted estimator.

    Raises:
        MldeployError: MLD218 if it can't be pickled, MLD620 if the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dump(estimator, folder / MODEL)


def save_fitted(fitted: Fitted, folder: Path) -> Fitted:
    """Write the facts beside the estimator, with which a fitted model is complete."""
    facts = {name: one for name, one in vars(fitted).items() if name != "estimator"}
    (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
    return fitted


def load_fitted(folder: Path, data: str) -> Fitted:
    """Read the fitted model of an earlier run.

    Args:
        folder: of `save_fitted`.
        data: the fingerprint of the current result of `data()`.

    Raises:
            MldeployError: MLD225 if `data()` has changed since the fit.
    """
    facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    if facts["data"] != data:
        raise MldeployError(
            "MLD225",
            "data() returns other rows than the kept model was fitted on",
            "run `mldeploy train` without --resume",
        )
    facts["held_out"] = tuple(facts["held_out"])
    return Fitted(estimator=load(folder / MODEL).estimator, **facts)


def is_fitted(folder: Path) -> bool:
    """Return whether a folder contains a complete fitted model."""
    return (folder / _FACTS).is_file() and (folder / MODEL).is_file()


def require_fitted(folder: Path) -> None:
    """Refuse to resume without a stored model.

    Raises:
        MldeployError: MLD225.
    """
    if not is_fitted(folder):
        raise MldeployError(
            "MLD225",
            f"there is no fitted model to resume from in {folder}",
            "run `mldeploy train` without --resume; a fitted model is kept when a later check "
            "fails",
            exit_code=ExitCode.USAGE,
        )


def keep(found: Path, place: Path) -> bool:
    """Move a fitted model to its place, replacing an older one; return whether that worked."""
    if not is_fitted(found) or found == place:
        return is_fitted(place)
    shutil.rmtree(place, ignore_errors=True)
    try:
        shutil.move(found, place)
    except OSError:  # no disk space; the earlier error is reported
        shutil.rmtree(place, ignore_errors=True)
        return False
    return True
