"""What `build/prune.py` takes out of the requirements, and what `build/imports.py` sees broken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "image_template" / "build"

TREE = {
    "lib/__init__.py": "from lib import fast",
    "lib/fast.py": "import lib.testing",
    "lib/fast.so": "a library",
    "lib/fast.pyx": "cdef",
    "lib/fast.pxd": "cdef",
    "lib/fast.c": "int main;",
    "lib/fast.pyi": "...",
    "lib/include/lib/fast.h": "#define",
    "lib/libfast.a": "!<arch>",
    "lib/conftest.py": "from lib.tests import test_fast",
    "lib/testing/__init__.py": "from lib.core.tests._natype import NA",
    "lib/tests/__init__.py": "",
    "lib/tests/test_fast.py": "import lib.more.test",
    "lib/tests/data/fast.csv": "1,2",
    "lib/core/__init__.py": "",
    "lib/core/tests/__init__.py": "",
    "lib/core/tests/_natype.py": "from . import _deeper\nNA = _deeper.NA",
    "lib/core/tests/_deeper.py": "NA = None",
    "lib/core/tests/test_core.py": "import _natype",
    "lib/more/__init__.py": '"""Runs the tests."""',
    "lib/more/test/__init__.py": "",
    "lib/data/test/rows.csv": "1,2",
    "lib/data/train/rows.csv": "1,2",
    "lib/py.typed": "",
    "lazy/__init__.py": "lazy.attach_stub(__name__, __file__)",
    "lazy/__init__.pyi": "...",
    "lazy/other.py": "",
    "lazy/other.pyi": "...",
    "lib-1.0.dist-info/METADATA": "Name: lib",
    "lib-1.0.dist-info/RECORD": "",
    "lib-1.0.dist-info/licenses/vendored/tests/LICENSE.h": "MIT",
    "tests/__init__.py": "",
    "single.py": "",
}
STAYS = {
    "lib/__init__.py",
    "lib/fast.py",
    "lib/fast.so",
    "lib/testing/__init__.py",
    "lib/core/__init__.py",
    "lib/core/tests/__init__.py",
    "lib/core/tests/_natype.py",
    "lib/core/tests/_deeper.py",
    "lib/more/__init__.py",
    "lib/data/test/rows.csv",
    "lib/data/train/rows.csv",
    "lib/py.typed",
    "lazy/__init__.py",
    "lazy/__init__.pyi",
    "lazy/other.py",
    "lib-1.0.dist-info/METADATA",
    "lib-1.0.dist-info/RECORD",
    "lib-1.0.dist-info/licenses/vendored/tests/LICENSE.h",
    "single.py",
}


def write(folder: Path, tree: dict[str, str]) -> Path:
    for name, content in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def names_in(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def run(script: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of the build as the Dockerfile does."""
    return subprocess.run(
        [sys.executable, BUILD / script, *arguments], capture_output=True, text=True, check=False
    )


def prune(folder: Path, aside: Path) -> str:
    done = run("prune.py", folder, aside)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tests_and_sources_for_compilers_go(tmp_path: Path) -> None:
    """What stays: code, data, metadata, stubs read at run time, tests that others import."""
    folder = write(tmp_path / "task", TREE)
    told = prune(folder, tmp_path / "aside")
    assert names_in(folder) == STAYS
    assert names_in(tmp_path / "aside") == set(TREE) - STAYS
    assert told.startswith(f"pruned {len(TREE) - len(STAYS)} files, ")


def test_folders_that_are_empty_go_too(tmp_path: Path) -> None:
    """An empty folder in site-packages is a package without content to Python."""
    folder = write(tmp_path / "task", TREE)
    prune(folder, tmp_path / "aside")
    empty = [one for one in folder.rglob("*") if one.is_dir() and not any(one.iterdir())]
    assert not empty
    assert not (folder / "lib" / "include").exists()


def test_pruning_twice_and_in_another_order_is_the_same(tmp_path: Path) -> None:
    """Equal content gives an equal layer, whatever the file system's order; nothing goes later."""
    first = write(tmp_path / "a", TREE)
    second = write(tmp_path / "b", dict(reversed(TREE.items())))
    assert prune(first, tmp_path / "x") == prune(second, tmp_path / "y")
    assert names_in(first) == names_in(second)
    assert prune(first, tmp_path / "x").startswith("pruned 0 files")


def test_what_imports_a_relative_test_keeps_it(tmp_path: Path) -> None:
    """`from ..tests import helpers`, with the dots counted from the module's own package."""
    tree = {
        "a/__init__.py": "",
        "a/b/__init__.py": "from ..tests import helpers",
        "a/b/tests/helpers.py": "",
        "a/tests/helpers.py": "from .more import x",
        "a/tests/more.py": "x = 1",
        "a/tests/other.py": "",
        "template.py": "{{ a template of tests }}: import",
    }
    folder = write(tmp_path / "task", tree)
    prune(folder, tmp_path / "aside")
    assert names_in(tmp_path / "aside") == {"a/b/tests/helpers.py", "a/tests/other.py"}


@pytest.mark.parametrize(
    ("needs", "broken"),
    [
        ("import importlib; importlib.import_module('lib' + '.tests')", True),
        ("open(__file__.replace('__init__.py', 'fast.h'))", True),
        ("raise SystemExit('never')", False),
        ("import os; os._exit(0)", False),
        ("import absent", False),
        ("", False),
    ],
    ids=["test", "header", "exit", "crash", "never", "fine"],
)
def test_an_import_that_pruning_broke_is_named(tmp_path: Path, needs: str, broken: bool) -> None:  # noqa: FBT001 - a table's column
    """One that failed before is none of its business."""
    tree = {
        "fine.py": "",
        "lib/__init__.py": needs,
        "lib/fast.h": "",
        "lib/tests/__init__.py": "",
        "zzz.py": "import importlib; importlib.import_module('lib' + '.tests')",
    }
    if not broken:
        tree["zzz.py"] = ""
    folder = write(tmp_path / "task", tree)
    prune(folder, tmp_path / "aside")
    done = run("imports.py", folder, tmp_path / "aside")
    assert done.returncode == int(broken), done.stderr
    assert ("pruning broke the import of lib, zzz" in done.stderr) is broken


def test_a_module_that_ends_the_process_hides_no_other(tmp_path: Path) -> None:
    """Those after it have their turn."""
    tree = {
        "lib/__init__.py": "import os; os._exit(0)",
        "lib/tests/__init__.py": "",
        "more/__init__.py": "open(__file__.replace('__init__.py', 'fast.h'))",
        "more/fast.h": "",
    }
    folder = write(tmp_path / "task", tree)
    prune(folder, tmp_path / "aside")
    done = run("imports.py", folder, tmp_path / "aside")
    assert done.returncode == 1
    assert "pruning broke the import of more" in done.stderr


def test_the_import_check_leaves_the_folder_alone(tmp_path: Path) -> None:
    """What a module writes beside itself would make a layer of its own."""
    tree = {"lib/__init__.py": "open(__file__ + '.cache', 'w')"}
    folder = write(tmp_path / "task", tree)
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (0, 0))
    assert run("imports.py", folder, tmp_path / "aside").returncode == 0
    assert names_in(folder) == set(tree)
    assert {path.stat().st_mtime for path in folder.rglob("*")} == {0}


def test_where_nothing_was_pruned_nothing_can_be_broken(tmp_path: Path) -> None:
    """An import that fails has another reason then."""
    folder = write(tmp_path / "task", {"lib/__init__.py": "import absent"})
    assert prune(folder, tmp_path / "aside").startswith("pruned 0 files")
    assert run("imports.py", folder, tmp_path / "aside").returncode == 0
