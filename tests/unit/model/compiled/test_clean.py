"""The clean process of the gate."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mldeploy.files.shipped import shipped
from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.gate import clean
from mldeploy.model.compiled.saving import save
from tests.unit.model.compiled.sown import model

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]


def run(folder: Path, program: Path, template: Path) -> "subprocess.CompletedProcess[str]":
    """Ask a compiled model for the labels of two flowers."""
    converter = Converter()
    root = converter.convert(model("logistic").estimator)
    save(root, converter.pairs, folder / "m")
    case = {"node": 0, "methods": ["predict"], "alone": False, "trees": [], "count": 2}
    features = [{"name": str(number), "storage": "float64"} for number in range(4)]
    told = {
        "file": str(folder / "m"),
        "endpoint": str(template),
        "signature": {"input": "array"},
        "features": features,
        "cases": [case],
        "methods": ["predict"],
        "requests": [ROWS],
    }
    (folder / "cases.json").write_text(json.dumps(told))
    (folder / "0.json").write_text(json.dumps(ROWS))
    return subprocess.run(
        [sys.executable, "-E", str(program), str(folder)],
        input="0\n",
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_where_a_wheel_has_installed_it(tmp_path: Path) -> None:
    """Its own files and the image's code then lie in a folder of installed packages."""
    place = tmp_path / "site-packages"
    shutil.copytree(Path(clean.__file__).parent, place / "gate")
    shutil.copytree(shipped("image_template"), place / "image_template")
    ran = run(tmp_path, place / "gate/clean.py", place / "image_template")
    assert ran.returncode == 0, ran.stderr
    assert json.loads((tmp_path / "outcomes.json").read_text()) == [[[["0-predict-0.npy"], [], ""]]]
    answered, seconds = ran.stdout.split()
    assert answered == "answered"
    assert 0 < float(seconds) < 1


@pytest.mark.parametrize("package", ["scipy", "sklearn", "pandas", "joblib"])
def test_it_has_numpy_alone(package: str, tmp_path: Path) -> None:
    """A compiled model that imports something else fails."""
    template = tmp_path / "image_template"
    shutil.copytree(shipped("image_template"), template)
    path = template / "endpoint/compiled/linear.py"
    path.write_text(
        path.read_text().replace("import numpy as np", f"import {package}\nimport numpy as np")
    )
    ran = run(tmp_path, Path(clean.__file__), template)
    assert ran.returncode
    assert f"No module named '{package}'" in ran.stderr or "doesn't know" in ran.stderr


KEPT = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
from endpoint.compiled.file import read
read(Path(sys.argv[2]))
def use():
    return [np.ones(65_536) for _ in range(8)]
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_the_memory_of_arrays_is_kept(tmp_path: Path) -> None:
    """Else the kernel clears 1,024 pages whenever eight arrays of 512 kB are made."""
    converter = Converter()
    save(converter.convert(model("logistic").estimator), converter.pairs, tmp_path / "m")
    done = subprocess.run(
        [sys.executable, "-c", KEPT, str(shipped("image_template")), str(tmp_path / "m")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 1024
