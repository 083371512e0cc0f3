"""No test is in no part: CI's commits together run all that there is."""

from pathlib import Path

import pytest

from tests.support.parts import GROUPS, is_kept

ROOT = Path(__file__).parents[2]
PARTS = ("1/3", "2/3", "3/3")
FILES = [f"{folder}/{path.name}" for folder in GROUPS for path in (ROOT / folder).glob("test_*.py")]


def parts_of(test: str) -> list[str]:
    return [part for part in PARTS if is_kept(test, part)]


def test_every_file_is_in_one_part_or_in_all() -> None:
    """The main job is in all of them; what is named exists."""
    counts = {file: len(parts_of(f"{file}::test_it[a/b]")) for file in FILES}
    assert set(counts.values()) == {1, 3}
    assert counts["tests/e2e/test_main_job.py"] == 3
    groups = [(folder, group) for folder, three in GROUPS.items() for group in three]
    named = {f"{folder}/test_{one}.py" for folder, group in groups for one in group.split()}
    assert named <= counts.keys()
    assert [file for file, count in counts.items() if count == 1 and file not in named] == []


def test_other_tests_are_in_one_part_by_their_ids() -> None:
    """So a file's tests are spread over the three."""
    tests = [f"tests/models/test_matrix.py::test_it[{number}]" for number in range(60)]
    assert {len(parts_of(test)) for test in tests} == {1}
    assert {part for test in tests for part in parts_of(test)} == set(PARTS)


def test_a_part_of_one_holds_everything() -> None:
    """`PART=1/1 make ci` runs all tests."""
    assert all(is_kept(file, "1/1") for file in FILES)


@pytest.mark.parametrize("part", ["0/3", "4/3", "1/2", "all"])
def test_another_part_is_refused(part: str) -> None:
    """A wrong part must not look like a green run of no test."""
    with pytest.raises(ValueError, match=r"isn't one of|invalid literal"):
        is_kept(FILES[0], part)
