"""One HTTP call to a deployed endpoint."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mldeploy.errors import MldeployError

_TIMEOUT = 35.0
"""Seconds; API Gateway itself gives up after 30."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, the body as text, and how long it took in milliseconds."""

    status: int
    body: str
    milliseconds: float

    @property
    def content(self) -> Any:
        """The body as JSON, or as text where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body


def call(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str] | None = None,
    timeout: float = _TIMEOUT,
) -> Answer:
    """Send a request and return the answer, whatever its status.

    Raises:
        MldeployError: MLD504 where no answer came.
    """
    import urllib3

    parts = urlsplit(url)
    sent = {"content-type": "application/json", **(headers or {})}
    if (parts.hostname or "").endswith(".localhost"):
        # RFC 6761: such names are loopback, but not every resolver knows; the emulators
        # route by the Host header.
        sent = {"host": parts.netloc, **sent}
        url = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl()
    pool = urllib3.PoolManager(timeout=timeout, retries=False)
    started = time.perf_counter()
    try:
        response = pool.request(method, url, body=body, headers=sent)
    except urllib3.exceptions.HTTPError as error:
        raise MldeployError(
            "MLD504",
            f"no answer from {parts.scheme}://{parts.netloc}{parts.path}: {error}",
            "check the network; `mldeploy status` tells whether the endpoint is deployed",
        ) from error
    took = (time.perf_counter() - started) * 1000
    return Answer(response.status, response.data.decode("utf-8", "replace"), took)
