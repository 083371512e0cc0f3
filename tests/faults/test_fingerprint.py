"""Equal accounts are known again, and what differs in anything isn't taken for equal."""

from collections.abc import Callable, Iterator

import pytest

from mldeploy.resources.lambda_state import RELEASE
from tests.faults.fingerprint import fingerprint
from tests.faults.operations import BY_NAME
from tests.faults.world import World, world
from tests.strict.lambda_store import arn
from tests.support.projects import write_project

FUNCTION = "mldeploy_iris_dev_predict"
OPERATION = BY_NAME["new model"]


@pytest.fixture(scope="module")
def where() -> Iterator[World]:
    """One world for all tests of this module."""
    with world() as found:
        yield found


def test_a_trial_begins_where_the_others_did(where: World) -> None:
    """Whatever the one before has done to the account and made of the project."""
    where.begin(OPERATION)
    first = fingerprint(where)
    where.take(OPERATION.step)
    assert fingerprint(where) != first
    where.begin(OPERATION)
    write_project(where.root, OPERATION.start[-1].config, OPERATION.start[-1].model)
    assert fingerprint(where) == first


def _tag(where: World) -> None:
    where.aws.client("lambda").tag_resource(Resource=arn(FUNCTION), Tags={"by": "hand"})


DIFFERENCES: dict[str, Callable[[World], object]] = {
    "a tag": _tag,
    "a look that something in progress still takes": lambda where: where.aws.state.pending.update(
        {(FUNCTION, "1"): 3}
    ),
    "a permission that is missing": lambda where: where.aws.deny("iam:GetRole"),
    "an invocation": lambda where: where.runtime.invoked.append((FUNCTION, "1")),
    "an answer": lambda where: where.runtime.broken.update({RELEASE: ["a difference"]}),
    "an image that is built anew": lambda where: setattr(where, "builds", "another day"),
    "a file of the user's": lambda where: (where.root.parent / "left").write_text("something"),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_differs_is_seen(where: World, name: str) -> None:
    """Nothing that a command may meet is left out."""
    where.begin(OPERATION)
    before = fingerprint(where)
    DIFFERENCES[name](where)
    assert fingerprint(where) != before
    where.runtime.broken.clear()
    where.builds = ""
    where.aws._faults.denied.clear()
