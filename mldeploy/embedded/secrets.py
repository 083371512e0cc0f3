"""Secrets by reference in the embedded AWS's Parameter Store and Secrets Manager."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mldeploy.aws.clients import Clients
from mldeploy.aws.errors import error_message, is_aws_error
from mldeploy.config.references import SECRETS_VARIABLE
from mldeploy.embedded.deployed import Version


def access(clients: Clients) -> dict[str, str]:
    """Return the variables with which a process's clients use the embedded AWS.

    It is the cloud's only key pair, which its owner can read anyway.
    """
    keys = clients.session.get_credentials()
    return {
        "AWS_ENDPOINT_URL": str(clients.client("ssm").meta.endpoint_url),
        "AWS_ACCESS_KEY_ID": str(keys.access_key),
        "AWS_SECRET_ACCESS_KEY": str(keys.secret_key),
    }


def with_values(version: Version, clients: Clients, tell: Callable[[str], None]) -> Version:
    """Return a version with its references replaced by their values.

    Containers need this because they can't reach this machine's loopback. A reference without a
    value is kept, so that the function's start fails as in Lambda.
    """
    variables = dict(version.variables)
    places = json.loads(variables.pop(SECRETS_VARIABLE, "{}"))
    left = {}
    for name, place in places.items():
        try:
            variables[name] = _read(place, clients)
        except Exception as error:
            if not (is_aws_error(error) or isinstance(error, LookupError | ValueError)):
                raise
            why = error_message(error) if is_aws_error(error) else "it has no such key"
            tell(f"{name} has no value in the embedded AWS: {why}")
            left[name] = place
    if left:
        variables[SECRETS_VARIABLE] = json.dumps(left)
    return replace(version, variables=tuple(sorted(variables.items())))


def _read(place: dict[str, str], clients: Clients) -> str:
    if "ssm" in place:
        found = clients.client("ssm").get_parameter(Name=place["ssm"], WithDecryption=True)
        return str(found["Parameter"]["Value"])
    secret = clients.client("secretsmanager").get_secret_value(SecretId=place["secretsmanager"])
    text: str = secret["SecretString"]
    key = place.get("json_key")
    value: Any = json.loads(text)[key] if key else text
    return value if isinstance(value, str) else json.dumps(value)
