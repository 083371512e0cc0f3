"""A fitted model, kept until its bundle is done: a later check that fails costs no second fit."""

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
    """A fitted estimator and what was measured.

    Attributes:
        estimator: what is served.
        metrics: by name; None where one isn't defined.
        evaluation: cross-validation, baseline, counts of rows.
        held_out: the rows that it wasn't fitted on.
        data: the fingerprint of X and y.
    """

    estimator: Any
    metrics: dict[str, float | None]
    evaluation: dict[str, Any] = field(repr=False)
    held_out: tuple[int, ...] = field(repr=False)
    data: str = ""


def save_fitted(fitted: Fitted, folder: Path) -> Fitted:
    """Write a fitted model; it is there whole once its facts are.

    Raises:
        MldeployError: MLD218 for what can't be pickled, MLD620 where the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dump(fitted.estimator, folder / MODEL)
    facts = {name: one for name, one in vars(fitted).items() if name != "estimator"}
    (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
    return fitted


def load_fitted(folder: Path, data: str) -> Fitted:
    """Read a fitted model that an earlier run kept.

    Args:
        folder: of `save_fitted`.
        data: the fingerprint of what `data()` gives now.

    Raises:
        MldeployError: MLD225 where `data()` gives something else than the model was fitted on.
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
    """Return whether a folder holds a fitted model, whole."""
    return (folder / _FACTS).is_file() and (folder / MODEL).is_file()


def require_fitted(folder: Path) -> None:
    """Refuse to resume where nothing was kept.

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
    """Move a fitted model to where it is kept, in place of an older one; return whether it is."""
    if not is_fitted(found) or found == place:
        return is_fitted(place)
    shutil.rmtree(place, ignore_errors=True)
    try:
        shutil.move(found, place)
    except OSError:  # no room for it; what failed before is told
        shutil.rmtree(place, ignore_errors=True)
        return False
    return True
