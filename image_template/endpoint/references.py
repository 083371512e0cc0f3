"""Variables whose values stand in Parameter Store or Secrets Manager, read once, at the start.

The variable MLDEPLOY_SECRETS says where: {"DB_PASSWORD": {"ssm": "/iris/db-password"}, "TOKEN":
{"secretsmanager": "iris/api", "json_key": "token"}}. What can't be read fails the start, with an
error that names variable and place; a value is in no message.
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
    """Put the references' values into this process's variables.

    Args:
        connect: returns a client of "ssm" or "secretsmanager"; botocore's own if None.

    Raises:
        RuntimeError: where a value can't be read.
    """
    references: dict[str, Place] = json.loads(os.environ.get(VARIABLE) or "{}")
    parameters = {name: one for name, one in references.items() if "ssm" in one}
    secrets = {name: one for name, one in references.items() if "secretsmanager" in one}
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
            raise _failure(name, references[name], "can't be a variable's value") from None


def _connecting() -> Callable[[str], Any]:
    """Return what makes a client of a service.

    Raises:
        ImportError: in an image whose base isn't AWS's.
    """
    # Not boto3, whose own import takes a fifth longer. Both are in Lambda's base images.
    from botocore.config import Config
    from botocore.session import Session

    # Lambda gives a start 10 seconds; Parameter Store throttles where many start at once.
    limits = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return partial(Session().create_client, config=limits)


def _parameters(places: dict[str, Place], client: Any) -> dict[str, str]:
    wanted = sorted({one["ssm"] for one in places.values()})
    known: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        batch = wanted[start : start + _AT_ONCE]
        names = {name: one for name, one in places.items() if one["ssm"] in batch}
        answer = _asked(names, client.get_parameters, Names=batch, WithDecryption=True)
        for one in answer["Parameters"]:
            known |= {one["Name"]: one["Value"], one.get("ARN", ""): one["Value"]}
    for name, place in places.items():
        if place["ssm"] not in known:
            raise _failure(name, place, "there is no such parameter")
    return {name: known[place["ssm"]] for name, place in places.items()}


def _secrets(places: dict[str, Place], client: Any) -> dict[str, str]:
    # Not BatchGetSecretValue: IAM can't limit that call to secrets, this one it can.
    texts: dict[str, str] = {}
    for secret in sorted({one["secretsmanager"] for one in places.values()}):
        names = {name: one for name, one in places.items() if one["secretsmanager"] == secret}
        answer = _asked(names, client.get_secret_value, SecretId=secret)
        if "SecretString" not in answer:
            raise _failure(*next(iter(names.items())), "the secret holds bytes, and no text")
        texts[secret] = answer["SecretString"]
    return {name: _part(name, one, texts[one["secretsmanager"]]) for name, one in places.items()}


def _part(name: str, place: Place, text: str) -> str:
    key = place.get("json_key")
    if not key:
        return text
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if not isinstance(whole, dict):
        raise _failure(name, place, "the secret is no JSON object")
    if key not in whole:
        raise _failure(name, place, "the secret has no such key")
    return whole[key] if isinstance(whole[key], str) else json.dumps(whole[key])


def _asked(places: dict[str, Place], call: Callable[..., Any], **params: Any) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return dict(call(**params))
    except ClientError as error:
        told = error.response.get("Error", {})
        why = f"{told.get('Code', '')}: {told.get('Message', '')}"
    except BotoCoreError as error:
        why = f"{type(error).__name__}: {error}"
    # AWS's words may name one of several; none of its errors holds a value.
    raise RuntimeError(f"{_named(places)} can't be read: {why[:500]}")


def _named(places: dict[str, Place]) -> str:
    return ", ".join(f"{name} ({_where(one)})" for name, one in places.items())


def _failure(name: str, place: Place, why: str) -> RuntimeError:
    return RuntimeError(f"{name} ({_where(place)}) can't be read: {why}")


def _where(place: Place) -> str:
    service = "ssm" if "ssm" in place else "secretsmanager"
    key = f", json_key {place['json_key']}" if place.get("json_key") else ""
    return f"{service} {place[service]}{key}"
