"""The blocks of code in the repository's pages, read by sybil."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import SkipTest

from sybil import Document, Example, Region, Sybil
from sybil.parsers.markdown import CodeBlockParser, SkipParser
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer

ROOT = Path(__file__).parents[2]
_LANGUAGES = ("console", "sh", "python", "toml", "yaml", "json", "text")
_PROMPT = "$ "
_DIRECTIVES = ("file", "append", "start")


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        page: its path in the repository.
        line: where it begins.
        language: after the fence.
        text: its lines.
        file: what `<!-- file: NAME -->` before it says: readers write it to that file.
        append: what `<!-- append: NAME -->` says: readers add it to that file.
        skipped: why `<!-- skip: next "REASON" -->` leaves it out, or "".
    """

    page: str
    line: int
    language: str
    text: str
    file: str = ""
    append: str = ""
    skipped: str = ""


@dataclass(frozen=True)
class Shown:
    """A command of a page, or an answer.

    Attributes:
        line: as it is written, continued lines joined.
        printed: the lines below it; `…` stands for anything.
    """

    line: str
    printed: str

    @property
    def words(self) -> list[str]:
        """The line as the shell splits it, without the comment."""
        return shlex.split(self.line, comments=True)

    def prints(self, text: str) -> bool:
        """Tell whether a text is what the page shows, whatever `…` stands for."""
        pattern = re.escape(self.printed).replace("…", ".*")
        return re.fullmatch(pattern, text, re.DOTALL) is not None


@cache
def pages() -> tuple[str, ...]:
    """Return the pages whose blocks people copy, in the order of the paths."""
    files = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    names = (one.relative_to(ROOT).as_posix() for one in files)
    return tuple(sorted(one for one in names if "docs/decisions" not in one))


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page in their order."""
    parsers = [*map(_code, _LANGUAGES), SkipParser(), *map(_directive, _DIRECTIVES)]
    document = Sybil(parsers=parsers).parse(ROOT / page)
    document.namespace.update(blocks=[], file="", append="", start="")
    for example in document.examples():
        reason = _skipped(example)
        if reason:
            document.namespace["blocks"].append(_block(example, skipped=reason))
    return list(document.namespace["blocks"])


def start(page: str) -> str:
    """Return where a page's reader begins.

    Returns:
        "empty" for an empty folder, "trained" for the tutorial's project with its bundle, and ""
        for that project when it is deployed.
    """
    document = Sybil(parsers=[_directive("start")]).parse(ROOT / page)
    document.namespace["start"] = ""
    for example in document.examples():
        example.evaluate()
    return str(document.namespace["start"])


def commands(block: Block) -> Iterator[Shown]:
    """Yield the commands of a block of `console` or `sh`."""
    if block.language == "sh":
        joined = block.text.replace("\\\n", " ").strip().splitlines()
        yield from (Shown(one, "") for one in joined)
        return
    for part in f"\n{block.text}".split(f"\n{_PROMPT}")[1:]:
        line, _, printed = part.replace("\\\n", " ").partition("\n")
        yield Shown(line, printed.strip("\n"))


def _code(language: str) -> CodeBlockParser:
    return CodeBlockParser(language, _noted)


def _noted(example: Example) -> None:
    example.document.namespace["blocks"].append(_block(example))


def _block(example: Example, skipped: str = "") -> Block:
    space = example.document.namespace
    file, append = space["file"], space["append"]
    space.update(file="", append="")
    text = example.region.parsed
    language = _language(example)
    page = Path(str(example.path)).relative_to(ROOT).as_posix()
    return Block(page, example.line, language, str(text), file, append, skipped)


def _language(example: Example) -> str:
    opening = example.document.text[example.region.start :].lstrip().splitlines()[0]
    return re.split(r"[`~ ]", opening.strip())[-1]


def _skipped(example: Example) -> str:
    try:
        example.evaluate()
    except SkipTest as reason:
        return str(reason)
    return ""


def _directive(name: str) -> Any:
    lexer = DirectiveInHTMLCommentLexer(name)

    def parse(document: Document) -> Iterator[Region]:
        for found in lexer(document):
            yield Region(found.start, found.end, found.lexemes["arguments"], _remembered)

    def _remembered(example: Example) -> None:
        example.document.namespace[name] = example.parsed

    return parse
