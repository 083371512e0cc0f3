"""What `mldeploy explain` prints is docs/, and hints name only what it prints."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldeploy.errors import MldeployError
from mldeploy.files.manual import PAGES, error_pages, explained, has_page

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "docs/errors.md").read_text()


def test_every_code_of_the_page_is_explained() -> None:
    """With its meaning, and the exit code that the error has."""
    codes = re.findall(r"^\| (MLD\d{3}) ", TABLE, re.MULTILINE)
    assert list(error_pages()) == codes
    for code, one in error_pages().items():
        assert one.meaning
        named = re.search(r"exit code (\d+)", one.meaning)
        assert int(one.exit_code) == (int(named[1]) if named else MldeployError(code, "").exit_code)


@pytest.mark.parametrize("written", ["MLD402", "mld402", "402", "error[MLD402]"])
def test_a_code_may_be_written_as_people_do(written: str) -> None:
    """All of these are one code; its text is its section of the page."""
    (one,) = explained(written).errors
    assert (one.code, one.exit_code) == ("MLD402", 4)
    assert "iam policy" in one.text
    assert "##" not in one.text


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("MLD409", "MLD408: AWS can't be reached"),
        ("throttling", "MLD405: AWS kept throttling a call"),
        ("trainig", "did you mean `mldeploy explain training`?"),
        ("xyzzy", "`mldeploy explain` lists all codes"),
    ],
)
def test_the_nearest_is_named(wrong: str, hint: str) -> None:
    """By its number, by its words, or by its spelling."""
    with pytest.raises(MldeployError) as raised:
        explained(wrong)
    assert raised.value.code == "MLD117"
    assert raised.value.exit_code == 2
    assert hint in raised.value.hint


def test_every_section_is_of_a_code_of_the_table() -> None:
    """A heading with another code would never be printed."""
    headings = re.findall(r"^## (.*)$", TABLE, re.MULTILINE)
    assert [one for one in headings if one.partition(":")[0] not in error_pages()] == []
    assert len(headings) == sum(has_page(code) for code in error_pages())
    assert not has_page("MLD999")


def hints() -> Iterator[str]:
    """Yield the texts of files that may name a page: their strings without the docstrings."""
    for path in (ROOT / "mldeploy").rglob("*.py"):
        source = path.read_text()
        if not re.search("docs|explain", source):
            continue  # most files; parsing them takes long
        tree = ast.parse(source)
        documents = {
            id(one.value)
            for node in ast.walk(tree)
            if hasattr(node, "body") and isinstance(node.body, list)
            for one in node.body
            if isinstance(one, ast.Expr)
        }
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and id(node) not in documents:
                yield text


def test_hints_name_pages_that_the_reader_has() -> None:
    """Not files of the repository, but what `mldeploy explain` prints; the wheel contains it."""
    texts = list(hints())
    assert [one for one in texts if re.search(r"\bdocs/[\w/-]+\.md", one)] == []
    named = {page for one in texts for page in re.findall(r"mldeploy explain (\w+)", one)}
    assert named - {"MLD402"} <= set(PAGES)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    shipped = wheel["targets"]["wheel"]["force-include"]
    for page in ("errors", *PAGES):
        assert shipped[f"docs/{page}.md"] == f"mldeploy/_shipped/docs/{page}.md"
        assert (ROOT / f"docs/{page}.md").exists()
