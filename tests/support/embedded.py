"""An embedded AWS of a test's own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3

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
    return _client(service, region, running().endpoint)


@cache
def _client(service: str, region: str, endpoint: str) -> Any:
    return boto3.session.Session().client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
