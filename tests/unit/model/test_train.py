"""From a train module to a bundle, or to the reason why there is none."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mldeploy.config.training import Refit
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Failed, Finished, Note
from mldeploy.model.bundle import load_bundle
from tests.support.kinds import KINDS
from tests.support.models import (
    FRAME,
    IRIS,
    NOBODY,
    REGRESSION,
    USUAL,
    Trained,
    failure,
    project,
    trained,
)


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The tutorial's model."""
    return trained(project(tmp_path_factory.mktemp("iris"), IRIS, index_url=NOBODY))


def test_the_tutorials_model_is_trained(iris: Trained) -> None:
    """The bundle holds what the plan and the image read."""
    facts = iris.bundle.facts
    assert facts["model"]["estimator"] == "Pipeline(StandardScaler, KNeighborsClassifier)"
    assert facts["signature"]["class_names"] == ["setosa", "versicolor", "virginica"]
    assert facts["signature"]["features"][0] == {
        "name": "sepal length (cm)",
        "dtype": "number",
        "minimum": 4.0,
        "maximum": 8.0,
        "nullable": False,
        "storage": "float64",
    }
    assert facts["metrics"]["accuracy"] > 0.9 > facts["evaluation"]["baseline"]["accuracy"]
    assert facts["evaluation"]["cross_validation"]["f1_macro"]["folds"] == 5
    assert (facts["evaluation"]["rows"], facts["evaluation"]["held_out"]) == (150, 30)
    assert len(facts["example"]["features"]) == 4


def test_golden_examples_cover_every_class(iris: Trained) -> None:
    """Rows that are sorted by class are no reason to prove one class only."""
    found = {one["class_name"] for one in iris.bundle.golden["predictions"]}
    assert found == {"setosa", "versicolor", "virginica"}
    assert len(iris.bundle.golden["inputs"]) == 20


def test_requirements_are_what_the_model_needs(iris: Trained) -> None:
    """Exact, sorted, closed over what they declare, and nothing of mldeploy's own."""
    names = [line.partition("==")[0] for line in iris.bundle.requirements]
    assert {"joblib", "numpy", "scikit-learn", "scipy", "threadpoolctl"} <= set(names)
    assert names == sorted(names)
    assert not {"mldeploy", "boto3", "typer", "pandas", "pip", "pytest"} & set(names)
    assert iris.bundle.facts["versions"].keys() == {"python", *names}


def test_an_optional_need_is_found_where_a_model_fails_without_it(tmp_path: Path) -> None:
    """LightGBM carries on without scikit-learn and fails later; XGBoost really can do without."""
    trees = trained(project(tmp_path / "trees", KINDS["lightgbm"])).bundle
    boosted = trained(project(tmp_path / "boosted", KINDS["xgboost"])).bundle
    names = [[line.partition("==")[0] for line in one.requirements] for one in (trees, boosted)]
    assert {"lightgbm", "pandas", "scikit-learn"} <= set(names[0])
    assert "xgboost-cpu" in names[1]
    assert not {"scikit-learn", "pandas", "lightgbm"} & set(names[1])
    assert next(one for one in trees.facts["signature"]["features"] if one["name"] == "bmi")[
        "nullable"
    ]


def test_an_index_that_nobody_answers_is_a_warning(iris: Trained) -> None:
    """Training goes on without the index, says so, and shows no login."""
    notes = [one for one in iris.events if isinstance(one, Note)]
    assert [one.level for one in notes] == ["warning"]
    assert "the package index couldn't be checked" in notes[0].text
    assert "hunter2secret" not in repr(iris.events) + repr(iris.config)
    steps = [one.step for one in iris.events if isinstance(one, Finished)]
    assert [one for one in steps if not one.startswith("fit ")] == [
        "load and check the data",
        "measure for the report",
        "ask the estimator",
        "compare the endpoint with the estimator",
        "check wheels for Lambda",
    ]
    assert steps[2] == "fit 2 of 6: fold 1 of 5"


def test_training_twice_gives_an_equal_digest(tmp_path: Path) -> None:
    """Also where the estimator draws random numbers, in another folder, with sets of strings."""
    code = REGRESSION + "\nWORDS = {'a', 'b', 'c'}\n"
    first = trained(project(tmp_path / "one", code)).bundle
    second = trained(project(tmp_path / "two", code)).bundle
    assert first.digest == second.digest
    assert first.facts["metrics"].keys() == {"r2", "mae", "rmse", "mape"}
    assert isinstance(first.golden["predictions"][0]["value"], float)


def test_threads_that_add_up_in_any_order_change_no_digest(tmp_path: Path) -> None:
    """Each run of a forest's threads gives other last bits, in metrics and examples."""
    code = IRIS.replace("load_iris", "load_breast_cancer").replace("Pipeline(\n", "make(\n") + (
        "\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "def make(_steps):\n"
        "    return RandomForestClassifier(200, max_depth=4, random_state=0, n_jobs=-1)\n"
    )
    bundles = [trained(project(tmp_path / name, code)).bundle for name in "ab"]
    assert bundles[0].digest == bundles[1].digest


@pytest.mark.parametrize("refit", ["holdout", "all"])
def test_what_a_model_keeps_of_predictions_isnt_saved(tmp_path: Path, refit: Refit) -> None:
    """It is saved as it was fitted: otherwise no two trainings have the same digest."""
    code = IRIS.replace("KNeighborsClassifier(", "Remembering(") + (
        "\nimport time\n\nclass Remembering(KNeighborsClassifier):\n"
        "    def predict(self, X):\n        self.asked_ = time.time_ns(), len(X)\n"
        "        return super().predict(X)\n"
    )
    training = replace(USUAL, refit=refit, cv=2)
    bundles = [trained(project(tmp_path / name, code, training)).bundle for name in "ab"]
    assert bundles[0].digest == bundles[1].digest


def test_a_search_ships_what_it_found(tmp_path: Path) -> None:
    """The times that a grid search keeps would make every digest another."""
    code = IRIS.replace("def estimator():", "def inner():") + (
        "\nfrom sklearn.model_selection import GridSearchCV\n"
        "def estimator():\n    return GridSearchCV(inner(), {'knn__n_neighbors': [3, 5]})\n"
    )
    bundles = [trained(project(tmp_path / name, code)).bundle for name in "ab"]
    assert bundles[0].digest == bundles[1].digest
    assert bundles[0].facts["model"]["estimator"].startswith("Pipeline(")


def test_a_frame_of_several_types_is_trained(tmp_path: Path) -> None:
    """Each column keeps its type, gaps and categories; the example is by names."""
    bundle = trained(project(tmp_path, FRAME)).bundle
    by_name = {one["name"]: one for one in bundle.facts["signature"]["features"]}
    assert bundle.facts["signature"]["input"] == "dataframe"
    assert {name: one["dtype"] for name, one in by_name.items()} == {
        "age": "integer",
        "weight": "number",
        "smoker": "boolean",
        "city": "string",
        "plan": "string",
        "note": "string",
    }
    assert [name for name, one in by_name.items() if one["nullable"]] == ["weight"]
    assert by_name["city"]["categories"] == ["Bonn", "Köln", "Ulm"]
    assert [name for name, one in by_name.items() if one.get("closed")] == ["plan"]
    assert "categories" not in by_name["note"]
    assert bundle.example["features"].keys() == by_name.keys()
    assert any(line.startswith("pandas==") for line in bundle.requirements)


def test_a_threshold_that_is_missed_keeps_the_old_bundle(iris: Trained, tmp_path: Path) -> None:
    """Exit 1 with both figures; what was there stays byte by byte."""
    config = project(tmp_path, IRIS)
    shutil.copytree(iris.bundle.path, config.bundle)
    before = load_bundle(config.bundle)
    files = {path.name: path.read_bytes() for path in config.bundle.iterdir()}
    with pytest.raises(
        MldeployError, match=r"accuracy is 0\.9\d+ \(required: at least 0\.999"
    ) as raised:
        trained(config, accuracy=0.999)
    assert (raised.value.code, raised.value.exit_code) == ("MLD219", ExitCode.FAILURE)
    assert {path.name: path.read_bytes() for path in config.bundle.iterdir()} == files
    assert load_bundle(config.bundle).digest == before.digest
    with pytest.raises(MldeployError, match="no metric 'r2'") as raised:
        trained(config, r2=0.5)
    assert "accuracy, balanced_accuracy" in raised.value.hint
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith(".model")]
    assert left == [".model.fitted"]  # the fitted model, for --resume


def test_another_python_than_the_images_is_refused(tmp_path: Path) -> None:
    """The image gets the Python that trained, so the two must agree."""
    with pytest.raises(MldeployError, match=r"requires Python 3\.1") as raised:
        trained(replace(project(tmp_path, IRIS), python="3.1"))
    assert raised.value.code == "MLD204"


def test_a_folder_that_is_no_bundle_isnt_replaced(tmp_path: Path) -> None:
    """A folder of the user's own called `model` keeps its content."""
    config = project(tmp_path, IRIS)
    config.bundle.mkdir()
    (config.bundle / "thesis.txt").write_text("years of work")
    with pytest.raises(MldeployError) as raised:
        trained(config)
    assert raised.value.code == "MLD206"
    assert (config.bundle / "thesis.txt").read_text() == "years of work"


FEATURES = """
from sklearn.base import BaseEstimator, TransformerMixin


class Half(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X / 2
"""
WITH_FEATURES = IRIS.replace('("scaler", StandardScaler())', '("half", Half())')


def test_a_module_of_the_project_goes_along(tmp_path: Path) -> None:
    """By itself, in the bundle; one that the file includes comes from the project."""
    code = "from features import Half\n" + WITH_FEATURES
    (tmp_path / "features.py").write_text(FEATURES)
    (tmp_path / "words.txt").write_text("words")
    found = trained(project(tmp_path, code, include=("words.txt",)))
    assert set(found.bundle.facts["code"]) == {"features.py"}
    assert "included: features.py" in [one.text for one in found.events if isinstance(one, Note)]
    bundle = trained(project(tmp_path, code, include=("features.py",))).bundle
    assert not bundle.facts["code"]
    assert not any(line.startswith("features") for line in bundle.requirements)


def test_a_class_of_main_is_refused(tmp_path: Path) -> None:
    """A pickle that names __main__ loads nowhere else: said at once, with advice."""
    code = FEATURES + WITH_FEATURES + "\nimport __main__\n__main__.Half = Half\n"
    error = failure(tmp_path, code + 'Half.__module__ = "__main__"\n')
    assert error.code == "MLD220"
    assert "__main__" in error.message
    assert "define it in a module" in error.hint


def test_a_model_that_depends_on_its_process_is_refused(tmp_path: Path) -> None:
    """Golden examples are replayed: a model that answers by chance doesn't pass."""
    chance = FEATURES.replace("X / 2", "X * __import__('os').getpid()")
    (tmp_path / "features.py").write_text(chance)
    code = "from sklearn.naive_bayes import GaussianNB\nfrom features import Half\n" + WITH_FEATURES
    code = code.replace("KNeighborsClassifier(n_neighbors=5)", "GaussianNB()")
    error = failure(tmp_path, code, include=("features.py",))
    assert error.code == "MLD222"
    assert "sent among 150 rows as JSON" in error.message


def test_a_requirement_of_the_users_is_locked_with_its_needs(tmp_path: Path) -> None:
    """The image installs without resolving, so what a requirement needs is locked too."""
    lines = trained(project(tmp_path, IRIS, requirements=("requests>=2",))).bundle.requirements
    names = [line.partition("==")[0] for line in lines]
    assert {"requests", "urllib3", "idna", "certifi"} <= set(names)
    assert all("==" in line for line in lines)
    error = failure(tmp_path / "other", IRIS, requirements=("not-installed-here>=1",))
    assert error.code == "MLD231"


def test_what_the_user_prints_goes_to_stderr(tmp_path: Path) -> None:
    """Stdout stays the result's: also prints at import and from C aren't on it."""
    code = IRIS + "\nimport os\nprint('from python')\nos.system('echo from the shell')\n"
    config = project(tmp_path, code)
    program = (
        "from pathlib import Path\nfrom tests.support.models import *\n"
        f"root = Path({str(tmp_path)!r})\n"
        "config = project(root, (root / 'train.py').read_text())\n"
        "print(trained(config).bundle.digest)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == load_bundle(config.bundle).digest
    assert "from python" in done.stderr
    assert "from the shell" in done.stderr


def test_a_step_that_fails_is_reported(tmp_path: Path) -> None:
    """The renderer hears of the failure before the error ends the command."""
    events: list[object] = []
    from mldeploy.model.train import train

    with pytest.raises(MldeployError):
        train(project(tmp_path, "def data(): pass"), events.append)
    assert isinstance(events[-1], Failed)


def test_a_crash_between_the_files_leaves_no_half_bundle(iris: Trained, tmp_path: Path) -> None:
    """Killed while it copies, training leaves the old bundle or the new one, never a mixture."""
    config = project(tmp_path, IRIS)
    temporary = tmp_path / "temporary"  # nobody else removes what a killed process leaves there
    temporary.mkdir()
    shutil.copytree(iris.bundle.path, config.bundle)
    before = load_bundle(config.bundle).digest
    program = (
        "import os, shutil\nfrom pathlib import Path\nfrom tests.support.models import *\n"
        "real = shutil.copy2\n"
        "def dying(source, target, **more):\n"
        "    real(source, target, **more)\n"
        "    if '.model.new' in str(target): os._exit(9)\n"
        "shutil.copy2 = dying\nshutil.copytree.__kwdefaults__ = None\n"
        "shutil.copytree.__defaults__ = (False, None, dying, False, False)\n"
        f"code = Path({str(tmp_path / 'train.py')!r}).read_text().replace('=5', '=3')\n"
        f"trained(project(Path({str(tmp_path)!r}), code))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 9, done.stderr
    assert load_bundle(config.bundle).digest == before
    (tmp_path / "train.py").write_text(IRIS)
    assert trained(config).bundle.digest == before
    assert json.loads((config.bundle / "model.json").read_text())["provenance"]["created"]


def test_a_variable_that_only_training_has_is_named(tmp_path: Path) -> None:
    """The clean process has the function's variables and none of the shell's."""
    (tmp_path / "cut.py").write_text(
        'import os\nCUT = float(os.environ["CUT"])\ndef cut(X):\n    return X + CUT\n'
    )
    code = IRIS.replace("def estimator():", "def inner():") + (
        "\nimport os\nos.environ['CUT'] = '1'\n"
        "from cut import cut\nfrom sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
        "def estimator():\n    return make_pipeline(FunctionTransformer(cut), inner())\n"
    )
    error = failure(tmp_path, code)
    assert error.code == "MLD221"
    assert '[functions.NAME.environment] CUT = "..."' in error.hint
