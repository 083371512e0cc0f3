"""[training] of mldeploy.toml as a pydantic model; the checks are as in `limits`."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mldeploy.config.limits import require
from mldeploy.config.table import Table
from mldeploy.config.training import FOLDS, HELD_OUT, Refit, TrainingConfig


def folds(value: int) -> int:
    """Check a number of folds."""
    low, high = FOLDS
    require(value == 0 or low <= value <= high, f"must be 0 (none) or {low} to {high} folds")
    return value


def held_out(value: float) -> float:
    """Check the share of the rows that is held out; NaN is in no range."""
    low, high = HELD_OUT
    require(
        value == 0 or low <= value <= high,
        f"must be 0 (none) or {low} to {high}, the share of the rows that is held out",
    )
    return value


def none_or(bounds: tuple[float, float]) -> dict[str, Any]:
    """Return what the JSON schema says of a number within bounds that may be 0, too."""
    return {"anyOf": [{"const": 0}, {"minimum": bounds[0], "maximum": bounds[1]}]}


class TrainingTable(Table):
    """How a model is evaluated, and on which rows it is fitted."""

    cv: Annotated[int, AfterValidator(folds), Field(json_schema_extra=none_or(FOLDS))] = (
        TrainingConfig.cv
    )
    """Folds of the cross-validation; 0 for none."""

    holdout: Annotated[
        float, AfterValidator(held_out), Field(json_schema_extra=none_or(HELD_OUT))
    ] = TrainingConfig.holdout
    """The share of the rows that is held out to measure the model; 0 for none."""

    refit: Refit = TrainingConfig.refit
    """Rows of the model that ships: "holdout" (those that aren't held out) or "all"."""
