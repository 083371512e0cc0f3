"""Variables of functions that refer to secrets, read when an environment starts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from mldeploy.config.fields import Check, Whole
from mldeploy.config.limits import require
from mldeploy.config.secrets import json_key as a_key
from mldeploy.config.secrets import kms_key as a_kms_key
from mldeploy.config.secrets import parameter, secret

SECRETS_VARIABLE = "MLDEPLOY_SECRETS"
"""The variable with the references to resolve, for `endpoint.references` in the image."""

Service = Literal["ssm", "secretsmanager"]


def _names_one(source: "Source") -> None:
    require(
        bool(source.ssm) != bool(source.secretsmanager),
        "must have either `ssm` or `secretsmanager`",
    )
    require(
        not source.json_key or not source.ssm, "has `json_key`, which requires `secretsmanager`"
    )


@dataclass(frozen=True)
class Source:
    """The source of an environment variable's value, which the function reads when it starts."""

    whole: ClassVar[Whole] = Whole(
        _names_one, {"oneOf": [{"required": ["ssm"]}, {"required": ["secretsmanager"]}]}
    )

    ssm: Annotated[
        str,
        "A parameter of SSM Parameter Store, by name or ARN; a SecureString is decrypted.",
        Check(parameter),
    ] = ""
    secretsmanager: Annotated[
        str, "A secret of Secrets Manager, by name or full ARN.", Check(secret)
    ] = ""
    json_key: Annotated[
        str, "The key whose value to use, if the secret is a JSON object.", Check(a_key)
    ] = ""
    kms_key: Annotated[
        str,
        "The ARN of the customer managed key that encrypts it. Default: AWS's own key.",
        Check(a_kms_key),
    ] = ""


@dataclass(frozen=True, order=True)
class Reference:
    """A reference to a variable's value.

    Attributes:
        variable: its name in the function's environment.
        service: "ssm" for Parameter Store, "secretsmanager" for Secrets Manager.
        name: of the parameter or the secret, or its ARN.
        json_key: the key in a secret that is a JSON object; "" for the whole secret.
        kms_key: ARN of the customer managed key that encrypts it; "" for the AWS managed key.
    """

    variable: str
    service: Service
    name: str
    json_key: str = ""
    kms_key: str = ""


def secrets_variable(references: Iterable[Reference]) -> dict[str, str]:
    """Return the variable with a function's references; {} without any."""
    told = {
        one.variable: {
            one.service: one.name,
            **({"json_key": one.json_key} if one.json_key else {}),
        }
        for one in sorted(references)
    }
    return {SECRETS_VARIABLE: json.dumps(told, separators=(",", ":"))} if told else {}
