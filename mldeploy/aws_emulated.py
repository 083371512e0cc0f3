"""The session of an emulator of AWS."""

import os
from typing import Any

KEY = "embedded"
"""Access key and secret: nobody checks them."""


def emulated_session(region: str) -> Any:
    """Return a session that reads nothing of the user's: an emulator takes any credentials."""
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
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        botocore_session=bare,
    )
