"""One contract for every kind of resource: `contract.py` says what it claims."""

from collections.abc import Callable

import pytest

from mldeploy.resources.kinds import CURRENT, KINDS
from tests.resources.contract import OF_A_KIND, OF_ALL, Deployment
from tests.strict.aws import StrictAws


@pytest.mark.parametrize("claim", OF_A_KIND, ids=lambda claim: claim.__name__)
@pytest.mark.parametrize("kind", [one.kind for one in CURRENT])
def test_each_kind_keeps_the_contract(
    kind: str, claim: Callable[[Deployment, str], None], aws: StrictAws
) -> None:
    """Each claim's own docstring says what it is."""
    claim(Deployment(aws, KINDS), kind)


@pytest.mark.parametrize("claim", OF_ALL, ids=lambda claim: claim.__name__)
def test_a_whole_deployment_keeps_the_contract(
    claim: Callable[[Deployment], None], aws: StrictAws
) -> None:
    """Each claim's own docstring says what it is."""
    claim(Deployment(aws, KINDS))
