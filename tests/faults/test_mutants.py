"""The mutants of `make mutants` still fit the program."""

import shutil
from pathlib import Path

import pytest

from tests.faults.jobs import Job
from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.operations import BY_NAME
from tests.faults.sow import ROOT, TEST, TRIAL, patched
from tests.faults.table import Table
from tests.faults.trial import Result


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_mutant_fits(mutant: Mutant, tmp_path: Path) -> None:
    """Its text stands there once, Python comes out, and something of the harness is to see it."""
    for edit in mutant.edits:
        (tmp_path / edit.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / edit.file, tmp_path / edit.file)
    patched(mutant, tmp_path)
    assert mutant.operations or mutant.tests
    assert set(mutant.operations) <= set(BY_NAME)
    assert all((ROOT / one).is_file() for one in mutant.tests)


def test_a_failure_tells_what_repeats_it() -> None:
    """As the table of the trials prints it, and as pytest does."""
    table = Table(["new model"])
    table.add(Job("new model", "after", 3), Result(1, ("it is wrong", "and how")))
    trial = TRIAL.search(str(table))
    assert trial is not None
    assert trial["again"] == 'tests.faults --only "new model" --call 3 --after'
    assert trial["what"].split() == ["it", "is", "wrong", "and", "how"]
    test = TEST.search("=== summary ===\nFAILED tests/a.py::test_b[one: two] - assert 1 == 2\n")
    assert test is not None
    assert (test["again"], test["what"]) == ("tests/a.py::test_b[one: two]", " - assert 1 == 2")


def test_there_are_enough_mutants() -> None:
    """Twenty of different names, and hardly one that the harness can't see."""
    assert len({one.name for one in MUTANTS}) == len(MUTANTS) >= 20
    assert sum(not one.escapes for one in MUTANTS) >= 0.95 * len(MUTANTS)
