"""All comparisons of answers agree on what is the same answer."""

from collections.abc import Callable
from typing import Any

import pytest

from mldeploy.model.expected import TOLERANCE
from mldeploy.model.expected import differences as smoke_differences
from mldeploy.model.golden import exact_differences
from mldeploy.model.proof.comparing import compare, scales_of
from tests.support.answers import ANSWERS, LENIENT

Judge = Callable[[Any, Any], list[str]]


@pytest.fixture
def judges() -> dict[str, Judge]:
    """The two that compare; each returns where two answers differ."""
    return {"smoke": smoke_differences, "golden": exact_differences}


@pytest.mark.parametrize("judge", ["smoke", "golden"])
@pytest.mark.parametrize(("what", "expected", "found", "same"), ANSWERS)
def test_all_take_the_same_answers_for_right(
    judges: dict[str, Judge], judge: str, what: str, expected: Any, found: Any, *, same: bool
) -> None:
    """What verification lets pass before the shift isn't rolled back after it."""
    assert (judges[judge](expected, found) == []) is same, what


@pytest.mark.parametrize(("what", "expected", "found", "same"), ANSWERS)
def test_the_proof_refuses_what_verification_refuses(
    what: str, expected: Any, found: Any, *, same: bool
) -> None:
    """Training's comparison is at most as lenient, so a proved bundle isn't refused in Lambda."""
    differences = compare(expected, found, TOLERANCE, scales_of([expected])).differences
    assert same or differences, what


@pytest.mark.parametrize(("what", "expected", "found"), LENIENT)
def test_what_people_write_is_judged_by_its_meaning(
    judges: dict[str, Judge], what: str, expected: Any, found: Any
) -> None:
    """`--expect` and golden files are written by hand; the bundle's aren't."""
    assert judges["smoke"](expected, found) == [], what
    assert judges["golden"](expected, found) != [], what
