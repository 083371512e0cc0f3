"""Which of the project's modules a model needs; each project is looked at in a new process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.needs.local_modules import (
    copy_into,
    find,
    hint_for,
    locate,
    reached,
    require_unshadowed,
    summary,
    tops,
)

_PROGRAM = """
import importlib, json, sys
from pathlib import Path
from mldeploy.model.needs.local_modules import find
root, path, imported, named, included = json.loads(sys.argv[1])
sys.path[:0] = path
for name in imported:
    importlib.import_module(name)
found = find(named, [Path(one) for one in path], Path(root), included)
print(json.dumps({key: Path(one).relative_to(root).as_posix() for key, one in found.items()}))
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def found_in(
    root: Path, named: str, *, path: str = ".", imported: str = "", included: str = ""
) -> dict[str, str]:
    """Return what `find` finds in a process that has imported these modules."""
    request: list[Any] = [
        str(root),
        [str(root / one) for one in path.split()],
        imported.split(),
        named.split(),
        included.split(),
    ]
    done = subprocess.run(
        [sys.executable, "-P", "-c", _PROGRAM, json.dumps(request)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_module_and_what_it_imports_come_along(tmp_path: Path) -> None:
    """Imports in functions count too; what nothing imports stays, train.py among it."""
    write(
        tmp_path,
        {
            "train.py": "import features\n",
            "features.py": "import json, numpy\ndef f():\n    from helpers import g\n",
            "helpers.py": "import importlib\nx = importlib.import_module('words')\n",
            "words.py": "",
            "unused.py": "",
        },
    )
    found = found_in(tmp_path, "features sklearn.pipeline", imported="features")
    assert found == {name: name for name in ("features.py", "helpers.py", "words.py")}
    assert "train.py" in found_in(tmp_path, "train")


def test_modules_go_by_their_names_not_by_their_folders(tmp_path: Path) -> None:
    """What train.py imports from src/ is imported without src in the image too."""
    write(tmp_path, {"src/features.py": "", "src/features_b.py": "", "features.py": "old = 1"})
    assert found_in(tmp_path, "features", path="src .") == {"features.py": "src/features.py"}
    named = found_in(tmp_path, "src.features", path="src .")
    assert named == {"src/features.py": "src/features.py"}


def test_what_was_imported_counts_more_than_what_would_be_found(tmp_path: Path) -> None:
    """train.py may change sys.path; the files are those that it really imported."""
    lines = (
        "import sys\nsys.path.insert(0, __file__[:-13] + 'jobs')\n"
        "import features\nsys.path.pop(0)\n"
    )
    write(tmp_path, {"jobs/features.py": "", "features.py": "", "setup_path.py": lines})
    found = found_in(tmp_path, "features", imported="setup_path")
    assert found == {"features.py": "jobs/features.py"}


def test_a_package_comes_as_a_whole(tmp_path: Path) -> None:
    """With its data; caches, hidden files, environments, links and model bundles stay out."""
    write(
        tmp_path,
        {
            "mypkg/__init__.py": "",
            "mypkg/steps.py": "from .deep import core\nfrom . import near\n",
            "mypkg/near.py": "import beside\n",
            "mypkg/deep/__init__.py": "",
            "mypkg/deep/core.py": "from ..words import w\n",
            "mypkg/words.py": "",
            "mypkg/data/words.txt": "a",
            "mypkg/.secret": "no",
            "mypkg/__pycache__/steps.cpython-312.pyc": "no",
            "mypkg/venv/lib/x.py": "no",
            "mypkg/m/model.json": "{}",
            "mypkg/m/golden.json": "{}",
            "beside.py": "",
        },
    )
    (tmp_path / "mypkg/link.py").symlink_to("/etc/hostname")
    found = found_in(tmp_path, "mypkg.steps")
    assert sorted(found) == [
        "beside.py",
        "mypkg/__init__.py",
        "mypkg/data/words.txt",
        "mypkg/deep/__init__.py",
        "mypkg/deep/core.py",
        "mypkg/near.py",
        "mypkg/steps.py",
        "mypkg/words.py",
    ]


def test_of_a_namespace_package_come_the_modules_that_are_reached(tmp_path: Path) -> None:
    """A folder without __init__.py is no unit: it may hold anything."""
    write(tmp_path, {"jobs/a.py": "import jobs.b", "jobs/b.py": "", "jobs/c.py": ""})
    assert sorted(found_in(tmp_path, "jobs.a")) == ["jobs/a.py", "jobs/b.py"]


def test_environments_and_other_folders_are_not_the_projects(tmp_path: Path) -> None:
    """Installed packages below the project, and modules beside it, stay out."""
    root = tmp_path / "project"
    write(root, {"env/lib/thing.py": "", "env/pyvenv.cfg": "", ".hidden/secret.py": ""})
    write(root, {"lib/site-packages/other.py": "", "mine.py": "import thing, secret, other, far"})
    write(tmp_path, {"far.py": ""})
    path = ". env/lib .hidden lib/site-packages .."
    assert sorted(found_in(root, "mine", path=path)) == ["mine.py"]


def test_an_editable_install_below_the_project_is_local(tmp_path: Path) -> None:
    """A `.pth` names its src folder: it is on sys.path, and in no list of roots."""
    write(tmp_path, {"pkg/src/mypkg/__init__.py": "", "pkg/src/mypkg/a.py": "import numpy"})
    found = found_in(tmp_path, "mypkg.a", path=". pkg/src")
    assert found["mypkg/__init__.py"] == "pkg/src/mypkg/__init__.py"


def test_what_is_included_by_name_stays_out_and_is_followed(tmp_path: Path) -> None:
    """The image has it already; what it imports of the user's comes along."""
    write(tmp_path, {"hooks.py": "import helpers", "helpers.py": "", "lib/a.py": ""})
    assert sorted(found_in(tmp_path, "", included="hooks.py")) == ["helpers.py"]
    assert found_in(tmp_path, "lib.a", included="lib") == {}


@pytest.mark.parametrize("name", ["endpoint", "model", "awslambdaric", "queue"])
def test_a_name_that_the_image_has_is_refused(tmp_path: Path, name: str) -> None:
    """MLD233 names the module and what has the name."""
    found = {f"{name}.py": write(tmp_path, {"x.py": ""}) / "x.py"}
    with pytest.raises(MldeployError, match=f"the project's module {name} ") as raised:
        require_unshadowed(found)
    assert raised.value.code == "MLD233"


def test_a_name_of_a_requirement_is_refused() -> None:
    """Only of those that the image installs; a namespace package may be shared."""
    require_unshadowed(["yaml.py"], ["joblib"])
    require_unshadowed(["joblib/mine.py"], ["joblib"])
    with pytest.raises(MldeployError, match="requirement joblib also has a module joblib"):
        require_unshadowed(["joblib/__init__.py"], ["joblib"])


def test_a_package_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """The largest file is named, for it is what has to move."""
    write(tmp_path, {"big/__init__.py": "", "big/data.csv": "1" * 2000})
    with pytest.raises(MldeployError, match="too large") as raised:
        find(["big"], [tmp_path], tmp_path, largest=1000)
    assert raised.value.code == "MLD233"
    assert "big/data.csv" in raised.value.hint


def test_a_file_with_an_unusual_name_is_refused(tmp_path: Path) -> None:
    """A bundle may not hold it, and left out it might be missed."""
    write(tmp_path, {"odd/__init__.py": "", "odd/a\nb.txt": ""})
    with pytest.raises(MldeployError, match="can't go into the image"):
        find(["odd"], [tmp_path], tmp_path)


def test_a_missing_module_is_located_or_not(tmp_path: Path) -> None:
    """Files for one of the project's, None for any other."""
    write(tmp_path, {"late_one.py": "import late_two", "late_two.py": ""})
    assert sorted(locate("late_one", [tmp_path], tmp_path) or {}) == ["late_one.py", "late_two.py"]
    assert locate("numpy", [tmp_path], tmp_path) is None
    assert locate("nothing_at_all", [tmp_path], tmp_path) is None


def test_only_what_is_imported_says_what_is_needed(tmp_path: Path) -> None:
    """A package's plots.py comes along; what it imports is no requirement of the model."""
    files = {"p/__init__.py": "", "p/a.py": "from .b import c", "p/b.py": "", "p/plots.py": ""}
    write(tmp_path, files)
    found = {name: tmp_path / name for name in files}
    names = [one.relative_to(tmp_path).as_posix() for one in reached(["p.a"], found)]
    assert names == ["p/__init__.py", "p/a.py", "p/b.py"]


def test_copies_are_recorded_by_their_hashes(tmp_path: Path) -> None:
    """A later change of the project's file doesn't reach the copy."""
    write(tmp_path, {"a.py": "x = 1\n"})
    digests = copy_into({"pkg/a.py": tmp_path / "a.py"}, tmp_path / "bundle")
    (tmp_path / "a.py").write_text("x = 2\n")
    assert (tmp_path / "bundle/code/pkg/a.py").read_text() == "x = 1\n"
    assert digests.keys() == {"pkg/a.py"}


def test_what_is_shown_is_short() -> None:
    """Modules by their files, packages by their folders."""
    assert summary(["p/b.py", "features.py", "p/a.py"]) == "features.py, p/"
    assert tops(["p/__init__.py", "ns/a.py", "f.cpython-312-x86_64-linux-gnu.so"]) == {"p", "f"}


def test_a_hint_says_where_a_module_is(tmp_path: Path) -> None:
    """In a folder of the project, outside it, in an environment, or nowhere."""
    root = write(tmp_path / "project", {"jobs/aa_features.py": "", "aa_here.py": ""})
    assert "import it as jobs.aa_features" in hint_for("aa_features", root)
    assert "aa_here is part of the project" in hint_for("aa_here.x", root)
    assert "requirements" in hint_for("aa_nowhere", root)
    assert "requirements" in hint_for("yaml", root)
    (root / "aa_venv").symlink_to(tmp_path / "far")
    sys.path.append(str(write(tmp_path / "far", {"aa_far.py": ""})))
    try:
        assert f"copy {tmp_path / 'far/aa_far.py'}" in hint_for("aa_far", root)
    finally:
        sys.path.pop()
