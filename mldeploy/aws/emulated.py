"""The session of an emulator of AWS."""

import os
from dataclasses import dataclass
from typing import Any

from mldeploy.aws.signatures import KeyPair

_ANY = KeyPair("embedded", "embedded")


@dataclass(frozen=True)
class Emulator:
    """An emulator's URL, and its key pair; most accept any."""

    endpoint: str
    keys: KeyPair = _ANY


def emulated_session(region: str, keys: KeyPair) -> Any:
    """Return a session that doesn't read the user's configuration."""
    import boto3
    import botocore.session

    nothing = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    bare = botocore.session.Session(session_vars=nothing)
    return boto3.Session(
        region_name=region,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret,
        botocore_session=bare,
    )
