"""A function's variables whose values stand elsewhere, read when an environment starts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SECRETS_VARIABLE = "MLDEPLOY_SECRETS"
"""The variable that tells `endpoint.references` in the image which references to resolve."""

Service = Literal["ssm", "secretsmanager"]


@dataclass(frozen=True, order=True)
class Reference:
    """Where the value of a variable stands.

    Attributes:
        variable: its name in the function's environment.
        service: "ssm" for Parameter Store, "secretsmanager" for Secrets Manager.
        name: of the parameter or the secret, or its ARN.
        json_key: of a secret that is a JSON object, the key that is meant; "" for all of it.
        kms_key: ARN of the customer managed key that encrypts it; "" for AWS's own key.
    """

    variable: str
    service: Service
    name: str
    json_key: str = ""
    kms_key: str = ""


def secrets_variable(references: Iterable[Reference]) -> dict[str, str]:
    """Return the variable that carries references into a function; {} without any."""
    told = {
        one.variable: {
            one.service: one.name,
            **({"json_key": one.json_key} if one.json_key else {}),
        }
        for one in sorted(references)
    }
    return {SECRETS_VARIABLE: json.dumps(told, separators=(",", ":"))} if told else {}
