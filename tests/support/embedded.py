"""An embedded AWS of a test's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from mldeploy.embedded.control import running, stop


@contextmanager
def own_cloud(folder: Path) -> Iterator[Path]:
    """Give commands a folder of their own for the embedded AWS; it is stopped afterwards."""
    before = os.environ.get("MLDEPLOY_LOCAL_DIR")
    os.environ["MLDEPLOY_LOCAL_DIR"] = str(folder)
    try:
        yield folder
    finally:
        stop()
        os.environ.pop("MLDEPLOY_LOCAL_DIR")
        if before is not None:
            os.environ["MLDEPLOY_LOCAL_DIR"] = before


def client_of(service: str, region: str = "eu-central-1") -> Any:
    """Return boto3's client of a service of the one that runs, for a look past mldeploy."""
    cloud = running()
    return client_at(service, region, cloud.endpoint, str(cloud.folder / "credentials"))


def signed_headers(url: str, body: bytes) -> dict[str, str]:
    """Return headers of a POST to an API, signed with the cloud's key pair by botocore."""
    session = _session(str(running().folder / "credentials"))
    request = AWSRequest("POST", url, data=body)
    SigV4Auth(session.get_credentials(), "execute-api", "eu-central-1").add_auth(request)
    return dict(request.headers)


@cache
def client_at(service: str, region: str, endpoint: str, credentials: str) -> Any:
    """Return boto3's client of the one at an endpoint; `credentials`: the file of its key pair."""
    session = boto3.session.Session(botocore_session=_session(credentials))
    return session.client(service, endpoint_url=endpoint, region_name=region)


def _session(credentials: str) -> Any:
    """Return a session that reads the key pair as every program of AWS's does."""
    given = {
        "profile": (None, None, "default", None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, credentials, None),
    }
    bare = botocore.session.Session(session_vars=given)
    bare.get_component("credential_provider").remove("env")
    return bare
