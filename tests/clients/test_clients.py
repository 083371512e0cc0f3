"""Clients as people have them call deployed models, and get what the estimator says."""

from collections.abc import Callable

import pytest

from tests.clients import table
from tests.clients.catalogue import CLIENTS, SCRIPTS
from tests.clients.decisions import cells
from tests.clients.environments import HERE
from tests.clients.models import MODELS

Verdict = Callable[[str, str], str | None]
_REASONS = cells()
_OF_PEERS = {"bento_service.py", "mlflow_models.py"}


@pytest.mark.parametrize("model", [one.name for one in MODELS])
@pytest.mark.parametrize("client", CLIENTS)
def test_the_answer_is_the_estimators(client: str, model: str, verdict: Verdict) -> None:
    """Values, their types and probabilities; a failure has a written reason, or there is none."""
    problem, reason = verdict(client, model), _REASONS.get((client, model))
    if reason is None:
        assert problem is None, problem
    else:
        assert problem is not None, "it works now: take its entry out of decisions.toml"


def test_decisions_are_of_cells() -> None:
    """No entry is for a client or a model that isn't called."""
    assert set(_REASONS) <= {(client, one.name) for client in CLIENTS for one in MODELS}


def test_the_page_has_the_table(verdict: Verdict) -> None:
    """docs/requests.md shows this run; `MLDEPLOY_WRITE=1 make test-clients` writes it anew."""
    found = {(client, one.name): verdict(client, one.name) for client in CLIENTS for one in MODELS}
    shown = table.rendered(found, _REASONS)
    table.held("clients", shown)


def test_every_script_is_called() -> None:
    """None lies beside the catalogue."""
    listed = {one.file for one in SCRIPTS} | {"answers.py", "answers.mjs"} | _OF_PEERS
    assert {file.name for file in HERE.glob("scripts/*.*")} == listed
