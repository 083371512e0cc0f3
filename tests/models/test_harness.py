"""The harness's own mutants: what serves something else than was trained makes a line fail."""

import pytest

from tests.models.client import Outcome, Server, outcome_of
from tests.models.judging import problems
from tests.models.selftest_lines import SELF_TEST

MUTANTS = {
    "dtype dropped": ("least squares of float32", "the estimator says"),
    "index dropped": ("by index", "the estimator says"),
    "label shortcut widened": ("high threshold", "class_label"),
    "first row for all": ("plain", "the estimator says"),
    "one row fails": ("plain", "1 rows: status 500"),
    "golden from the handler": ("plain", "golden"),
}


def outcome(server: Server, name: str, mutant: str = "") -> Outcome:
    """Return what becomes of a line with a mutant at work."""
    return outcome_of(SELF_TEST[name], server.run(name, mutant))


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_makes_its_line_fail(mutant: str, server: Server) -> None:
    """The line fails, by an answer that is another than the estimator's."""
    name, said = MUTANTS[mutant]
    found = outcome(server, name, mutant)
    assert found.kind == "anything else", found
    assert said in found.said


@pytest.mark.parametrize("name", [one for one in SELF_TEST if one != "by index"])
def test_without_a_mutant_the_lines_pass(name: str, server: Server) -> None:
    """It is the mutant that is seen, not the line."""
    found = outcome(server, name)
    assert found.kind == "exact", found.said


def test_a_model_that_is_refused_is_no_exact_one(server: Server) -> None:
    """A line says which of the two it expects, and the other fails it."""
    found = outcome(server, "by index")
    assert found.kind == "anything else"
    assert "refused, MLD224" in found.said


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({"class_label": 1, "class_name": "1", "probabilities": {"0": 0.25, "1": 0.75}}, False),
        ({"class_label": 1.0, "class_name": "1", "probabilities": {"0": 0.25, "1": 0.75}}, True),
        ({"class_label": True, "class_name": "1", "probabilities": {"0": 0.25, "1": 0.75}}, True),
        ({"class_label": 1, "class_name": "1", "probabilities": {"1": 0.75, "2": 0.25}}, True),
        ({"class_label": 1, "class_name": "1", "probabilities": {"0": 0.25, "1": 0.7501}}, True),
        ({"class_label": 1, "class_name": "1"}, True),
    ],
)
def test_answers_are_compared_by_value_and_type(found: object, wrong: bool) -> None:  # noqa: FBT001
    """A label of another type is another label; numbers differ from the 13th digit on."""
    right = {"class_label": 1, "class_name": "1", "probabilities": {"0": 0.25, "1": 0.75}}
    request = {"form": "many", "expected": [right]}
    response = {"status": 200, "body": {"predictions": [found]}}
    assert bool(problems(request, response, 1e-12)) is wrong
