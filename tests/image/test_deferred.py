"""What a model doesn't use isn't imported before it answers, and what it uses is there."""

import subprocess
import sys
from pathlib import Path

import pytest

from mldeploy.model.forms import served
from tests.support.models import IRIS, bundle_of, task_of

ASKED = """
import sys
sys.path.insert(0, sys.argv[1])
from endpoint.handler import handle
row = [float(one) for one in sys.argv[2].split(",")]
answer = handle({"features": row}, None)
print(answer.get("prediction", answer))
print("scipy.stats._stats_py" in sys.modules)
"""
USES = """
import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer


def data():
    return np.arange(40.0).reshape(20, 2), np.arange(20.0)


def estimator():
    # Its transform asks scipy.stats.norm.
    normal = QuantileTransformer(n_quantiles=10, output_distribution="normal")
    return make_pipeline(normal, LinearRegression())
"""
DERIVES = """
from scipy import stats


class Mine(stats.rv_continuous):
    pass
"""


def asked(task: Path, row: str) -> tuple[str, bool]:
    """Return the answer of a fresh process, and whether scipy.stats was imported for it."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED, str(task), row],
        cwd=task,
        env={"LAMBDA_TASK_ROOT": str(task), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    *_, answer, imported = done.stdout.splitlines()
    return answer, imported == "True"


def test_a_start_imports_no_more_than_the_model_needs(tmp_path: Path) -> None:
    """The tutorial's model answers without scipy.stats, and training found that it can."""
    bundle = bundle_of(IRIS)
    assert served(bundle.facts)["deferred"] == ["scipy.stats"]
    answer, imported = asked(task_of(bundle, tmp_path / "task"), "5.1,3.5,1.4,0.2")
    assert "'setosa'" in answer
    assert not imported


def test_what_a_model_uses_is_imported(tmp_path: Path) -> None:
    """A function of it that is called is the real one: nothing is deferred, and it works."""
    bundle = bundle_of(USES)
    assert served(bundle.facts)["deferred"] == []
    answer, imported = asked(task_of(bundle, tmp_path / "task"), "3,3")
    assert ("value" in answer, imported) == (True, True)


def test_a_module_that_derives_from_it_stops_the_deferral() -> None:
    """Hooks that need a real class get one: training sees that the stand-in won't do."""
    hooks = f"{DERIVES}\n\ndef postprocess(answers):\n    return answers\n"
    bundle = bundle_of(IRIS, hooks=hooks)
    assert served(bundle.facts)["deferred"] == []


def test_a_late_name_is_the_real_one(tmp_path: Path) -> None:
    """It is called, and asked for attributes, as what it stands for; other modules see it too."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from endpoint.deferred import defer, used
defer(["scipy.stats", "not_there_at_all"])
from scipy import stats
from scipy.stats import norm, rankdata
import scipy.stats
assert used(["scipy.stats"]) == []
print(rankdata([3, 1, 2]).tolist(), round(norm.cdf(0), 3), stats.gmean([1, 4]))
assert used(["scipy.stats"]) == ["scipy.stats"]
import scipy.stats.mstats
assert scipy.stats.mstats.gmean([1, 4]) == 2
"""
    root = Path(__file__).parents[2] / "image_template"
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[3.0, 1.0, 2.0] 0.5 2.0", done.stderr


@pytest.mark.parametrize("name", ["scipy.stats", "json"])
def test_what_is_there_already_stays(name: str) -> None:
    """A module that is imported isn't replaced."""
    root = Path(__file__).parents[2] / "image_template"
    code = (
        f"import sys, {name}; sys.path.insert(0, sys.argv[1]); from endpoint.deferred import *\n"
        f"before = sys.modules[{name!r}]; defer([{name!r}])\n"
        f"assert sys.modules[{name!r}] is before and used([{name!r}]) == [{name!r}]"
    )
    subprocess.run([sys.executable, "-c", code, str(root)], check=True)
