"""What is wrong with a train module is said in the user's own terms."""

from pathlib import Path
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.measures.metrics import METRICS
from mldeploy.model.training import TrainingRequest, train_here
from tests.support.models import ROOT

SOUND = "from sklearn.linear_model import LogisticRegression as E, Ridge, LinearRegression\n"
SOUND += "from sklearn.cluster import KMeans\nimport numpy as np\n"
DATA = "def data(): return np.arange(40.).reshape(20, 2), [0, 1] * 10\n"
ESTIMATOR = "def estimator(): return E()\n"
BUNCH = "def data():\n    return {{'data': [[n] for n in range(20)], 'target': [0, 1] * 10, {}}}\n"
NEIGHBORS = "from sklearn.neighbors import KNeighborsClassifier as K\ndef estimator(): return K()\n"
LINEAR = "def estimator(): return LinearRegression()\n"
CLASSIFICATION, REGRESSION = (set(METRICS[task]) for task in ("classification", "regression"))
FRAME = "import pandas as pd\ndef data(): return pd.DataFrame({columns}), [0, 1] * 10\n"


@pytest.fixture
def facts_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Train a module in this process; its name is its own, for modules are cached."""
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(code: str, name: str = "") -> dict[str, Any]:
        path = tmp_path / (name or f"train_{abs(hash((code, str(tmp_path))))}.py")
        path.write_text(SOUND + code, encoding="utf-8")
        target = tmp_path / "target"
        target.mkdir(exist_ok=True)
        fitted = str(tmp_path / "fitted")
        return train_here(
            TrainingRequest(str(tmp_path), str(path), str(target), fitted), lambda _event: None
        )

    return run


@pytest.mark.parametrize(
    ("code", "number", "says"),
    [
        ("", "MLD212", "must define estimator()"),
        ("def estimator(): return 3", "MLD212", "found a int"),
        (ESTIMATOR, "MLD213", "must define data()"),
        (ESTIMATOR + "def data(): return 3", "MLD213", "(X, y, sample_weight), or a dict"),
        (ESTIMATOR + "def data(): return [[1]], [1], 3, 4", "MLD213", "got a tuple of 4"),
        (ESTIMATOR + "def data(): return {'data': [[1]], 'y': [1]}", "MLD213", "['data', 'y']"),
        (ESTIMATOR + "def data(): return [[n] for n in range(20)], [0, 1] * 10, [1] * 19",
         "MLD213", "19 values for 20 rows"),
        (ESTIMATOR + "def data(): return [[n] for n in range(20)], [0, 1] * 10, [-1, 1] * 10",
         "MLD213", "10 of 20 aren't"),
        (ESTIMATOR + "def data(): return [[n] for n in range(20)], [0, 1] * 10, [0] * 20",
         "MLD213", "0 for every row"),
        (ESTIMATOR + "def data(): return [[n] for n in range(20)], [0, 1] * 10, ['a'] * 20",
         "MLD213", "must be numbers"),
        (ESTIMATOR + BUNCH.format("'cv': 5"),
         "MLD213", "[training] cv"),
        (ESTIMATOR + BUNCH.format("'cv': [([0], [20])]"),
         "MLD213", "names row 20"),
        (NEIGHBORS + "def data(): return [[n] for n in range(20)], [0, 1] * 10, [1] * 20",
         "MLD213", "fit of KNeighborsClassifier has no sample_weight"),
        (ESTIMATOR + "def data(): return [[1, 2]] * 20, [1] * 19", "MLD213", "20 rows, y has 19"),
        (ESTIMATOR + "def data(): return [[1], [2]], [0, 1]", "MLD213", "2 rows are too few"),
        (ESTIMATOR + "def data(): return [1] * 20, [0, 1] * 10", "MLD213", "rows and columns"),
        (ESTIMATOR + "def data(): return [[1], [2, 3]] * 10, [0, 1] * 10", "MLD213", "tables"),
        (ESTIMATOR + "def data(): return [[1]] * 20, None", "MLD213", "classification needs y"),
        (ESTIMATOR + "def data(): return [[1]] * 20, [0] * 20", "MLD213", "only one class, 0"),
        (ESTIMATOR + "def data(): return [[1]] * 20, [1] + [0] * 19", "MLD213", "class 1 has one"),
        (ESTIMATOR + "def data(): return [[1]] * 20, [0, None] * 10", "MLD213", "10 missing"),
        (ESTIMATOR + "def data(): return [[1]] * 20, [0., np.nan] * 10", "MLD213", "10 missing"),
        (ESTIMATOR + "def data(): return [[1]] * 20, np.array([0, 'a'] * 10, object)", "MLD213",
         "texts and other"),
        (ESTIMATOR + "def data(): return [['a']] * 20, [0, 1] * 10", "MLD213", "lists of texts"),
        (ESTIMATOR + "def data(): return [[np.nan]] * 20, [0, 1] * 10", "MLD216", "NaN"),
        ("def estimator(): return Ridge()\ndef data(): return [[1]] * 20, ['a', 'b'] * 10",
         "MLD213", "needs numbers in y"),
        (ESTIMATOR + DATA + "class_names = ['a']", "MLD214", "1 class names for 2"),
        (ESTIMATOR + DATA + "class_names = ['a', 'a']", "MLD214", "same name"),
        (ESTIMATOR + FRAME.format(columns="[[1, 2]] * 20, columns=[1, '1']"), "MLD213",
         "two columns are called '1'"),
        (ESTIMATOR + FRAME.format(columns="[[1, 2]] * 20, columns=['a', 'a']"), "MLD213",
         "two columns are called 'a'"),
        (ESTIMATOR + DATA + "raise ValueError('mine')", "MLD211", "ValueError: mine"),
        (ESTIMATOR + DATA + "import sys; sys.exit(3)", "MLD211", "SystemExit: 3"),
        (ESTIMATOR + DATA + "def (", "MLD211", "SyntaxError"),
        (ESTIMATOR + DATA + "import not_there", "MLD211", "No module named 'not_there'"),
    ],
)  # fmt: skip
def test_a_wrong_module_is_told_what_is_wrong(
    facts_of: Any, code: str, number: str, says: str
) -> None:
    """Each mistake has a code, a sentence that names it, and advice."""
    with pytest.raises(MldeployError) as raised:
        facts_of(code)
    assert raised.value.code == number, raised.value.message
    assert says in raised.value.message
    assert raised.value.hint


def test_a_failure_shows_the_users_lines_alone(facts_of: Any) -> None:
    """Of a traceback, frames of libraries and of mldeploy are left out."""
    code = ESTIMATOR + "def helper():\n    return np.zeros((2, 2)) @ np.zeros((3, 3))\n"
    with pytest.raises(MldeployError) as raised:
        facts_of(code + "def data():\n    return helper()\n")
    lines = [text for _, text in raised.value.details]
    assert [line.split("  ")[1] for line in lines] == [
        "return helper()",
        "return np.zeros((2, 2)) @ np.zeros((3, 3))",
    ]


def test_a_syntax_error_shows_its_line(facts_of: Any) -> None:
    """It has no frame, but a place."""
    with pytest.raises(MldeployError) as raised:
        facts_of("x = 1 +\n")
    assert "x = 1 +" in raised.value.details[-1][1]


def test_a_name_that_python_has_already_is_refused(facts_of: Any) -> None:
    """json.py would never be the module that `import json` gives."""
    with pytest.raises(MldeployError, match=r"can't have the name json\.py") as raised:
        facts_of(ESTIMATOR + DATA, "json.py")
    assert raised.value.code == "MLD210"


def test_a_file_that_isnt_there_is_named(tmp_path: Path) -> None:
    """The setting that names it is in the advice."""
    request = TrainingRequest(
        str(tmp_path), str(tmp_path / "train.py"), str(tmp_path), str(tmp_path / "fitted")
    )
    with pytest.raises(MldeployError, match=r"no module .*train\.py") as raised:
        train_here(request, lambda _event: None)
    assert "[project] train" in raised.value.hint


@pytest.mark.parametrize(
    ("code", "task", "metrics"),
    [
        (ESTIMATOR + DATA, "classification", CLASSIFICATION),
        ("estimator = E()\n" + DATA, "classification", CLASSIFICATION),
        ("def estimator(): return Ridge()\n" + DATA, "regression", REGRESSION),
        ("def estimator(): return KMeans(2)\ndef data(): return [[1, n] for n in range(20)], None",
         "clustering", set()),
        (LINEAR + "def data(): return [[n] for n in range(10)], [[n, -n] for n in range(10)]",
         "regression", REGRESSION),
        (ESTIMATOR + "def data(): return [[n] for n in range(10)], ['a', 'b'] * 5",
         "classification", CLASSIFICATION),
        (ESTIMATOR + "def data(): return [[n] for n in range(24)], list(range(12)) * 2",
         "classification", CLASSIFICATION),
    ],
    ids=["function", "object", "regressor", "clusters", "two outputs", "ten rows", "many classes"],
)  # fmt: skip
def test_every_kind_of_estimator_is_measured(
    facts_of: Any, code: str, task: str, metrics: set[str]
) -> None:
    """Small data, several outputs, no y: each is trained, with the metrics that make sense."""
    facts = facts_of(code)
    assert facts["signature"]["task"] == task
    assert facts["metrics"].keys() == metrics
    assert facts["truth"]["together"]
    assert (ROOT / "mldeploy").is_dir()


def test_a_bunch_brings_its_names(facts_of: Any) -> None:
    """Feature and target names of scikit-learn's own data sets are used."""
    code = ESTIMATOR + "from sklearn.datasets import load_wine\ndata = load_wine\n"
    signature = facts_of(code)["signature"]
    assert signature["features"][0]["name"] == "alcohol"
    assert signature["class_names"] == ["class_0", "class_1", "class_2"]
