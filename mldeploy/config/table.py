"""What the tables of mldeploy.toml are made of: their base, and the types of single values."""

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    model_validator,
)

from mldeploy.config import NAME, limits, secrets
from mldeploy.facts.quotas import INTEGER

BURST = (1, INTEGER)  # botocore apigatewayv2: RouteSettings
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


class ReferenceTable(Table):
    """Where the value of an environment variable stands; the function reads it when it starts."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["ssm"]}, {"required": ["secretsmanager"]}]}
    )

    ssm: Annotated[str, AfterValidator(secrets.parameter)] | None = None
    """A parameter of SSM Parameter Store, by name or ARN; a SecureString is decrypted."""

    secretsmanager: Annotated[str, AfterValidator(secrets.secret)] | None = None
    """A secret of Secrets Manager, by name or whole ARN."""

    json_key: Annotated[str, AfterValidator(secrets.json_key)] | None = None
    """Of a secret that is a JSON object, the key whose value is meant."""

    kms_key: Annotated[str, AfterValidator(secrets.kms_key)] | None = None
    """The ARN of the customer managed key that encrypts it. Without it: AWS's own key."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        limits.require(
            (self.ssm is None) != (self.secretsmanager is None),
            "must have either `ssm` or `secretsmanager`",
        )
        limits.require(
            self.json_key is None or self.ssm is None, "has `json_key`, which is for secretsmanager"
        )
        return self


TEXT, REFERENCE = "[text]", "[reference]"
"""What pydantic calls the forms of a value, in the places of its errors."""

Value = Annotated[
    Annotated[str, Tag(TEXT)] | Annotated[ReferenceTable, Tag(REFERENCE)],
    Discriminator(lambda value: REFERENCE if isinstance(value, dict | ReferenceTable) else TEXT),
]
