"""What is measured, on which rows, and that nothing but the final fit stops a training."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mldeploy.config import TrainingConfig
from mldeploy.errors import MldeployError
from mldeploy.events import Event, Failed, Finished, Note, Started
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.evaluation import Evaluated, evaluate
from mldeploy.model.measures.metrics import METRICS
from mldeploy.model.measures.usefulness import require_useful, useless
from mldeploy.model.measures.weights import weights_parameter
from mldeploy.model.user_module import checked_data

IRIS = load_iris(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)


@dataclass
class Run:
    """An evaluation and its events."""

    found: Evaluated
    events: list[Event] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        return {"metrics": self.found.metrics, "evaluation": self.found.evaluation}

    @property
    def steps(self) -> list[str]:
        return [one.step for one in self.events if isinstance(one, Finished)]

    @property
    def notes(self) -> list[str]:
        return [one.text for one in self.events if isinstance(one, Note)]


def run(make: Callable[[], Any], x: Any, y: Any, **options: Any) -> Run:
    """Evaluate with these settings; `weights` and `splitter` go with the data."""
    extras = {
        "sample_weight": options.pop("weights", None),
        "splitter": options.pop("splitter", None),
    }
    data = checked_data(TrainingData(x, y, **extras), "train.py")
    events: list[Event] = []
    return Run(evaluate(make, data, TrainingConfig(**options), events.append), events)


def knn() -> Any:
    return make_pipeline(StandardScaler(), KNeighborsClassifier())


def test_distances_of_a_regressor_are_quantiles_with_three_digits() -> None:
    """Of the held-out rows, measured here by counting; of fewer than 50 there are none."""
    found = run(LinearRegression, *DIABETES)
    errors = found.found.evaluation["absolute_errors"]
    x, y = DIABETES
    rows = found.found.held_out
    distances = sorted(abs(found.found.estimator.predict(x[rows]) - y[rows]))
    for percent, error in errors.items():
        inside = sum(one <= error for one in distances)
        assert abs(inside - int(percent) / 100 * len(rows)) <= 2
        assert float(f"{error:.3g}") == error
    assert list(errors) == ["50", "90"]
    few = run(LinearRegression, x[:240], y[:240])
    assert "absolute_errors" not in few.found.evaluation
    assert "absolute_errors" not in run(knn, *IRIS).found.evaluation


def test_each_fit_is_counted_and_timed() -> None:
    """How many there are is known at the first one."""
    found = run(knn, *IRIS)
    folds = [f"fit {n + 1} of 6: fold {n} of 5" for n in range(1, 6)]
    assert found.steps == ["fit 1 of 6: 120 of 150 rows", *folds]
    assert len([one for one in found.events if isinstance(one, Started)]) == 6
    assert found.found.evaluation["fits"] == 6
    assert not found.notes


@pytest.mark.parametrize(
    ("options", "fits", "fitted_on", "held_out", "folds"),
    [
        ({}, 6, 120, 30, 5),
        ({"cv": 3}, 4, 120, 30, 3),
        ({"cv": 0}, 1, 120, 30, 0),
        ({"holdout": 0.5}, 6, 75, 75, 5),
        ({"holdout": 0}, 6, 150, 0, 5),
        ({"refit": "all"}, 7, 150, 30, 5),
        ({"refit": "all", "cv": 0}, 2, 150, 30, 0),
        ({"refit": "all", "holdout": 0}, 6, 150, 0, 5),
        ({"holdout": 0, "cv": 0}, 1, 150, 0, 0),
    ],
)
def test_the_settings_decide_what_is_fitted(
    options: dict[str, Any], fits: int, fitted_on: int, held_out: int, folds: int
) -> None:
    """The model that ships, the held-out rows and the folds follow [training]."""
    found = run(KNeighborsClassifier, *IRIS, **options)
    known = found.found.evaluation
    assert (known["fits"], len(found.steps)) == (fits, fits)
    assert found.found.estimator.n_samples_fit_ == fitted_on
    assert (known["held_out"], len(found.found.held_out)) == (held_out, held_out)
    across = known["cross_validation"]
    assert {one["folds"] for one in across.values()} == ({folds} if folds else set())
    measured = bool(held_out or folds)
    assert set(found.found.metrics) == (set(METRICS["classification"]) if measured else set())
    assert set(known["baseline"]) == set(found.found.metrics)
    if not held_out and folds:
        assert found.found.metrics == {name: one["mean"] for name, one in across.items()}
    assert any("isn't measured" in one for one in found.notes) is not measured


def test_refit_all_measures_the_model_without_the_held_out_rows() -> None:
    """A model that has seen the held-out rows would flatter itself."""
    plain = run(lambda: KNeighborsClassifier(1), *IRIS, cv=0)
    again = run(lambda: KNeighborsClassifier(1), *IRIS, cv=0, refit="all")
    assert again.found.metrics == plain.found.metrics
    assert again.found.evaluation["refit"] == "all"


def test_an_estimator_without_probabilities_is_told_once() -> None:
    """ROC AUC of two classes is had from decision values; of three it isn't."""
    three = run(LinearSVC, *IRIS)
    assert (three.found.metrics["accuracy"] or 0) > 0.8
    assert three.notes == ["roc_auc, log_loss, brier: not measured: LinearSVC has no predict_proba"]
    two = run(LinearSVC, *CANCER)
    assert (two.found.metrics["roc_auc"] or 0) > 0.9
    assert two.found.metrics["brier"] is None


def test_predictions_that_are_nan_stop_nothing() -> None:
    """Isotonic regression answers NaN outside the range of its fit."""
    found = run(IsotonicRegression, DIABETES[0][:, [2]], DIABETES[1])
    across = found.found.evaluation["cross_validation"]
    assert any("mae" in one and "NaN" in one for one in found.notes)
    assert across["mae"]["folds"] < 5
    assert found.found.estimator.predict([[0.0]]).shape == (1,)
    assert len(found.notes) == len(set(found.notes))


def test_a_fold_that_cant_be_fitted_is_a_warning() -> None:
    """Its reason is told once, with how many folds it concerns."""

    class Picky(LogisticRegression):  # type: ignore[misc]
        def fit(self, x: Any, y: Any) -> Any:
            if len(set(y)) < 3:
                raise ValueError("wants three classes")
            return super().fit(x, y)

    pairs = [(list(range(100)), list(range(100, 150))), (list(range(50)), [60]),
             (list(range(150)), list(range(150)))]  # fmt: skip
    found = run(lambda: Picky(max_iter=1000), *IRIS, splitter=pairs)
    warned = [one for one in found.notes if "skips" in one]
    assert warned == ["cross-validation skips 2 of 3 folds: ValueError: wants three classes"]
    assert found.found.evaluation["cross_validation"]["accuracy"]["folds"] == 1
    assert len([one for one in found.events if isinstance(one, Failed)]) == 2


def test_xgboost_and_a_fold_without_a_class() -> None:
    """It takes the classes 0 to k-1 only."""
    xgboost = pytest.importorskip("xgboost")
    pairs = [(list(range(50)) + list(range(100, 150)), list(range(50, 100)))]
    found = run(lambda: xgboost.XGBClassifier(n_estimators=2), *IRIS, splitter=pairs)
    assert any("skips 1 of 1 folds" in one for one in found.notes)
    assert (found.found.metrics["accuracy"] or 0) > 0.8


def test_the_final_fits_own_failure_comes_out() -> None:
    """As it is: whoever calls explains it."""
    with pytest.raises(ValueError, match="NaN"):
        run(LinearRegression, np.full((20, 1), np.nan), np.arange(20.0))


def test_a_trial_that_fails_before_the_final_fit_is_a_warning() -> None:
    """With refit = "all" only the fit on every row has to work."""

    class Whole(LogisticRegression):  # type: ignore[misc]
        def fit(self, x: Any, y: Any) -> Any:
            if len(x) < 150:
                raise ValueError("too few")
            return super().fit(x, y)

    found = run(lambda: Whole(max_iter=1000), *IRIS, refit="all")
    assert set(found.found.metrics.values()) == {None}
    assert found.found.estimator.coef_.shape == (3, 4)


def test_a_splitter_of_the_users_own_splits_all_rows() -> None:
    """Its number of folds counts, not that of [training] cv; 0 turns it off."""
    found = run(knn, *IRIS, splitter=KFold(3, shuffle=True, random_state=0))
    assert found.steps[0] == "fit 1 of 4: 120 of 150 rows"
    assert "holdout = 0" in found.notes[0]
    assert run(knn, *IRIS, splitter=KFold(3), cv=0).found.evaluation["cross_validation"] == {}
    groups = run(knn, *IRIS, splitter=GroupKFold(3))
    assert "list(GroupKFold(5).split(X, y, groups))" in groups.notes[0]
    assert (groups.found.metrics["accuracy"] or 0) > 0.9


def test_few_rows_of_a_class_make_fewer_folds() -> None:
    """Said with the class and its number of rows."""
    y = np.array([0] * 20 + [1] * 4)
    found = run(KNeighborsClassifier, np.arange(24.0)[:, None], y)
    assert found.notes[0] == "3 folds, not 5: class 1 has 3 rows to fit on"


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (LogisticRegression(), "sample_weight"),
        (make_pipeline(StandardScaler(), Ridge()), "ridge__sample_weight"),
        (make_pipeline(make_pipeline(LogisticRegression())),
         "pipeline__logisticregression__sample_weight"),
        (GridSearchCV(make_pipeline(Ridge()), {}), "ridge__sample_weight"),
        (GridSearchCV(Ridge(), {}), "sample_weight"),
        (VotingClassifier([("a", LogisticRegression())]), "sample_weight"),
    ],
)  # fmt: skip
def test_weights_go_where_the_estimator_takes_them(estimator: Any, name: str) -> None:
    """A pipeline hands them to its last step."""
    assert weights_parameter(estimator) == name


def test_weights_change_the_fit_of_pipelines_and_searches() -> None:
    """Rows of weight 0 don't count; folds get the weights of their own rows."""
    x, y = np.arange(40.0)[:, None], np.r_[np.arange(20.0), np.zeros(20)]
    weights = np.r_[np.ones(20), np.zeros(20)]
    for make in (
        lambda: make_pipeline(LinearRegression()),
        lambda: GridSearchCV(make_pipeline(LinearRegression()), {}, cv=2),
    ):
        fitted = run(make, x, y, weights=weights, holdout=0).found.estimator
        assert fitted.predict([[10.0]]) == pytest.approx([10.0])


def test_an_estimator_without_weights_is_refused_before_any_fit() -> None:
    """The message names it and says what helps."""
    with pytest.raises(MldeployError, match="KNeighborsClassifier has no sample_weight") as raised:
        run(knn, *IRIS, weights=np.ones(150))
    assert raised.value.code == "MLD213"
    assert "remove the weights from data()" in raised.value.hint


def test_equal_trainings_have_equal_facts() -> None:
    """No times, no addresses: the bundle's digest depends on the facts."""

    def make() -> Any:
        forest = RandomForestClassifier(5, random_state=0)
        return GridSearchCV(forest, {"max_depth": [1, np.int64(3)], "criterion": ["gini"]}, cv=2)

    first, second = (json.dumps(run(make, *IRIS).facts) for _ in range(2))
    assert first == second
    assert '"best_params": {"criterion": "gini", "max_depth": ' in first


def test_what_is_served_of_a_search_is_measured() -> None:
    """Its best estimator, which has no attribute of the search's."""
    found = run(lambda: GridSearchCV(knn(), {"kneighborsclassifier__n_neighbors": [3]}), *IRIS)
    assert not hasattr(found.found.estimator, "best_params_")
    chosen = found.found.evaluation["search"]["best_params"]
    assert chosen == {"kneighborsclassifier__n_neighbors": 3}


def test_multilabel_of_one_versus_rest_is_measured() -> None:
    """Probabilities are one array (rows, outputs)."""
    y = np.column_stack([IRIS[1] == 0, IRIS[1] == 1]).astype(int)
    found = run(lambda: OneVsRestClassifier(LogisticRegression()), IRIS[0], y)
    assert None not in found.found.metrics.values()
    assert not found.notes


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (DummyClassifier, True),
        (lambda: DummyClassifier(strategy="stratified", random_state=1), True),
        (knn, False),
    ],
)
def test_a_useless_model_is_told(make: Callable[[], Any], *, expected: bool) -> None:
    """Without leave it is an error with a way out; with leave a warning."""
    x = np.random.default_rng(0).normal(size=(400, 2))
    facts = run(make, x, (x[:, 0] > 0.8).astype(int)).facts
    assert bool(useless(facts)) is expected
    events: list[Event] = []
    require_useful(facts, events.append, allow=True)
    assert len(events) == expected
    if expected:
        with pytest.raises(MldeployError, match="baseline that ignores the features") as raised:
            require_useful(facts, events.append, allow=False)
        assert (raised.value.code, raised.value.exit_code) == ("MLD226", 1)
        assert "--allow-useless" in raised.value.hint


def test_held_out_rows_are_in_no_fold_and_weights_follow_their_rows() -> None:
    """What measures the model has no part in it; a weight is its row's own."""
    seen: list[list[list[float]]] = []

    class Spy(Ridge):  # type: ignore[misc]
        def fit(self, x: Any, y: Any, sample_weight: Any = None) -> Any:
            seen.append([x[:, 0].tolist(), list(sample_weight)])
            return super().fit(x, y, sample_weight)

    rows = np.arange(1.0, 51.0)
    found = run(Spy, rows[:, None], rows, weights=rows * 10)
    held_out = {rows[row] for row in found.found.held_out}
    assert len(seen) == 6
    for x, weights in seen:
        assert weights == [one * 10 for one in x]
        assert not held_out & set(x)
