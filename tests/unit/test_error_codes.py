"""docs/errors.md and the code name the same errors."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_code_is_on_the_page_and_in_the_code() -> None:
    """A code that is raised is explained, and one that is explained can be raised."""
    raised = {
        code
        for path in (ROOT / "mldeploy").rglob("*.py")
        for code in re.findall(r'"(MLD\d{3})"', path.read_text())
    }
    told = re.findall(r"^\| (MLD\d{3}) ", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE)
    assert sorted(raised) == sorted(told)
