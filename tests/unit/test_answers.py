"""The package and the image judge answers alike, and so do the image's handlers a warm-up."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mldeploy.smoke import differences as smoke_differences
from tests.support.answers import ANSWERS, LENIENT

TEMPLATE = Path(__file__).parents[2] / "image_template"
Judge = Callable[[Any, Any], list[str]]


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> dict[str, Judge]:
    """The three that compare; each returns where two answers differ."""
    monkeypatch.syspath_prepend(str(TEMPLATE))
    golden = importlib.import_module("endpoint.golden")
    verify = importlib.import_module("endpoint.verify")
    return {
        "smoke": smoke_differences,
        "golden": golden._lacks,
        "verify": verify.differences,
    }


@pytest.mark.parametrize("judge", ["smoke", "golden", "verify"])
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
    assert judges["golden"](expected, found) == [], what
    assert judges["verify"](expected, found) != [], what
