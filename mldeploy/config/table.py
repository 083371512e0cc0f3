"""What the tables of mldeploy.toml are made of: their base, and the types of single values."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from mldeploy.config import NAME, limits

BURST = (1, 2**31 - 1)  # botocore apigatewayv2: RouteSettings, a 32-bit integer
FROM_ENVIRON = "environ"
"""The validation context of `MLDEPLOY_*` variables, whose lists are separated by commas."""


def _split(value: object, info: ValidationInfo) -> object:
    """Turn "a, b" out of a variable into a list."""
    if info.context == FROM_ENVIRON and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def within(bounds: tuple[int, int], unit: str) -> AfterValidator:
    """Return the check of a whole number within bounds."""
    low, high = bounds

    def check(value: int) -> int:
        if not low <= value <= high:
            message = f"must be {low} to {high} {unit}"
            raise ValueError(message)
        return value

    return AfterValidator(check)


def bounds_of(bounds: tuple[int, int]) -> Any:
    """Return what the JSON schema says of a whole number within bounds."""
    return Field(json_schema_extra={"minimum": bounds[0], "maximum": bounds[1]})


COMMAS = BeforeValidator(_split)

Name = Annotated[
    str, AfterValidator(limits.name), Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})
]
Inside = Annotated[str, AfterValidator(limits.inside)]


class Table(BaseModel):
    """A table of the file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)
