"""Evaluation and fitting of a model, and publication of its data: [training], [publish]."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from mldeploy.config.engine import HERE, on_engine
from mldeploy.config.fields import Check, Schema
from mldeploy.config.limits import require

FOLDS = (2, 20)
HELD_OUT = (0.01, 0.5)

Refit = Literal["holdout", "all"]
Compile = Literal["auto", "off", "require"]
Publish = bool | tuple[str, ...] | None
"""Columns whose values are listed; True for all, False for none, None for few and frequent ones."""


def folds(value: int) -> int:
    """Check a number of folds."""
    low, high = FOLDS
    require(value == 0 or low <= value <= high, f"must be 0 (none) or {low} to {high} folds")
    return value


def held_out(value: float) -> float:
    """Check the share of held-out rows; NaN is in no range."""
    low, high = HELD_OUT
    require(
        value == 0 or low <= value <= high,
        f"must be 0 (none) or {low} to {high}, the share of the rows that is held out",
    )
    return value


def none_or(bounds: tuple[float, float]) -> Schema:
    """Return the JSON schema's members for a number within bounds, or 0."""
    return Schema({"anyOf": [{"const": 0}, {"minimum": bounds[0], "maximum": bounds[1]}]})


def columns_or_all(value: object, info: Any) -> object:
    """Check the columns with published values: true, false, or a list of names."""
    if info.context and isinstance(value, str):  # from a variable
        parts = [part.strip() for part in value.split(",") if part.strip()]
        value = {"true": True, "false": False}.get(value, parts)
    match value:
        case bool() | None:
            return value
        case list() | tuple() if all(isinstance(one, str) for one in value):
            return tuple(value)
    raise ValueError("must be true, false, or a list of columns")


def any_form(schema: dict[str, Any]) -> None:
    """Add the forms of `columns_or_all` to the JSON schema."""
    schema.pop("anyOf", None)
    schema["oneOf"] = [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]


@dataclass(frozen=True)
class TrainingConfig:
    """The evaluation of a model, and the rows that it is fitted on."""

    cv: Annotated[
        int, "Folds of the cross-validation; 0 for none.", Check(folds), none_or(FOLDS)
    ] = 5
    holdout: Annotated[
        float,
        "The share of the rows that are held out to measure the model; 0 for none.",
        Check(held_out),
        none_or(HELD_OUT),
    ] = 0.2
    refit: Annotated[
        Refit,
        'Rows to fit the served model on: "holdout" (all except the held-out rows) or "all".',
    ] = "holdout"
    compile: Annotated[
        Compile,
        'Whether the endpoint serves the model compiled to NumPy: "auto" (if both predict the '
        'same and it isn\'t slower), "off", or "require" (training fails if it can\'t '
        "be compiled).",
    ] = "auto"
    on: Annotated[
        str,
        'Where parallel parts of a fit run: "local", "dask://HOST:PORT", "tls://HOST:PORT" (Dask '
        'with TLS) or "ray://HOST:PORT".',
        Check(on_engine),
        Schema({"pattern": "^(local|(dask|tls|ray)://.+:[0-9]+)$"}),
    ] = HERE
