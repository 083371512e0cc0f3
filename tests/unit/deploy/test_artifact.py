"""What runs, as what would be deployed."""

import pytest

from mldeploy.config import FunctionConfig
from mldeploy.deploy.artifact import deployed_artifact
from mldeploy.resources.base import key
from mldeploy.resources.function import Function
from tests.support.stacks import config

SETTINGS = config(
    functions=(FunctionConfig("predict", "POST /predict"), FunctionConfig("check", "POST /check"))
)
PREDICT, CHECK = SETTINGS.function_name("predict"), SETTINGS.function_name("check")


@pytest.mark.parametrize(
    ("functions", "images"),
    [
        ([Function(PREDICT, image="a"), Function(CHECK, image="b")], ["a", "b"]),
        ([Function(PREDICT, image="a")], ["a", "a"]),
        ([Function("of_a_removed_one", image="c")], ["c", "c"]),
    ],
    ids=["both run", "a function of the file doesn't run yet", "only one that left the file runs"],
)
def test_what_runs_is_what_would_be_deployed(functions: list[Function], images: list[str]) -> None:
    """A function that doesn't run gets the image of one that does."""
    found = deployed_artifact(SETTINGS, {key(one): one for one in functions})
    assert found
    assert [found.of(name).tag for name in ("predict", "check")] == images


def test_where_nothing_runs_there_is_none() -> None:
    """A first deploy is told apart from that."""
    assert deployed_artifact(SETTINGS, {}) is None
