"""Checks of references to secrets, as in `limits`."""

import re

from mldeploy.config.limits import require

# PutParameter API reference, "Name": letters, digits and _ . - /
_PARAMETER = re.compile(r"[a-zA-Z0-9_.\-/]{1,1011}", re.ASCII)
_PARAMETER_ARN = re.compile(
    r"arn:aws[a-zA-Z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/[a-zA-Z0-9_.\-/]+", re.ASCII
)
# CreateSecret API reference, "Name": letters, digits and /_+=.@-, up to 512. Secrets Manager
# appends a hyphen and six characters to it in the ARN.
_SECRET = re.compile(r"[a-zA-Z0-9/_+=.@-]{1,512}", re.ASCII)
_SECRET_ARN = re.compile(
    r"arn:aws[a-zA-Z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:"
    r"[a-zA-Z0-9/_+=.@-]+-[a-zA-Z0-9]{6}",
    re.ASCII,
)
_KMS_KEY = re.compile(r"arn:aws[a-zA-Z-]*:kms:[a-z0-9-]+:\d{12}:key/[a-zA-Z0-9-]+", re.ASCII)


def parameter(value: str) -> str:
    """Check the name or the ARN of a parameter."""
    require(
        _PARAMETER.fullmatch(value) or _PARAMETER_ARN.fullmatch(value),
        "must be a parameter's name, such as /iris/db-password, or its ARN",
    )
    return value


def secret(value: str) -> str:
    """Check the name or the ARN of a secret."""
    require(
        _SECRET.fullmatch(value) or _SECRET_ARN.fullmatch(value),
        "must be a secret's name, such as iris/db, or its full ARN, including the six characters "
        "at its end",
    )
    return value


def json_key(value: str) -> str:
    """Check the key of a JSON secret."""
    require(value and value.isprintable(), "must be a key of the secret's JSON object")
    return value


def kms_key(value: str) -> str:
    """Check the ARN of a key: IAM permits decryption by key, not by alias."""
    require(
        _KMS_KEY.fullmatch(value),
        "must be the ARN of a customer managed key, arn:aws:kms:<region>:<12 digits>:key/<id>",
    )
    return value


def region_of(name: str) -> str:
    """Return the region in an ARN, or "" for a plain name."""
    return name.split(":")[3] if name.startswith("arn:") else ""
