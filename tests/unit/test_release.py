"""`make release` refuses what isn't ready, and publishes what it has checked."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from tools import release

ROOT = Path(__file__).parents[2]
HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
PROJECT = '[project]\nname = "mldeploy"\nversion = "1.2.0"\n'


def git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository whose last release is 1.1.0, with two changes since."""
    root = tmp_path / "tree"
    (root / "changelog.d").mkdir(parents=True)
    (root / "mldeploy").mkdir()
    (root / release.VERSION_FILE).write_text('"""x."""\n\n__version__ = "1.1.0"\n')
    (root / release.CHANGELOG).write_text(
        "# Changelog\n\n<!-- releases -->\n\n## 1.1.0 (2026-01-02)\n\n### Added\n\n- old\n"
    )
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(ROOT / "changelog.d" / "template.md.jinja", root / "changelog.d")
    (root / "changelog.d" / "b.fixed.md").write_text("- repaired\n")
    (root / "changelog.d" / "a.added.md").write_text("- new,\n  in two lines\n- newer\n")
    git(root.parent, "init", "-q", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "x")
    return root


@pytest.mark.parametrize(
    "text", ["", "1.2", "v1.2.0", "1.2.0.0", "1.02.0", "1.2.0+local", "1.2.0rc1", "next"]
)
def test_a_version_has_three_numbers(text: str) -> None:
    """What PyPI and a tag would spell in two ways isn't accepted."""
    with pytest.raises(release.ReleaseError, match=r"x\.y\.z"):
        release.wanted_version(text)


def test_a_version_of_three_numbers_is_accepted() -> None:
    """Each may have several digits."""
    assert release.wanted_version("1.20.3") == Version("1.20.3")


def test_what_is_ready_is_released(tree: Path) -> None:
    """A clean tree with changes and a higher version isn't refused."""
    release.refuse_unready(tree, Version("1.2.0"))


def test_a_tree_with_changes_is_refused(tree: Path) -> None:
    """What isn't committed would be missing in the release, so its files are named."""
    (tree / "forgotten.py").touch()
    with pytest.raises(release.ReleaseError, match=r"forgotten\.py"):
        release.refuse_unready(tree, Version("1.2.0"))


@pytest.mark.parametrize("version", ["1.1.0", "1.0.9", "1.1.0rc1"])
def test_a_version_of_the_changelog_or_below_is_refused(tree: Path, version: str) -> None:
    """A release is newer than each one before."""
    with pytest.raises(release.ReleaseError, match=r"isn't newer than 1\.1\.0"):
        release.refuse_unready(tree, Version(version))


def test_a_version_that_has_a_tag_is_refused(tree: Path) -> None:
    """A tag counts as a release, also where the changelog doesn't know it."""
    git(tree, "tag", "v1.10.0")
    with pytest.raises(release.ReleaseError, match=r"isn't newer than 1\.10\.0"):
        release.refuse_unready(tree, Version("1.9.0"))


def test_a_release_without_changes_is_refused(tree: Path) -> None:
    """Notes are made of fragments, so there has to be one."""
    git(tree, "rm", "-q", "changelog.d/a.added.md", "changelog.d/b.fixed.md")
    git(tree, "commit", "-qm", "y")
    with pytest.raises(release.ReleaseError, match="holds no change"):
        release.refuse_unready(tree, Version("1.2.0"))


def test_the_fragments_become_a_section_of_the_changelog(tree: Path, tmp_path: Path) -> None:
    """The newest release comes first, its notes are that section, and the fragments are gone."""
    source = tmp_path / "source"
    release.checkout(tree, source)
    notes = release.assemble(source, Version("1.2.0"))
    assert notes == "### Added\n\n- new,\n  in two lines\n- newer\n\n### Fixed\n\n- repaired\n"
    head, _, rest = (source / release.CHANGELOG).read_text().partition("## 1.2.0 (")
    assert head == "# Changelog\n\n<!-- releases -->\n\n"
    assert notes in rest
    assert rest.endswith("## 1.1.0 (2026-01-02)\n\n### Added\n\n- old\n")
    assert [one.name for one in (source / "changelog.d").iterdir()] == ["template.md.jinja"]


def test_a_fragment_of_an_unknown_type_is_an_error(tree: Path) -> None:
    """A change whose file is named wrongly doesn't get lost."""
    (tree / "changelog.d" / "c.improved.md").write_text("- x\n")
    with pytest.raises(release.ReleaseError, match=r"c\.improved\.md"):
        release.assemble(tree, Version("1.2.0"))


def test_the_version_is_assigned_once() -> None:
    """The module keeps all but the version; where there is none to replace, that is said."""
    assert release.with_version('"""x."""\n__version__ = "1"\n', Version("1.2.0")) == (
        '"""x."""\n__version__ = "1.2.0"\n'
    )
    with pytest.raises(release.ReleaseError, match="0 times"):
        release.with_version("version = 1\n", Version("1.2.0"))


@pytest.mark.parametrize("complete", [True, False])
def test_the_sdist_has_to_build_the_same_wheel(tmp_path: Path, *, complete: bool) -> None:
    """An sdist that lacks a file of the wheel is refused."""
    source = tmp_path / "source"
    (source / "mldeploy").mkdir(parents=True)
    for name in ("__init__.py", "data.txt"):
        (source / "mldeploy" / name).write_text("x = 1\n")
    sdist = "" if complete else '[tool.hatch.build.targets.sdist]\nexclude = ["data.txt"]\n'
    (source / "pyproject.toml").write_text(HATCHLING + PROJECT + sdist)
    dist = tmp_path / "dist"
    release.run([sys.executable, "-m", "hatchling", "build", "-d", dist], source)
    built = release.Built(next(dist.glob("*.whl")), next(dist.glob("*.tar.gz")), "")
    if complete:
        release.check_sdist(built, tmp_path / "again")
        return
    with pytest.raises(release.ReleaseError, match="another wheel"):
        release.check_sdist(built, tmp_path / "again")


def test_what_was_checked_is_kept(tree: Path, tmp_path: Path) -> None:
    """The files go to dist/, version and changelog into the tree, and a person commits them."""
    source = tmp_path / "source"
    release.checkout(tree, source)
    file = source / release.VERSION_FILE
    file.write_text(release.with_version(file.read_text(), Version("1.2.0")))
    notes = release.assemble(source, Version("1.2.0"))
    wheel, sdist = tmp_path / "mldeploy-1.2.0-py3-none-any.whl", tmp_path / "mldeploy-1.2.0.tar.gz"
    wheel.write_text("wheel")
    sdist.write_text("sdist")
    kept = release.keep(release.Built(wheel, sdist, notes), source, tree)
    assert [one.relative_to(tree).as_posix() for one in kept] == [
        "dist/mldeploy-1.2.0-py3-none-any.whl",
        "dist/mldeploy-1.2.0.tar.gz",
        "dist/mldeploy-1.2.0-notes.md",
    ]
    assert kept[2].read_text() == notes
    assert '"1.2.0"' in (tree / release.VERSION_FILE).read_text()
    assert "## 1.2.0 (" in (tree / release.CHANGELOG).read_text()
    assert not list((tree / "changelog.d").glob("*.md"))
    assert "git tag -a v1.2.0" in release.next_steps(Version("1.2.0"), kept, tree)


def test_settings_of_this_shell_dont_reach_the_wheels_program(tmp_path: Path) -> None:
    """The fresh environment is tried as a user has it; the proxy and the PATH stay."""
    shell = {"PYTHONPATH": "x", "AWS_PROFILE": "x", "MLDEPLOY_STAGE": "x", "HOME": "x"}
    kept = {"PATH": "p", "HTTPS_PROXY": "q"}
    assert release.without_ours({**shell, **kept}, tmp_path) == {**kept, "HOME": str(tmp_path)}
