"""The documentation site: it builds without a warning, and what it links to is there."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from mldeploy.cli.app import every_command
from mldeploy.cli.commands import COMMANDS
from mldeploy.cli.examples import examples_of
from tools.site.__main__ import build
from tools.site.generated import keys, marks
from tools.site.pages import ROOT, sources


class Page(HTMLParser):
    """What a page has: anchors, links, and what a browser loads for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's anchor and addresses."""
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[one] for one in ("id", "name") if one in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in {"script", "img", "iframe", "source"} and "src" in found:
            self.loaded.append(found["src"])
        if tag == "link" and found.get("rel") == "stylesheet":
            self.loaded.append(found["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built as `make docs` builds it."""
    target = tmp_path_factory.mktemp("site") / "html"
    assert build(target) == 0
    return target


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_page_of_the_repository_is_on_the_site(site: Path) -> None:
    """And the home page leads to pages of each part."""
    assert not [page for page in sources() if not (site / page).with_suffix(".html").exists()]
    home = Page(site / "index.html")
    assert {"commands.html", "how-to/ci.html", "examples/churn.html"} <= set(home.links)


def broken(pages: dict[Path, Page], site: Path) -> Iterator[str]:
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            missing = there in pages and unquote(parts.fragment) not in {"", *pages[there].anchors}
            if not parts.scheme and (missing or not there.exists()):
                yield f"{path.relative_to(site)}: {link}"


def test_links_and_anchors_lead_somewhere(pages: dict[Path, Page], site: Path) -> None:
    """Read from the pages as a browser gets them, not from Sphinx."""
    resolved = {path.resolve(): page for path, page in pages.items()}
    assert sum(len(page.links) for page in pages.values()) > 1000
    assert sorted(broken(resolved, site.resolve())) == []


def test_a_page_loads_nothing_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    """No fonts, scripts, styles or images of other hosts, in style sheets neither."""
    assert not [one for page in pages.values() for one in page.loaded if urlsplit(one).netloc]
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert styles
    assert not [
        one
        for text in styles
        for one in re.findall(r"(?:url\(|@import )['\"]?(?:https?:)?//\S+", text)
    ]


def text_of(page: Path) -> str:
    """Return a page's text, its marked-up words joined."""
    return unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_what_the_program_says_is_in_its_place(site: Path) -> None:
    """Each mark is replaced; every command has its usage, every key its row."""
    commands = text_of(site / "commands.html")
    usage = set(re.findall(r"^\s*mldeploy ([a-z-]+) .*\[OPTIONS\]", commands, re.MULTILINE))
    assert usage >= set(COMMANDS)
    assert "--allow-breaking" in commands
    shown = [one.line for given in every_command().values() for one in examples_of(given.callback)]
    assert not [one for one in shown if f"$ {one}\n" not in commands]
    configuration = text_of(site / "configuration.html")
    variables = ["MLDEPLOY_" + "__".join(path).upper() for path, _, _ in keys()]
    assert "MLDEPLOY_FUNCTIONS__FUNCTION__MEMORY" in variables
    assert not [one for one in variables if one not in configuration]
    api = text_of(site / "reference/http-api.html")
    wanted = {"POST /predict", "GET /health", "POST /v2/models/predict/infer"}
    assert {one for one in wanted if one not in api} == set()
    assert text_of(site / "reference/iam.html").count("2012-10-17") == 3
    marked = [one for name in sources().values() for one in marks((ROOT / name).read_text())]
    assert len(marked) >= 5
