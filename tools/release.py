"""`make release VERSION=x.y.z`: builds and checks a release.

Everything is built from the last commit in a separate folder. Only if all checks pass, the wheel,
the sdist and the notes are copied to dist/, and the version and the changelog are updated here.
Nothing is committed, tagged or uploaded.
"""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version

from mldeploy.facts.prices import REGION, price_list
from tools.prices import too_old

ROOT = Path(__file__).parents[1]
VERSION_FILE = "mldeploy/__init__.py"
CHANGELOG = "CHANGELOG.md"
FRAGMENTS = "changelog.d"
_ASSIGNED = re.compile(r'^__version__ = ".*"$', re.MULTILINE)


class ReleaseError(Exception):
    """Raised if the release can't be built; the text is the reason."""


@dataclass(frozen=True)
class Built:
    """The files to publish, and the notes."""

    wheel: Path
    sdist: Path
    notes: str


def main() -> int:
    """Make the release that the command line names."""
    try:
        version = wanted_version(sys.argv[1] if len(sys.argv) > 1 else "")
        refuse_unready(ROOT, version)
        with tempfile.TemporaryDirectory(prefix="mldeploy-release-") as folder:
            source = Path(folder, "source")
            checkout(ROOT, source)
            built = build(source, version, Path(folder, "dist"))
            check(built, version, Path(folder))
            published = keep(built, source, ROOT)
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print(next_steps(version, published, ROOT))
    if old := too_old(price_list(REGION).published, datetime.now(UTC).date()):
        print(old)
    return 0


def wanted_version(text: str) -> Version:
    """Return the version x.y.z in its normal form."""
    try:
        version = Version(text)
    except InvalidVersion:
        version = Version("0")
    if version.base_version != text or len(version.release) != 3:  # noqa: PLR2004 - x.y.z
        raise ReleaseError(f"{text!r} is no version of the form x.y.z: use VERSION=0.2.0")
    return version


def refuse_unready(root: Path, version: Version) -> None:
    """Raise a ReleaseError unless the tree is clean, the version is new and has changes."""
    if changed := git(root, "status", "--porcelain").strip():
        raise ReleaseError(f"the tree isn't clean: commit or stash these first\n{changed}")
    if (latest := latest_release(root)) and version <= latest:
        raise ReleaseError(f"{version} isn't newer than {latest}: choose a higher version")
    if not any((root / FRAGMENTS).glob("*.md")):
        raise ReleaseError(f"{FRAGMENTS}/ holds no change: add one, see CONTRIBUTING.md")


def latest_release(root: Path) -> Version | None:
    """Return the highest version among the tags and the changelog's headings."""
    tags = re.findall(r"^v(\d\S*)$", git(root, "tag"), re.MULTILINE)
    headings = re.findall(r"^## (\d\S*)", (root / CHANGELOG).read_text(), re.MULTILINE)
    return max(map(Version, (*tags, *headings)), default=None)


def checkout(root: Path, folder: Path) -> None:
    """Write the files of the last commit to the folder, and no file that isn't committed."""
    archive = subprocess.run(
        ["git", "-C", str(root), "archive", "HEAD"], stdout=subprocess.PIPE, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")


def build(source: Path, version: Version, target: Path) -> Built:
    """Set the version, assemble the changelog, and build the wheel and the sdist of that."""
    step("changelog, wheel and sdist")
    file = source / VERSION_FILE
    file.write_text(with_version(file.read_text(), version))
    notes = assemble(source, version)
    run([sys.executable, "-m", "hatchling", "build", "-d", target], source)
    wheel, sdist = next(target.glob("*.whl")), next(target.glob("*.tar.gz"))
    return Built(wheel, sdist, notes)


def with_version(text: str, version: Version) -> str:
    """Return the module's text with that version."""
    text, count = _ASSIGNED.subn(f'__version__ = "{version}"', text)
    if count != 1:
        raise ReleaseError(f"{VERSION_FILE} assigns __version__ {count} times: assign it once")
    return text


def assemble(source: Path, version: Version) -> str:
    """Turn the fragments into a section of the changelog, and return it without its title."""
    today = datetime.now(UTC).date().isoformat()
    named = ["--version", str(version), "--date", today]
    towncrier = [sys.executable, "-m", "towncrier", "build"]
    section = run([*towncrier, "--draft", *named], source)
    run([*towncrier, "--yes", *named], source)
    return section.partition("\n")[2].strip() + "\n"


def check(built: Built, version: Version, folder: Path) -> None:
    """Raise a ReleaseError unless the two files are what their users need."""
    step("twine check")
    run([sys.executable, "-m", "twine", "check", "--strict", built.wheel, built.sdist], folder)
    step("the wheel that the sdist builds")
    check_sdist(built, folder / "again")
    step("a fresh environment: install, init, train, invoke")
    check_wheel(built.wheel, version, folder)


def check_sdist(built: Built, folder: Path) -> None:
    """Raise a ReleaseError unless the sdist builds the same wheel, byte for byte."""
    with tarfile.open(built.sdist) as files:
        files.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], source)
    again = folder / built.wheel.name
    if not again.exists() or digest(again) != digest(built.wheel):
        raise ReleaseError("the sdist builds another wheel: compare the two files' contents")


def check_wheel(wheel: Path, version: Version, folder: Path) -> None:
    """Raise a ReleaseError unless the wheel works in a new environment."""
    run([sys.executable, "-m", "venv", folder / "venv"], folder)
    programs = folder / "venv" / "bin"
    run([programs / "python", "-m", "pip", "install", "--quiet", wheel], folder)
    home = folder / "home"
    home.mkdir()
    mldeploy, outside = programs / "mldeploy", without_ours(os.environ, home)
    said = run([mldeploy, "--version"], home, outside).split()
    if str(version) not in said:
        raise ReleaseError(f"`mldeploy --version` prints {' '.join(said)!r}, not {version}")
    run([mldeploy, "init", "shop", "--yes"], home, outside)
    run([mldeploy, "train"], home / "shop", outside)
    run([mldeploy, "invoke", "--local", "--process", "--golden"], home / "shop", outside)


def without_ours(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the variables of a user's shell, without settings that reach the wheel's program."""
    ours = re.compile(r"PYTHON\w*|VIRTUAL_ENV|MLDEPLOY_\w+|AWS_\w+|XDG_\w+|COVERAGE_\w+")
    kept = {name: value for name, value in environ.items() if not ours.fullmatch(name)}
    return {**kept, "HOME": str(home)}


def keep(built: Built, source: Path, root: Path) -> tuple[Path, ...]:
    """Copy the files to dist/, write the version and the changelog here, and return the files."""
    target = root / "dist"
    target.mkdir(exist_ok=True)
    kept = [Path(shutil.copy2(one, target)) for one in (built.wheel, built.sdist)]
    notes = target / built.sdist.name.replace(".tar.gz", "-notes.md")
    notes.write_text(built.notes)
    for name in (VERSION_FILE, CHANGELOG):
        shutil.copyfile(source / name, root / name)
    for fragment in (root / FRAGMENTS).glob("*.md"):
        fragment.unlink()
    return (*kept, notes)


def next_steps(version: Version, published: tuple[Path, ...], root: Path) -> str:
    """Return what a person runs next."""
    wheel, sdist, notes = (path.relative_to(root) for path in published)
    python = Path(".venv", "bin", "python")
    lines = [
        f"\n{wheel} and {sdist} are checked; the notes are in {notes}.",
        f"{VERSION_FILE}, {CHANGELOG} and {FRAGMENTS}/ have changed, uncommitted. Next:\n",
        "  git diff                      # read the changelog once more",
        f"  git commit -am 'Release {version}'",
        f"  git tag -a v{version} --cleanup=whitespace -F {notes}",
        f"  git push origin HEAD v{version}",
        f"  {python} -m twine upload {wheel} {sdist}",
    ]
    if "urls" not in tomllib.loads((root / "pyproject.toml").read_text())["project"]:
        lines.append("\nnote: pyproject.toml has no [project.urls], so PyPI's page links nowhere.")
    return "\n".join(lines)


def digest(path: Path) -> str:
    """Return the file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def git(root: Path, *words: str) -> str:
    """Return what git prints."""
    return run(["git", *words], root)


def run(command: list[str | Path], folder: Path, environ: Mapping[str, str] | None = None) -> str:
    """Run the command in the folder and return its standard output."""
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        words = " ".join(map(str, command))
        raise ReleaseError(f"`{words}` failed ({done.returncode})\n{done.stdout}{done.stderr}")
    return done.stdout


def step(name: str) -> None:
    """Print what is done now."""
    print(f"== {name}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
