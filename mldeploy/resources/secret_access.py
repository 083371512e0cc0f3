"""Permissions of an execution role to read exactly its function's parameters and secrets."""

from collections.abc import Iterable
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.config.references import Reference

_SUFFIX = "-??????"
"""Secrets Manager appends a hyphen and six characters to a secret's name in its ARN."""


def access_statements(references: Iterable[Reference], account: Account) -> list[dict[str, Any]]:
    """Return the statements that permit a role to read the references' values.

    AWS managed keys need none: `aws/ssm` and `aws/secretsmanager` permit every principal of the
    account to decrypt through the service
    (https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-restrict-decryption.html;
    botocore secretsmanager: GetSecretValue).
    """
    known = sorted(references)
    parameters = {_parameter_arn(one.name, account) for one in known if one.service == "ssm"}
    secrets = {_secret_arn(one.name, account) for one in known if one.service != "ssm"}
    statements = []
    if parameters:
        statements.append(_allow("ssm:GetParameters", sorted(parameters)))
    if secrets:
        statements.append(_allow("secretsmanager:GetSecretValue", sorted(secrets)))
    for service in ("secretsmanager", "ssm"):
        keys = {one.kms_key for one in known if one.kms_key and one.service == service}
        if keys:
            # Only through the service that stores the value (AWS KMS developer guide,
            # "kms:ViaService"); in some partitions the service's name has a suffix.
            via = f"{service}.{account.region}.amazonaws.com*"
            condition = {"StringLike": {"kms:ViaService": via}}
            statements.append(_allow("kms:Decrypt", sorted(keys), Condition=condition))
    return statements


def _allow(action: str, resources: list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resources, **more}


def _parameter_arn(name: str, account: Account) -> str:
    if name.startswith("arn:"):
        return name
    return account.arn("ssm", f"parameter/{name.removeprefix('/')}")


def _secret_arn(name: str, account: Account) -> str:
    if name.startswith("arn:"):
        return name
    return account.arn("secretsmanager", f"secret:{name}{_SUFFIX}")
