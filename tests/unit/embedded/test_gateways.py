"""The HTTP APIs of the embedded AWS come and go with their ports."""

from pathlib import Path

import pytest
import urllib3

from mldeploy.aws import Clients
from mldeploy.embedded.functions import Functions
from mldeploy.embedded.gateways import Gateways


class NothingDeployed(Clients):
    """Clients of an account in which there is nothing."""

    def read(self, service: str, operation: str, **parameters: object) -> None:
        del service, operation, parameters


def ask(url: str) -> urllib3.BaseHTTPResponse:
    """Ask on a connection of its own."""
    with urllib3.PoolManager() as pool:
        return pool.request("GET", url, retries=False)


def test_an_api_listens_until_it_is_deleted(tmp_path: Path) -> None:
    """Each on a port of its own; afterwards nobody answers there."""

    def clients(region: str) -> Clients:
        return NothingDeployed(region)

    gateways = Gateways(clients, Functions(clients, tmp_path))
    kept = urllib3.PoolManager()
    first, second = gateways.open("us-east-1", "a"), gateways.open("us-east-1", "b")
    assert first != second
    answer = ask(f"{first}/x")
    assert (answer.status, answer.data) == (404, b'{"message":"Not Found"}')
    kept.request("GET", first, retries=False)
    gateways.close("a")
    gateways.close("a")
    with pytest.raises(urllib3.exceptions.HTTPError):
        kept.request("GET", first, retries=False)
    with pytest.raises(urllib3.exceptions.HTTPError):
        ask(first)
    gateways.end()
    with pytest.raises(urllib3.exceptions.HTTPError):
        ask(second)
