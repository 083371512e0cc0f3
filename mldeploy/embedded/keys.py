"""The key pair of an embedded AWS: random, in a file that only this user can read.

The file has AWS's own form, so that the AWS CLI and every SDK can use it
(AWS_SHARED_CREDENTIALS_FILE). Functions that run as processes get the pair as variables.
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
    """Write a new pair, instead of what an earlier cloud has left.

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
        MldeployError: MLD614 where it isn't there, or where another user could have written it.
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
    """Return what the link to a configuration ends with, as S3's end with a signature."""
    return hmac.new(keys.secret.encode(), digest.encode(), hashlib.sha256).hexdigest()
