"""The files that development stands on agree with one another."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def in_group(name: str) -> Iterator[str]:
    """Yield the requirements of a dependency group, those of the groups that it includes, too."""
    for item in PYPROJECT["dependency-groups"][name]:
        if isinstance(item, str):
            yield item
        else:
            yield from in_group(item["include-group"])


def unpinned(requirements: Iterable[str], pins: str) -> list[str]:
    """Return the requirements that no pin satisfies."""
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s;]+)", pins, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return [
        text
        for text in requirements
        for wanted in [Requirement(text)]
        if not any(
            wanted.specifier.contains(v) for v in versions.get(canonicalize_name(wanted.name), [])
        )
    ]


def test_the_pins_satisfy_what_pyproject_asks_for() -> None:
    """requirements-dev.txt was made anew after the last change of a requirement."""
    pins = (ROOT / "requirements-dev.txt").read_text()
    wanted = [*PYPROJECT["project"]["dependencies"], *in_group("dev")]
    assert not unpinned(wanted, pins)
    assert unpinned(["pytest>=99", "nobody-has-this"], pins) == ["pytest>=99", "nobody-has-this"]


def test_the_pins_name_no_index() -> None:
    """Whoever installs them takes them from an index of their own choice."""
    assert not re.findall(r"https?:\S+", (ROOT / "requirements-dev.txt").read_text())


def programs(commands: Iterable[str]) -> set[str]:
    """Return the programs that commands start, a subcommand of ruff's included."""
    return {
        " ".join(words[:2] if words[0] == "ruff" else words[:1])
        for command in commands
        for words in [command.partition(" -m ")[2].split()]
    }


def recipe(target: str) -> list[str]:
    """Return the lines of a target in the Makefile."""
    text = (ROOT / "Makefile").read_text()
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text, re.MULTILINE)
    return found[1].splitlines() if found else []


def test_a_commit_runs_what_make_lint_runs() -> None:
    """pre-commit's hooks are the programs of .venv that CI runs, so no second version is listed."""
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert repository["repo"] == "local"
    assert all(entry.startswith(".venv/bin/python -m ") for entry in entries)
    assert programs(entries) == programs(recipe("lint")) == {"ruff check", "ruff format", "mypy"}


def pages() -> list[Path]:
    """Return what people read of the repository."""
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").glob("*.md")]


def test_every_target_that_a_page_names_exists() -> None:
    """`make x` in a page or a script runs."""
    texts = [path.read_text() for path in (*pages(), *(ROOT / ".ci").iterdir())]
    named = {name for text in texts for name in re.findall(r"(?:`|^|\|\| )make ([a-z0-9-]+)", text)}
    targets = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"lint", "test-e2e", "faults"} <= named
    assert named <= set(targets)


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the page's headings."""
    headings = re.findall(r"^#+ (.+)", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def test_links_between_pages_lead_somewhere() -> None:
    """A relative link names a file that is there, and a heading that it has."""
    broken = []
    for page in pages():
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
            name, _, anchor = link.partition("#")
            target = page.parent / name if name else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert not broken


def test_contributing_names_files_that_there_are() -> None:
    """A file or folder that moves takes its name in CONTRIBUTING.md along."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"[`= ]((?:mldeploy|tests|docs|changelog\.d)/[a-z0-9_/.]*)", text))
    assert "docs/configuration.md" in named
    assert not [name for name in named if not (ROOT / name.rstrip(".")).exists()]


def test_the_changes_can_be_assembled() -> None:
    """Each fragment has a type that the changelog knows, and holds bullets."""
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "0"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for fragment in (ROOT / "changelog.d").glob("*.md"):
        assert fragment.read_text().startswith("- "), fragment.name
        assert fragment.read_text().strip() in done.stdout, fragment.name
