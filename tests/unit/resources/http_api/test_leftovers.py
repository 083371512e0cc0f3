"""What doesn't belong in an HTTP API: what a plan says of it, and what a stage of others means."""

import pytest

from mldeploy.plan.diff import Change
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.http_api.leftovers import (
    Leftover,
    OtherApi,
    OtherStage,
    OwnThrottling,
    UnusedAuthorizer,
    UnusedIntegration,
    UnusedPermission,
)
from mldeploy.resources.risk import WIDENS


@pytest.mark.parametrize(
    ("leftovers", "told", "risk"),
    [
        ([OtherApi("b7")], "api b7", ""),
        ([OwnThrottling("POST /predict")], "throttling POST /predict", ""),
        ([UnusedAuthorizer("c1")], "authorizer c1", ""),
        ([UnusedIntegration("a1"), UnusedIntegration("a2")], "integration a1, integration a2", ""),
        ([UnusedPermission("f", "mldeploy-x")], "permission mldeploy-x of f live", ""),
        ([OtherStage("v1"), OwnThrottling("GET /")], "stage v1, throttling GET /", WIDENS),
    ],
)
def test_a_plan_names_what_is_left_over(leftovers: list[Leftover], told: str, risk: str) -> None:
    found = HttpApi("iris-dev", leftovers=tuple(leftovers))
    (difference,) = Change("update", found, HttpApi("iris-dev")).differences
    assert (difference.field, difference.before, difference.after) == ("leftovers", told, "")
    assert difference.risk == risk
