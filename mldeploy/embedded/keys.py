"""The random key pair of an embedded AWS, in a file that only this user can read.

The file has AWS's format, so that the AWS CLI and SDKs can use it (AWS_SHARED_CREDENTIALS_FILE).
Functions that run as processes receive the pair as variables.
"""

import configparser
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from mldeploy.aws.signatures import KeyPair
from mldeploy.embedded.place import not_own
from mldeploy.files.places import opened_own, write_new

CREDENTIALS = "credentials"
"""The file's name."""


def make(folder: Path) -> KeyPair:
    """Write a new pair, replacing one left by an earlier cloud.

    Raises:
        OSError: it can't be written.
    """
    keys = KeyPair(f"LOCAL{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30))
    file = folder / CREDENTIALS
    file.unlink(missing_ok=True)
    pair = f"aws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret}\n"
    write_new(file, f"[default]\n{pair}")
    return keys


def load(folder: Path) -> KeyPair:
    """Read the pair.

    Raises:
        MldeployError: MLD614 if it is missing, or if another user could have written it.
    """
    file = folder / CREDENTIALS
    found = configparser.RawConfigParser()
    try:
        with os.fdopen(opened_own(file, os.O_RDONLY), encoding="utf-8") as text:
            if os.fstat(text.fileno()).st_mode & 0o077:
                raise PermissionError("others may read it")
            found.read_file(text)
        pair = found["default"]
        return KeyPair(pair["aws_access_key_id"], pair["aws_secret_access_key"])
    except (OSError, ValueError, KeyError, configparser.Error) as error:
        raise not_own(file, error) from error


def token(keys: KeyPair, digest: str) -> str:
    """Return the token in a link to a configuration, like the signature in S3's links."""
    return hmac.new(keys.secret.encode(), digest.encode(), hashlib.sha256).hexdigest()
