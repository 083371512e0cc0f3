"""Which file of the repository is which page, and its links there."""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING

from tools.site.generated import insert

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NAVIGATION = DOCS / "navigation.toml"
_NAMES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "vulnerabilities.md",
}
"""Pages outside docs/; docs/security.md is another page than SECURITY.md."""
_DOWNLOADS = {".json", ".svg", ".png"}
_FENCED = re.compile(r"^( *)(```+|~~~+).*?^\1\2 *$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Part:
    """A group of pages in the navigation.

    Attributes:
        title: of the group.
        pages: paths in the repository, in their order; a folder stands for all its pages.
    """

    title: str
    pages: tuple[str, ...]


def navigation() -> tuple[Part, ...]:
    """Return the groups of the navigation."""
    read = tomllib.loads(NAVIGATION.read_text(encoding="utf-8"))
    return tuple(Part(one["title"], tuple(one["pages"])) for one in read["part"])


def page_of(path: str) -> str | None:
    """Return the page of a file of the repository, such as "how-to/ci.md", or None."""
    if path in _NAMES:
        return _NAMES[path]
    example = re.fullmatch(r"examples/([\w-]+)/README\.md", path)
    if example:
        return f"examples/{example[1]}.md"
    if path.startswith("docs/") and path.endswith(".md"):
        return path.removeprefix("docs/")
    return None


def sources() -> dict[str, str]:
    """Return the file of every page, both as paths."""
    files = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/*/README.md")]
    names = sorted(one.relative_to(ROOT).as_posix() for one in files)
    return {page: name for name in names if (page := page_of(name))}


def stage(target: Path) -> None:
    """Write the pages that Sphinx reads to a folder, and the files that they link to."""
    for page, name in sources().items():
        text = (ROOT / name).read_text(encoding="utf-8")
        linked = insert(page, _outside_code(text, name, page, target), target)
        if page == "index.md":
            linked += _toctrees()
        (target / page).parent.mkdir(parents=True, exist_ok=True)
        (target / page).write_text(linked, encoding="utf-8")
    _index_of_decisions(target / "decisions")


def _outside_code(text: str, name: str, page: str, target: Path) -> str:
    """Return a page whose links lead to pages of the site."""
    parts, position = [], 0
    for block in _FENCED.finditer(text):
        parts += [_linked(text[position : block.start()], name, page, target), block[0]]
        position = block.end()
    return "".join([*parts, _linked(text[position:], name, page, target)])


def _linked(text: str, name: str, page: str, target: Path) -> str:
    def link(found: re.Match[str]) -> str:
        image, words, address = found.groups()
        if re.match(r"[a-z]+:|#", address):
            return found[0]
        inner = _linked(words, name, page, target)
        path, _, anchor = address.partition("#")
        there = _there((ROOT / name).parent / path, target)
        if there is None:
            return inner  # a file of the repository that isn't part of the site
        if words.endswith(".md"):
            inner = title_of((ROOT / name).parent / path)
        return f"{image}[{inner}]({_relative(there, page)}{'#' + anchor if anchor else ''})"

    return _LINK.sub(link, text)


def title_of(path: Path) -> str:
    """Return the heading of a page."""
    found = re.search(r"^# (.+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else path.name


def _there(path: Path, target: Path) -> str | None:
    """Return where the site has a file, and copy it there if it isn't a page."""
    name = relpath(path, ROOT)
    if path.is_dir() and (path / "README.md").exists():
        name = f"{name}/README.md"
    if name == "docs/decisions":
        return "decisions/index.md"
    page = page_of(name)
    if page is not None or path.suffix not in _DOWNLOADS:
        return page
    (target / "files").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target / "files" / path.name)
    return f"files/{path.name}"


def _relative(there: str, page: str) -> str:
    return relpath(there, Path(page).parent)


def _toctrees() -> str:
    """Return the navigation, as Sphinx takes it."""
    parts = []
    for part in navigation():
        pages = "\n".join(one for path in part.pages for one in _entries(path))
        parts.append(f"```{{toctree}}\n:hidden:\n:caption: {part.title}\n\n{pages}\n```\n")
    return "\n" + "\n".join(parts)


def _entries(path: str) -> list[str]:
    """Return the pages of the navigation that a path stands for."""
    if path == "examples":
        return [page.removesuffix(".md") for page in sources() if page.startswith("examples/")]
    page = "decisions/index.md" if path == "docs/decisions" else page_of(path)
    if page is None or not (ROOT / path).exists():
        raise ValueError(f"{NAVIGATION.name} names {path}, which is no page")
    return [page.removesuffix(".md")]


def _index_of_decisions(folder: Path) -> None:
    titles: Mapping[str, str] = {one.stem: title_of(one) for one in sorted(folder.glob("*.md"))}
    rows = "\n".join(f"- [{title}]({name}.md)" for name, title in titles.items())
    tree = "\n".join(titles)
    (folder / "index.md").write_text(
        f"# Decisions\n\nReasons for choices that a reader may question.\n\n{rows}\n\n"
        f"```{{toctree}}\n:hidden:\n\n{tree}\n```\n",
        encoding="utf-8",
    )
