"""[training] and [publish] of mldeploy.toml as pydantic models; the checks are as in `limits`."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from mldeploy.config.limits import require
from mldeploy.config.table import FROM_ENVIRON, Table
from mldeploy.config.training import FOLDS, HELD_OUT, Publish, Refit, TrainingConfig


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


def columns_or_all(value: object, info: ValidationInfo) -> object:
    """Check which columns' values are published: true, false, or a list of names."""
    if info.context == FROM_ENVIRON and isinstance(value, str):
        parts = [part.strip() for part in value.split(",") if part.strip()]
        value = {"true": True, "false": False}.get(value, parts)
    match value:
        case bool() | None:
            return value
        case list() | tuple() if all(isinstance(one, str) for one in value):
            return tuple(value)
    raise ValueError("must be true, false, or a list of columns")


def _any_form(schema: dict[str, Any]) -> None:
    """Tell an editor what `columns_or_all` takes."""
    schema.pop("anyOf", None)
    schema["oneOf"] = [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]


class PublishTable(Table):
    """What of the training data clients may read."""

    categories: Annotated[
        Publish, BeforeValidator(columns_or_all), Field(json_schema_extra=_any_form)
    ] = None
    """Columns whose values are listed, true for all, false for none. Without it: those whose
    values are few and frequent."""
