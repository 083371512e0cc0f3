"""Times of `mldeploy train`, compared with a plain fit and dump of the same model.

Both start Python and import what they need; the train module is the same. Iris fits instantly,
which shows the cost of verification; the forest takes about two seconds, without cross-validation.
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import interleaved, machine, run, show, show_ratio
from mldeploy.files.shipped import shipped

ROUNDS = 5
_PLAIN = """
import joblib
from train import data, estimator
found = data()
x, y = found if isinstance(found, tuple) else (found["data"], found["target"])
joblib.dump(estimator().fit(x, y), "plain.joblib")
"""
_FOREST = """
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier


def data():
    return make_classification(6000, 20, random_state=0)


def estimator():
    return RandomForestClassifier(70, random_state=0)
"""
_SETTINGS = '[project]\nname = "bench"\nregion = "eu-central-1"\n[api]\nauth = "none"\n'


def main() -> None:
    """Print times and ratios."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        iris, forest = Path(folder) / "iris", Path(folder) / "forest"
        _project(iris, (shipped("examples/iris") / "train.py").read_text(encoding="utf-8"), "")
        _project(forest, _FOREST, "[training]\ncv = 0\n")
        subjects = {}
        for name, root in (("iris", iris), ("forest", forest)):
            subjects[f"{name}: train"] = partial(_train, root, Path(folder) / "cache")
            subjects[f"{name}: plain fit and dump"] = partial(_plain, root)
        timings = interleaved(subjects, ROUNDS)
    show(timings)
    for name in ("iris", "forest"):
        show_ratio(timings, f"{name}: train", f"{name}: plain fit and dump")


def _project(root: Path, train: str, settings: str) -> None:
    root.mkdir()
    (root / "train.py").write_text(train, encoding="utf-8")
    (root / "mldeploy.toml").write_text(_SETTINGS + settings, encoding="utf-8")


def _train(root: Path, cache: Path) -> None:
    """Train; the check of wheels is cached after the unmeasured round."""
    command = [sys.executable, "-m", "mldeploy", "train", "--allow-useless"]
    run(command, cwd=root, env={"XDG_CACHE_HOME": str(cache)})


def _plain(root: Path) -> None:
    run([sys.executable, "-c", _PLAIN], cwd=root)
