"""The examples' READMEs, as their readers follow them: commands, what they print, file names."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(one.parent.name for one in EXAMPLES.glob("*/mldeploy.toml"))
_BLOCK = r"^```{}\n(.*?)^```$"
_FILE = re.compile(r"[\w-]+(?:/[\w-]+)*\.(?:json|py|csv|toml)\b")
_PROMPT = "$ "
_HEADERS = {"--json": "application/json", "--data": "application/x-www-form-urlencoded"}
"""What curl says of a body that is given so (its manual)."""


@dataclass(frozen=True)
class Shown:
    """A command of a README, or an answer.

    Attributes:
        words: as the shell splits them, without the comment.
        printed: the lines below it; `…` stands for anything.
    """

    words: list[str]
    printed: str

    def prints(self, text: str) -> bool:
        """Tell whether a text is what the README shows."""
        pattern = re.escape(self.printed).replace("…", ".*")
        return re.fullmatch(pattern, text, re.DOTALL) is not None


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
    found = [one for block in _blocks(name, "console") for one in _commands(block)]
    return [one for one in found if one.words[0] == program]


def answers(name: str) -> list[Shown]:
    """Return the JSON that an example's README quotes outside commands."""
    return [Shown([], block.strip()) for block in _blocks(name, "json")]


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


def _blocks(name: str, language: str) -> list[str]:
    return re.findall(_BLOCK.format(language), readme(name), re.DOTALL | re.MULTILINE)


def _commands(block: str) -> Iterator[Shown]:
    for part in f"\n{block}".split(f"\n{_PROMPT}")[1:]:
        line, _, printed = part.partition("\n")
        yield Shown(shlex.split(line, comments=True), printed.strip("\n"))
