"""`mldeploy report`: a page and a card of the bundle, and what it calls for that."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, Reach
from tests.support.projects import write_bundle


def test_it_writes_the_page_and_the_card_without_aws(
    project: Path, command: Command, aws: StrictAws
) -> None:
    """The card stays as a person left it; the digest of the bundle doesn't change."""
    before = sorted((project / "model").iterdir())
    code, envelope = command("report")
    assert code == 0
    result = envelope["result"]
    page, card = Path(result["report"]), Path(result["card"])
    assert (page, card) == (project / "model/report.html", project / "MODEL_CARD.md")
    assert "mean squared" not in page.read_text()  # only r2 is known
    assert "R²" in page.read_text()
    assert sorted({*before, page}) == sorted((project / "model").iterdir())
    card.write_text(card.read_text().replace("> **To be written", "> My words. **To be written"))
    written = card.read_text()
    assert command("report")[0] == 0
    assert card.read_text() == written
    assert aws.calls == []


@pytest.mark.parametrize("works", [True, False])
def test_it_opens_the_page_in_the_browser(
    project: Path, command: Command, reach: Reach, *, works: bool
) -> None:
    """By the address of the file; the result says whether there is a browser."""
    opened: list[str] = []

    def browse(address: str) -> bool:
        opened.append(address)
        return works

    reach(browse=browse)
    code, envelope = command("report", "--open")
    assert (code, envelope["result"]["opened"]) == (0, works)
    assert opened == [(project / "model/report.html").as_uri()]


def test_the_live_release_is_compared_if_that_is_wanted(project: Path, command: Command) -> None:
    """By the facts in its image's labels."""
    code, envelope = command("report", "--live")
    assert (code, envelope["error"]["code"]) == (1, "MLD440")
    assert command("deploy")[0] == 0
    write_bundle(project / "model", "a better model", metrics={"r2": 0.5})
    assert command("report", "--live")[0] == 0
    page = (project / "model/report.html").read_text()
    assert "stage dev, version 1" in page
    assert "<td>1.0000</td><td>0.5000</td>" in page
    assert "worse" in page
