"""The package and the image judge answers alike, and so do the image's handlers a warm-up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mldeploy.model.expected import differences as smoke_differences
from mldeploy.model.golden import exact_differences
from tests.support.answers import ANSWERS, LENIENT

TEMPLATE = Path(__file__).parents[3] / "image_template"
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


@pytest.mark.parametrize(("what", "expected", "found"), LENIENT)
def test_what_people_write_is_judged_by_its_meaning(
    judges: dict[str, Judge], what: str, expected: Any, found: Any
) -> None:
    """`--expect` and golden files are written by hand; the bundle's aren't."""
    assert judges["smoke"](expected, found) == [], what
    assert judges["golden"](expected, found) != [], what
