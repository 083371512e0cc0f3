"""No test is in no part: CI's commits together run all that there is."""

from pathlib import Path

import pytest

from tests.support.parts import SECONDS, is_kept, main

ROOT = Path(__file__).parents[2]
PARTS = 20
FILES = [
    f"{folder}/{path.name}" for folder in SECONDS for path in (ROOT / folder).glob("test_*.py")
]


def parts_of(test: str, parts: int = PARTS) -> list[int]:
    return [one for one in range(1, parts + 1) if is_kept(test, f"{one}/{parts}")]


@pytest.mark.parametrize("parts", [2, 3, PARTS])
def test_every_file_is_in_one_part_or_in_all(parts: int) -> None:
    """The main job is in all of them; what is named exists."""
    counts = {file: len(parts_of(f"{file}::test_it[a/b]", parts)) for file in FILES}
    named = {f"{folder}/test_{one}.py" for folder, files in SECONDS.items() for one in files}
    assert counts == {file: 1 if file in named else parts for file in FILES}
    assert counts["tests/e2e/test_main_job.py"] == counts["tests/e2e/test_releases.py"] == parts
    assert named <= counts.keys()


def test_files_are_divided_by_their_seconds() -> None:
    """No part has more to do than the longest file, or much more than the mean."""
    spent = [0] * PARTS
    for folder, files in SECONDS.items():
        for name, seconds in files.items():
            (part,) = parts_of(f"{folder}/test_{name}.py")
            spent[part - 1] += seconds
    longest = max(seconds for files in SECONDS.values() for seconds in files.values())
    assert max(spent) <= max(longest, 1.2 * sum(spent) / PARTS)


def test_other_tests_are_in_one_part_by_their_ids() -> None:
    """So a file's tests are spread over all parts."""
    tests = [f"tests/models/test_matrix.py::test_it[{number}]" for number in range(200)]
    assert {len(parts_of(test)) for test in tests} == {1}
    assert {part for test in tests for part in parts_of(test)} == set(range(1, PARTS + 1))


def test_a_part_of_one_holds_everything() -> None:
    """`PART=1/1 make ci` runs all tests."""
    assert all(is_kept(file, "1/1") for file in FILES)


def test_a_script_can_ask() -> None:
    """CI prepares for a test only where its part holds it."""
    (part,) = parts_of("tests/clients/test_peers.py")
    asked = ("tests/clients/test_peers.py", "tests/clients/test_none_such.py")
    assert main(f"{part}/{PARTS}", asked[0]) == 0
    assert main(f"{part % PARTS + 1}/{PARTS}", asked[0]) == 1
    assert main(f"{part % PARTS + 1}/{PARTS}", *asked) == 0


@pytest.mark.parametrize("part", ["0/3", "4/3", "1/0", "all"])
def test_another_part_is_refused(part: str) -> None:
    """A wrong part must not look like a green run of no test."""
    with pytest.raises(ValueError, match=r"isn't a part|invalid literal"):
        is_kept(FILES[0], part)
