"""What `mldeploy.save` refuses, and where it writes; no model is trained here."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import mldeploy
from mldeploy.cli.library import _project as project_of
from mldeploy.errors import MldeployError
from mldeploy.model.data.remarks import remarks
from mldeploy.model.handed import Handed, hand_over, is_fitted, ready
from mldeploy.model.training import TrainingRequest, train_here

X = np.arange(40.0).reshape(20, 2)
Y = np.arange(20) % 2
NO_MODEL = object()
"""Which every project refuses, after the project was found."""


def refused(**options: Any) -> MldeployError:
    with pytest.raises(MldeployError) as raised:
        mldeploy.save(options.pop("estimator", NO_MODEL), X, Y, quiet=True, **options)
    return raised.value


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_project_needs_a_name() -> None:
    """Without a mldeploy.toml around; the note of the traceback says how."""
    error = refused()
    assert error.code == "MLD127"
    assert any('name="my-model"' in note for note in error.__notes__)
    assert refused(name="Not A Name").code == "MLD102"
    assert refused(name="shop").code == "MLD212"  # it is no model


def test_a_new_project_is_a_folder_with_the_name(elsewhere: Path) -> None:
    """A second call finds it; a folder that is given may have any name."""
    for _ in range(2):
        assert project_of("shop", None, []).root == elsewhere / "shop"
    assert 'name = "shop"' in (elsewhere / "shop" / "mldeploy.toml").read_text()
    assert refused(name="shop").code == "MLD212"
    assert (elsewhere / "shop" / "mldeploy.toml").exists()
    assert project_of(None, elsewhere / "My Model", []).name == "my-model"


def test_a_refused_model_leaves_no_project(elsewhere: Path) -> None:
    """Neither the folder nor its files; what else the folder has stays."""
    refused(name="shop")
    assert list(elsewhere.iterdir()) == []
    (elsewhere / "own").mkdir()
    (elsewhere / "own" / "notes.txt").touch()
    refused(folder="own")
    assert [one.name for one in (elsewhere / "own").iterdir()] == ["notes.txt"]


def test_a_project_around_is_used(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also from a folder below; another project's name is refused."""
    project_of("shop", Path(), [])
    (elsewhere / "notebooks").mkdir()
    monkeypatch.chdir(elsewhere / "notebooks")
    assert refused(name="shop").code not in {"MLD102", "MLD127"}
    error = refused(name="other")
    assert (error.code, "shop" in error.message) == ("MLD127", True)
    assert list((elsewhere / "notebooks").iterdir()) == []


def test_data_that_cannot_be_served_is_refused_before_a_process_starts() -> None:
    """It isn't called the data() of a module that the user doesn't have."""
    with pytest.raises(MldeployError) as raised:
        mldeploy.save(LogisticRegression(), X[:3], Y[:3], name="shop", quiet=True)
    assert raised.value.code == "MLD213"
    assert raised.value.message.startswith("X and y: ")


def test_a_target_that_the_estimator_was_not_fitted_on_is_refused() -> None:
    """Copies that are fitted on it would measure another question than the endpoint answers."""
    fitted = LogisticRegression().fit(X, np.where(Y, "sold", "open"))
    for y in (Y, np.where(Y, "sold", "lost")):
        with pytest.raises(MldeployError, match="fitted on the classes 'open', 'sold'") as raised:
            ready(Handed(fitted, (X, y)), refit=False, hooks=False)
        assert raised.value.code == "MLD213"
        assert not ready(Handed(fitted, (X, y)), refit=True, hooks=False).fitted
    assert ready(Handed(fitted, (X, ["open"] * 20)), refit=False, hooks=False).own is not None


def test_rows_and_targets_in_different_orders_are_refused() -> None:
    """By their index, if both have one with the same labels; NumPy's y is taken as it is."""
    frame, target = pd.DataFrame(X, columns=["a", "b"]), pd.Series(Y)
    fitted = LogisticRegression().fit(frame, target)
    mixed = frame.sample(frac=1, random_state=0)
    with pytest.raises(MldeployError, match="same index in different orders") as raised:
        ready(Handed(fitted, (mixed, target)), refit=False, hooks=False)
    assert raised.value.code == "MLD213"
    for y in (target.loc[mixed.index], target.to_numpy(), target.set_axis(range(20, 40))):
        assert ready(Handed(fitted, (mixed, y)), refit=False, hooks=False).fitted


def test_rows_that_the_estimator_cannot_predict_have_an_error_of_ours() -> None:
    """With the library's own words, and what to do."""
    fitted = LogisticRegression().fit(X, Y)
    with pytest.raises(MldeployError, match="can't predict the rows of X: ValueError") as raised:
        ready(Handed(fitted, (X[:, :1], Y)), refit=False, hooks=False)
    assert raised.value.code == "MLD216"


@pytest.mark.parametrize("columns", [["a"], [0], slice(0, 1), [True, False, False]])
def test_columns_without_a_use_are_remarked(columns: Any) -> None:
    """One that equals y, and those that a ColumnTransformer drops, however it names the others."""
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": Y})
    gaps = frame.assign(a=pd.array([None, *range(19)], dtype="Int64"))
    assert len(list(remarks(gaps, Y, None))) == 1
    kept = ColumnTransformer([("kept", "passthrough", columns)])
    pipeline = make_pipeline(kept, LogisticRegression()).fit(frame, Y)
    equal, unused = remarks(frame, Y, pipeline)
    assert equal.startswith("column 'c' of X equals y")
    assert unused.startswith("the model doesn't use 'b', 'c', but")
    every = make_pipeline(ColumnTransformer([], remainder="passthrough"), LogisticRegression())
    assert list(remarks(frame[["a", "b"]], Y, every.fit(frame[["a", "b"]], Y))) == []
    assert list(remarks(X, Y, LogisticRegression().fit(X, Y))) == []


def test_what_a_pickle_cannot_hold_is_refused() -> None:
    """A lambda, with the parameter's name."""
    estimator = make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression())
    assert refused(estimator=estimator, name="shop").code == "MLD218"


@pytest.mark.parametrize(
    ("estimator", "fitted"),
    [
        (LinearRegression(), False),
        (LinearRegression().fit(X, Y), True),
        (make_pipeline(StandardScaler(), LogisticRegression()), False),
        (make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y), True),
    ],
)
def test_a_fitted_estimator_is_known(estimator: Any, fitted: bool) -> None:  # noqa: FBT001
    """And another isn't taken for one."""
    assert is_fitted(estimator) is fitted
    handed = ready(Handed(estimator, (X, Y)), refit=False, hooks=False)
    assert (handed.fitted, handed.own is not None) == (fitted, fitted)
    assert not ready(handed, refit=True, hooks=False).fitted


def test_models_of_other_libraries_are_known_when_fitted() -> None:
    """Which check_is_fitted of scikit-learn doesn't tell of all."""
    catboost, lightgbm, xgboost = map(pytest.importorskip, ("catboost", "lightgbm", "xgboost"))
    for estimator in (
        catboost.CatBoostClassifier(iterations=1, verbose=0, allow_writing_files=False),
        lightgbm.LGBMClassifier(n_estimators=1, verbose=-1),
        xgboost.XGBClassifier(n_estimators=1),
    ):
        assert not is_fitted(estimator)
        assert is_fitted(estimator.fit(X, Y))


def test_an_estimator_that_another_process_reads_differently_is_refused(tmp_path: Path) -> None:
    """The predictions in the notebook count, not those of what its pickle became."""
    handed = ready(Handed(LinearRegression().fit(X, Y), (X, Y)), refit=False, hooks=False)
    other = replace(handed, estimator=LinearRegression().fit(X, Y + 1))
    facts = trained_from(handed, tmp_path / "same")
    assert (facts["evaluation"]["refit"], facts["evaluation"]["held_out"]) == ("given", 0)
    with pytest.raises(MldeployError, match="another process") as raised:
        trained_from(other, tmp_path / "other")
    assert raised.value.code == "MLD224"


def test_a_fitted_search_is_saved_as_what_it_found(tmp_path: Path) -> None:
    """A search's own times would be in the bundle, and the endpoint would need its class."""
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, cv=2).fit(X, Y)
    handed = ready(Handed(search, (X, Y)), refit=False, hooks=False)
    facts = trained_from(handed, tmp_path / "one")
    assert facts["model"]["estimator"] == "Ridge"
    saved = joblib.load(tmp_path / "one/fitted/model.joblib")
    assert np.array_equal(saved.coef_, search.best_estimator_.coef_)


def trained_from(handed: Handed, folder: Path) -> dict[str, Any]:
    """Do in this process what a training does with what it is handed."""
    (folder / "target").mkdir(parents=True)
    hand_over(handed, folder / "handed")
    request = TrainingRequest(
        str(folder),
        str(folder / "mldeploy.save"),
        str(folder / "target"),
        str(folder / "fitted"),
        handed=str(folder / "handed"),
    )
    return train_here(request, lambda _event: None)
