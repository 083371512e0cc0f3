"""Environment variables whose values are read from Parameter Store or Secrets Manager at start.

The variable MLDEPLOY_SECRETS has the references: {"DB_PASSWORD": {"ssm": "/iris/db-password"},
"TOKEN": {"secretsmanager": "iris/api", "json_key": "token"}}. If a value can't be read, the start
fails with an error that names variable and place. No message contains a value.
"""

import json
import os
from collections.abc import Callable
from functools import partial
from typing import Any

VARIABLE = "MLDEPLOY_SECRETS"
Place = dict[str, str]
_AT_ONCE = 10  # botocore ssm: ParameterNameList


def resolve(connect: Callable[[str], Any] | None = None) -> None:
    """Set the environment variables to the values that the references name.

    Args:
        connect: returns a client of "ssm" or "secretsmanager"; None for botocore's clients.

    Raises:
        RuntimeError: if a value can't be read.
    """
    references: dict[str, Place] = json.loads(os.environ.get(VARIABLE) or "{}")
    parameters = {name: place for name, place in references.items() if "ssm" in place}
    secrets = {name: place for name, place in references.items() if "secretsmanager" in place}
    try:
        clients = connect or _connecting()
    except ImportError:
        why = "the image has no botocore: add boto3 to [image] requirements"
        raise RuntimeError(f"{_named(references)} can't be read: {why}") from None
    found = {
        **(_parameters(parameters, clients("ssm")) if parameters else {}),
        **(_secrets(secrets, clients("secretsmanager")) if secrets else {}),
    }
    for name, value in found.items():
        try:
            os.environ[name] = value
        except ValueError:  # a NUL, or half of a surrogate pair
            raise _failure(
                name, references[name], "an environment variable can't hold the value"
            ) from None


def _connecting() -> Callable[[str], Any]:
    """Return a function that makes the client of a service.

    Raises:
        ImportError: if the base image isn't AWS's and has no botocore.
    """
    # boto3's own import takes a fifth longer. Lambda's base images have both.
    from botocore.config import Config
    from botocore.session import Session

    # Lambda allows 10 seconds for a start; Parameter Store throttles if many start at once.
    limits = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return partial(Session().create_client, config=limits)


def _parameters(places: dict[str, Place], client: Any) -> dict[str, str]:
    wanted = sorted({place["ssm"] for place in places.values()})
    known: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        batch = wanted[start : start + _AT_ONCE]
        names = {name: place for name, place in places.items() if place["ssm"] in batch}
        answer = _call(names, client.get_parameters, Names=batch, WithDecryption=True)
        for parameter in answer["Parameters"]:
            value = parameter["Value"]
            known |= {parameter["Name"]: value, parameter.get("ARN", ""): value}
    for name, place in places.items():
        if place["ssm"] not in known:
            raise _failure(name, place, "the parameter doesn't exist")
    return {name: known[place["ssm"]] for name, place in places.items()}


def _secrets(places: dict[str, Place], client: Any) -> dict[str, str]:
    # IAM can limit GetSecretValue to single secrets, but not BatchGetSecretValue.
    texts: dict[str, str] = {}
    for secret in sorted({place["secretsmanager"] for place in places.values()}):
        names = {name: place for name, place in places.items() if place["secretsmanager"] == secret}
        answer = _call(names, client.get_secret_value, SecretId=secret)
        if "SecretString" not in answer:
            raise _failure(*next(iter(names.items())), "the secret is binary, not text")
        texts[secret] = answer["SecretString"]
    return {
        name: _part(name, place, texts[place["secretsmanager"]]) for name, place in places.items()
    }


def _part(name: str, place: Place, text: str) -> str:
    key = place.get("json_key")
    if not key:
        return text
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if not isinstance(whole, dict):
        raise _failure(name, place, "the secret isn't a JSON object")
    if key not in whole:
        raise _failure(name, place, "the secret has no such key")
    return whole[key] if isinstance(whole[key], str) else json.dumps(whole[key])


def _call(places: dict[str, Place], call: Callable[..., Any], **params: Any) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return dict(call(**params))
    except ClientError as error:
        reason = error.response.get("Error", {})
        why = f"{reason.get('Code', '')}: {reason.get('Message', '')}"
    except BotoCoreError as error:
        why = f"{type(error).__name__}: {error}"
    # AWS's message may name one of several places; it never contains a value.
    raise RuntimeError(f"{_named(places)} can't be read: {why[:500]}")


def _named(places: dict[str, Place]) -> str:
    return ", ".join(f"{name} ({_where(place)})" for name, place in places.items())


def _failure(name: str, place: Place, why: str) -> RuntimeError:
    return RuntimeError(f"{name} ({_where(place)}) can't be read: {why}")


def _where(place: Place) -> str:
    service = "ssm" if "ssm" in place else "secretsmanager"
    key = f", json_key {place['json_key']}" if place.get("json_key") else ""
    return f"{service} {place[service]}{key}"
