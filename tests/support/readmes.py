"""The examples' READMEs, as their readers follow them: commands, what they print, file names."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support import pages
from tests.support.pages import Block, Shown

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(one.parent.name for one in EXAMPLES.glob("*/mldeploy.toml"))
_FILE = re.compile(r"[\w-]+(?:/[\w-]+)*\.(?:json|py|csv|toml)\b")
_HEADERS = {"--json": "application/json", "--data": "application/x-www-form-urlencoded"}
"""What curl says of a body that is given so (its manual)."""


@dataclass(frozen=True)
class Curl:
    """A request as curl sends it: where to, its body, and its content-type."""

    url: str
    body: bytes
    content_type: str


def readme(name: str) -> str:
    """Return the README of an example."""
    return (EXAMPLES / name / "README.md").read_text(encoding="utf-8")


def commands(name: str, program: str) -> list[Shown]:
    """Return the commands of a program in an example's README."""
    found = [one for block in _blocks(name, "console") for one in pages.commands(block)]
    return [one for one in found if one.words[0] == program]


def answers(name: str) -> list[Shown]:
    """Return the JSON that an example's README quotes outside commands."""
    return [Shown("", block.text.strip()) for block in _blocks(name, "json")]


def files(name: str) -> set[str]:
    """Return the files that an example's README names."""
    return set(_FILE.findall(re.sub(r"https?://\S+", "", readme(name))))


def curl(words: list[str], folder: Path) -> Curl:
    """Return the request of a curl command that is typed in a folder."""
    body, content_type, url = b"", "", ""
    rest = iter(words[1:])
    for word in rest:
        match word:
            case "--json" | "--data":
                body, content_type = next(rest).encode(), _HEADERS[word]
            case "--data-binary":
                body = (folder / next(rest).removeprefix("@")).read_bytes()
            case "-H":
                content_type = next(rest).removeprefix("content-type: ")
            case _:
                assert not word.startswith("-"), f"{word} isn't known here"
                url = word
    return Curl(url, body, content_type)


def section(name: str, title: str) -> list[Block]:
    """Return the blocks of a section of an example's README, by the beginning of its title."""
    lines = readme(name).splitlines()
    first = next(n for n, line in enumerate(lines, start=1) if line.startswith(f"## {title}"))
    ends = [n for n, line in enumerate(lines, start=1) if n > first and line.startswith("## ")]
    page = (EXAMPLES / name / "README.md").relative_to(pages.ROOT).as_posix()
    found = pages.blocks(page)
    return [one for one in found if first < one.line < min(ends, default=len(lines))]


def _blocks(name: str, language: str) -> list[Block]:
    page = (EXAMPLES / name / "README.md").relative_to(pages.ROOT).as_posix()
    return [one for one in pages.blocks(page) if one.language == language]
