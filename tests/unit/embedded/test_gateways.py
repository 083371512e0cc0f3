"""The HTTP APIs of the embedded AWS come and go with their ports."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
import urllib3

from mldeploy.aws.clients import Clients
from mldeploy.aws.signatures import KeyPair
from mldeploy.embedded.functions import Functions
from mldeploy.embedded.gateways import Gateways

KEYS = KeyPair("KEY", "secret")


class NothingDeployed(Clients):
    """Clients of an account in which there is nothing."""

    def _ask(self, service: str, operation: str, parameters: object) -> None:
        del service, operation, parameters


def ask(url: str) -> urllib3.BaseHTTPResponse:
    """Ask on a connection of its own."""
    with urllib3.PoolManager() as pool:
        return pool.request("GET", url, retries=False)


def test_an_api_listens_until_it_is_deleted(tmp_path: Path) -> None:
    """Each on a port of its own; afterwards nobody answers there."""

    def clients(region: str) -> Clients:
        return NothingDeployed(region)

    gateways = Gateways(clients, Functions(clients, tmp_path), KEYS)
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


@pytest.mark.parametrize(("auth", "status"), [("JWT", 401), ("AWS_IAM", 403), ("NONE", 204)])
@pytest.mark.parametrize("key", ["ANY /x", "$default", "OPTIONS /x"])
def test_a_guarded_route_takes_preflights_away(
    key: str, auth: str, status: int, tmp_path: Path
) -> None:
    """API Gateway asks the route first, and only then answers by the API's rules."""
    assert preflight(key, auth, tmp_path) == status


def test_a_guarded_route_of_another_method_leaves_them(tmp_path: Path) -> None:
    """Without a route for OPTIONS the API's rules answer, whoever may call the others."""
    assert preflight("POST /x", "JWT", tmp_path) == 204


class OneRoute(Clients):
    """Clients of an account with an API that has one route and rules for other origins."""

    route: ClassVar[dict[str, str]] = {}

    def _ask(self, service: str, operation: str, parameters: object) -> dict[str, Any] | None:
        del service, parameters
        match operation:
            case "get_api":
                return {"CorsConfiguration": {"AllowOrigins": ["*"]}}
            case "get_stages":
                return {"Items": [{"StageName": "$default"}]}
            case "get_routes":
                return {"Items": [self.route]}
        return None


def preflight(key: str, auth: str, folder: Path) -> int:
    """Return what a browser's question before a request is answered with."""

    def clients(region: str) -> Clients:
        found = OneRoute(region)
        found.route = {"RouteKey": key, "AuthorizationType": auth}  # type: ignore[misc]
        return found

    gateways = Gateways(clients, Functions(clients, folder), KEYS)
    asks = {"origin": "https://a.example", "access-control-request-method": "POST"}
    with urllib3.PoolManager() as pool:
        url = gateways.open("us-east-1", "a")
        answer = pool.request("OPTIONS", f"{url}/x", headers=asks, retries=False)
    gateways.end()
    return answer.status
