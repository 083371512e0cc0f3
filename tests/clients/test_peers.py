"""80 requests to our endpoint, MLflow's server and BentoML, all with the same estimators."""

from collections.abc import Iterator

import pytest

from tests.clients import environments, peers, side_by_side, table
from tests.clients.conftest import unavailable
from tests.clients.decisions import Difference, differences

Outcomes = dict[tuple[str, str], str]
_SERVERS = {
    "MLflow": ("mlflow", peers.mlflow_served),
    "BentoML": ("bentoml", peers.bento_served),
}


@pytest.fixture(scope="module")
def ours(urls: dict[str, str]) -> Outcomes:
    """What our endpoint makes of each request."""
    return _outcomes({name: f"{url}/invocations" for name, url in urls.items()})


@pytest.fixture(scope="module", params=_SERVERS)
def peer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Outcomes]]:
    """A server's name, and what it makes of each request."""
    environment, served = _SERVERS[request.param]
    if reason := environments.missing(environment):
        unavailable(reason)
    with served(tmp_path_factory.mktemp("peer") / "models") as found:
        yield request.param, _outcomes(found)


def _outcomes(urls: dict[str, str]) -> Outcomes:
    sent = side_by_side.requests()
    return {
        (one.name, one.model.name): side_by_side.outcome(one, urls[one.model.name]) for one in sent
    }


def test_there_are_eighty() -> None:
    """Sixteen of each model."""
    assert len(side_by_side.requests()) == 80


def test_ours_is_never_wrong(ours: Outcomes) -> None:
    """A request is answered with the estimator's predictions, or refused; it never fails."""
    assert {key: one for key, one in ours.items() if one in {"wrong", "failed"}} == {}


def test_each_difference_is_a_decision(peer: tuple[str, Outcomes], ours: Outcomes) -> None:
    """Another outcome than ours has its reason in decisions.toml, and no entry is left over."""
    name, theirs = peer
    found = {
        Difference(request, model, name, mine, theirs[request, model])
        for (request, model), mine in ours.items()
        if mine != theirs[request, model]
    }
    assert found == {one for one in differences() if one.peer == name}


def test_the_page_has_the_differences() -> None:
    """docs/requests.md lists the decisions; `MLDEPLOY_WRITE=1 make test-clients` writes them."""
    table.held("servers", table.beside(differences()))
