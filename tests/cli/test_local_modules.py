"""The real `train` takes along what the model needs of the project, and that is served."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.wheel_index import index_of_all

CONFIG = """
[project]
name = "probe"
region = "eu-central-1"
{more}
[api]
auth = "none"
"""
TRAIN = """
import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
{imports}


def data():
    X = np.random.default_rng(1).normal(size=(60, 3))
    return X, X.sum(axis=1)


def estimator():
    return make_pipeline(FunctionTransformer({function}), LinearRegression())
"""
DOUBLE = "def double(X):\n    return X * 2\n"


def project(root: Path, train: str, files: dict[str, str], more: str = "") -> Path:
    """Write a project."""
    everything = {"mldeploy.toml": CONFIG.format(more=more), "train.py": train, **files}
    for name, text in everything.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def run_train(root: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run `mldeploy train`."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "mldeploy", "train"],
        cwd=root,
        env={**os.environ, "MLDEPLOY_IMAGE__INDEX_URL": index_of_all(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def code_of(root: Path, **variables: str) -> list[str]:
    """Train, and return the paths of the local modules in the bundle."""
    done = run_train(root, **variables)
    assert done.returncode == 0, done.stderr
    return sorted(json.loads((root / "model/model.json").read_text())["code"])


def test_a_module_beside_train_py(tmp_path: Path) -> None:
    """It comes with what it imports in a function; train.py and its helpers stay."""
    root = project(
        tmp_path / "project",
        TRAIN.format(imports="import loading\nfrom features import double", function="double"),
        {
            "features.py": "def double(X):\n    from factors import two\n    return X * two\n",
            "factors.py": "two = 2\n",
            "loading.py": "",
        },
    )
    assert code_of(root) == ["factors.py", "features.py"]
    assert (root / "model/code/factors.py").read_text() == "two = 2\n"


def test_a_package_and_its_data(tmp_path: Path) -> None:
    """It comes as a whole; what a module of it imports that never runs is no requirement."""
    root = project(
        tmp_path / "project",
        TRAIN.format(imports="from steps.core import double", function="double"),
        {
            "steps/__init__.py": "",
            "steps/core.py": "from pathlib import Path\n"
            "WORDS = Path(__file__).with_name('words.txt').read_text()\n" + DOUBLE,
            "steps/words.txt": "a",
            "steps/plots.py": "import moto\n",
        },
    )
    assert code_of(root) == [
        "steps/__init__.py", "steps/core.py", "steps/plots.py", "steps/words.txt",
    ]  # fmt: skip
    assert "moto" not in (root / "model/requirements.txt").read_text()


def test_a_function_in_train_py(tmp_path: Path) -> None:
    """The pickle names the train module, so it comes too."""
    root = project(tmp_path / "p", TRAIN.format(imports=DOUBLE, function="double"), {})
    assert code_of(root) == ["train.py"]


def test_train_py_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """What it imports from beside it is imported without the folder in the image."""
    train = TRAIN.format(imports="from features import double", function="double")
    files = {"src/train.py": train, "src/features.py": DOUBLE}
    root = project(tmp_path / "p", "", files, 'train = "src/train.py"')
    assert code_of(root) == ["features.py"]


def test_a_source_folder_on_the_path(tmp_path: Path) -> None:
    """As an editable install with a src layout puts it there, by a .pth file."""
    train = TRAIN.format(imports="from mypkg.core import double", function="double")
    files = {"lib/src/mypkg/__init__.py": "", "lib/src/mypkg/core.py": DOUBLE}
    root = project(tmp_path / "p", train, files)
    found = code_of(root, PYTHONPATH=str(root / "lib/src"))
    assert found == ["mypkg/__init__.py", "mypkg/core.py"]


def test_what_the_hooks_import(tmp_path: Path) -> None:
    """The hooks' module itself is in the image already."""
    root = project(
        tmp_path / "p",
        TRAIN.format(imports="import numpy", function="None"),
        {
            "hooks.py": "from shaping import shape\ndef preprocess(X):\n    return shape(X)\n",
            "shaping.py": "def shape(X):\n    return X * 2\n",
        },
        'hooks = "hooks.py"',
    )
    assert code_of(root) == ["shaping.py"]


def test_a_module_that_no_import_names(tmp_path: Path) -> None:
    """The clean process shows that it is missing, and it is taken along then."""
    late = "import importlib\ndef double(X):\n    name = 'la' + 'te'\n"
    late += "    return importlib.import_module(name).double(X)\n"
    root = project(
        tmp_path / "p",
        TRAIN.format(imports="from features import double", function="double"),
        {"features.py": late, "late.py": "import factors\n" + DOUBLE, "factors.py": ""},
    )
    assert code_of(root) == ["factors.py", "features.py", "late.py"]


def test_what_is_included_by_name_is_not_taken_twice(tmp_path: Path) -> None:
    """[image] include says which file the image gets."""
    root = project(
        tmp_path / "p",
        TRAIN.format(imports="from features import double", function="double"),
        {"features.py": "import factors\n" + DOUBLE, "factors.py": ""},
        '[image]\ninclude = ["features.py"]',
    )
    assert code_of(root) == ["factors.py"]


def test_a_name_that_the_image_has(tmp_path: Path) -> None:
    """MLD233 before the fit; nothing is written."""
    train = TRAIN.format(imports="from endpoint import double", function="double")
    root = project(tmp_path / "p", train, {"endpoint.py": DOUBLE})
    done = run_train(root)
    assert done.returncode != 0
    assert "MLD233" in done.stderr
    assert "the project's module endpoint can't go into the image" in done.stderr
    assert not (root / "model").exists()


def install(site: Path, name: str, url: dict[str, object]) -> None:
    """Install a package of one module as pip would from an address."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{name}.py,,\n")
    (info / "direct_url.json").write_text(json.dumps(url))
    (site / f"{name}.py").write_text(DOUBLE)


def test_a_package_that_was_installed_from_a_folder(tmp_path: Path) -> None:
    """MLD232, before anything is fitted: the index's namesake would be another package."""
    install(tmp_path / "site-packages", "aafork", {"url": "file:///home/me/fork", "dir_info": {}})
    train = TRAIN.format(imports="from aafork import double", function="double")
    train += "    print('made')\n"
    root = project(tmp_path / "p", train, {})
    done = run_train(root, PYTHONPATH=str(tmp_path / "site-packages"))
    assert done.returncode != 0
    assert "MLD232" in done.stderr
    assert "aafork was installed from a folder (/home/me/fork)" in done.stderr
    assert not (root / "model").exists()
