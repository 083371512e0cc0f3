"""A report's numbers, against scikit-learn's own functions on fits of the test, and small cases."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import (
    GridSearchCV,
    RepeatedKFold,
    StratifiedKFold,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mldeploy.config.training import TrainingConfig
from mldeploy.model.data.columns import features_of
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.evaluation import Evaluated, evaluate
from mldeploy.model.measures.unseen import Unseen
from mldeploy.model.report.asked import Asked
from mldeploy.model.report.dependence import dependence_of
from mldeploy.model.report.importance import importance_of
from mldeploy.model.report.libraries import libraries_of
from mldeploy.model.report.numbers import histogram, of_numbers
from mldeploy.model.report.report import report_of

Report = dict[str, Any]


def logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression())


@cache
def cancer() -> tuple[Any, Any]:
    x, y = load_breast_cancer(return_X_y=True)
    return x[:, :6], y


def reported(make: Any, x: Any, y: Any, **settings: Any) -> tuple[Evaluated, Report]:
    """Evaluate and return the report's data."""
    data = TrainingData(x, y)
    found = evaluate(make, data, TrainingConfig(**settings), lambda _event: None)
    return found, report_of(found, data, features_of(data), None, None)


@cache
def of_cancer() -> Report:
    return reported(logistic, *cancer())[1]


@cache
def own() -> tuple[Any, Any, Any]:
    """Return y and probabilities of each row, by a model of the test that hasn't seen it.

    The rows are in the order of the report: held-out ones first, then fold by fold.
    """
    x, y = cancer()
    rows = np.arange(len(y))
    train, test = train_test_split(rows, test_size=0.2, random_state=0, stratify=y)
    train, test = np.sort(train), np.sort(test)
    parts = [(train, test)]
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(train, y[train])
    parts += [(train[one], train[other]) for one, other in folds]
    fitted = [(logistic().fit(x[one], y[one]), other) for one, other in parts]
    probabilities = np.concatenate([model.predict_proba(x[rows])[:, 1] for model, rows in fitted])
    held = np.concatenate([np.full(len(rows), number == 0) for number, (_, rows) in
                           enumerate(parts)])  # fmt: skip
    return np.concatenate([y[rows] for _, rows in parts]), probabilities, held


def test_confusion_matrices_are_scikit_learns() -> None:
    """Of the held-out rows, and of all rows, each by a model that hasn't seen it."""
    true, probability, held = own()
    predicted = (probability > 0.5).astype(int)
    found = {one["source"]: one for one in of_cancer()["classification"]["confusion"]}
    assert found["unseen"]["counts"] == confusion_matrix(true, predicted).tolist()
    assert found["held_out"]["counts"] == confusion_matrix(true[held], predicted[held]).tolist()
    assert (found["unseen"]["rows"], found["held_out"]["rows"]) == (569, 114)


def test_curves_and_their_areas_are_scikit_learns() -> None:
    """The points of a thinned curve are points of the whole one."""
    true, probability, _ = own()
    (curve,) = of_cancer()["classification"]["curves"]
    assert curve["roc_auc"] == pytest.approx(roc_auc_score(true, probability), abs=1e-4)
    average = average_precision_score(true, probability)
    assert curve["average_precision"] == pytest.approx(average, abs=1e-4)
    false_rate, true_rate, _ = roc_curve(true, probability)
    whole = set(zip(false_rate.round(3).tolist(), true_rate.round(3).tolist(), strict=True))
    points = list(zip(*curve["roc"], strict=True))
    near = [min(abs(x - a) + abs(y - b) for a, b in whole) for x, y in points]
    assert max(near) < 2e-3
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))


def test_calibration_is_scikit_learns() -> None:
    """Groups between the quantiles of the probability."""
    true, probability, _ = own()
    observed, predicted = calibration_curve(true, probability, n_bins=10, strategy="quantile")
    (one,) = of_cancer()["classification"]["calibration"]
    assert [part["observed"] for part in one["bins"]] == pytest.approx(observed, abs=1e-3)
    assert [part["predicted"] for part in one["bins"]] == pytest.approx(predicted, abs=1e-3)
    assert sum(part["rows"] for part in one["bins"]) == 569


def test_thresholds_are_scikit_learns() -> None:
    """Precision, recall and F1 of each threshold."""
    true, probability, _ = own()
    for one in of_cancer()["classification"]["thresholds"]:
        chosen = probability >= one["threshold"]
        assert one["precision"] == pytest.approx(precision_score(true, chosen), abs=1e-3)
        assert one["recall"] == pytest.approx(recall_score(true, chosen), abs=1e-3)
        assert one["f1"] == pytest.approx(f1_score(true, chosen), abs=1e-3)


def test_importance_is_scikit_learns_on_the_held_out_rows() -> None:
    """By a model of the test that was fitted on the other rows."""
    x, y = cancer()
    train, test = train_test_split(np.arange(len(y)), test_size=0.2, random_state=0, stratify=y)
    model, rows = logistic().fit(x[np.sort(train)], y[np.sort(train)]), np.sort(test)
    own_found = permutation_importance(
        model, x[rows], y[rows], scoring="accuracy", n_repeats=5, random_state=0
    )
    found = of_cancer()["importance"]
    assert (found["rows"], found["repeats"], found["source"]) == (114, 5, "held_out")
    means = {one["name"]: one["mean"] for one in found["columns"]}
    assert [means[f"x{n}"] for n in range(6)] == pytest.approx(
        own_found.importances_mean.tolist(), abs=1e-4
    )


def test_importance_is_left_out_if_it_would_take_too_long() -> None:
    """By a clock on which a prediction takes a minute."""
    x, y = cancer()
    times = iter(range(0, 600, 60))
    model = logistic().fit(x, y)
    names = [f"x{n}" for n in range(6)]
    found = importance_of(Asked(model), x, y, names, lambda: float(next(times)))
    assert found == {"note": "not measured: it would take longer than 3 s"}


def test_partial_dependence_is_scikit_learns() -> None:
    """At the same values, also of integers and of categories in a DataFrame."""
    import pandas as pd

    x, y = cancer()
    model = logistic().fit(x, y)
    feature = {"name": "x1", "dtype": "number", "minimum": 5.0, "maximum": 40.0, "place": 1}
    (one,) = dependence_of(Asked(model), x, [feature])
    own_found = partial_dependence(model, x, [1], custom_values={1: np.array(one["x"])})
    assert one["lines"][0]["y"] == pytest.approx(own_found["average"][0].tolist(), abs=1e-3)
    frame = pd.DataFrame({"n": [1, 2, 3, 4] * 5, "flag": [True, False] * 10})
    simple = LinearRegression().fit(frame, frame["n"] * 2 + frame["flag"] * 10)
    shown = [
        {"name": "n", "dtype": "integer", "minimum": 0, "maximum": 4, "place": 0},
        {"name": "flag", "dtype": "boolean", "place": 1},
    ]
    numbers, flags = dependence_of(Asked(simple, task="regression"), frame, shown)
    assert numbers["x"] == [0, 1, 2, 3, 4]
    assert numbers["lines"][0]["y"] == pytest.approx([5, 7, 9, 11, 13])
    assert flags["lines"][0]["y"] == pytest.approx([5, 15])


class Memory(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Knows the rows that it was fitted on by heart, and says so."""

    def fit(self, x: Any, y: Any) -> "Memory":
        self.known_ = set(x[:, 0].tolist())
        self.classes_ = np.unique(y)
        return self

    def predict(self, x: Any) -> Any:
        return np.array(["known" if one in self.known_ else "new" for one in x[:, 0].tolist()])


@pytest.mark.parametrize("settings", [{}, {"holdout": 0.0}, {"cv": 0}, {"refit": "all"}])
def test_no_prediction_is_for_a_row_that_its_model_was_fitted_on(settings: Report) -> None:
    """Whatever is held out; each row is there once at most."""
    x = np.arange(60.0).reshape(-1, 1)
    y = np.array(["known", "new"] * 30)
    found, report = reported(Memory, x, y, **settings)
    unseen = found.evidence.unseen
    assert isinstance(unseen, Unseen)
    assert set(unseen.predicted) == {"new"}
    assert len(unseen.true) == {0: 12}.get(settings.get("cv", 5), 60)
    counts = np.array(report["classification"]["confusion"][-1]["counts"])
    assert counts[:, 0].tolist() == [0, 0]
    judge, rows = found.evidence.judged
    assert set(judge.predict(x[rows])) == {"new"}


def test_intervals_are_ranks_of_errors() -> None:
    """Of errors 1 to 20, the rank ceil(21 * level): 11, 17, 19 and 20."""
    true = np.arange(1.0, 21.0)
    found = of_numbers(Unseen(true, np.zeros(20), np.zeros(20, dtype=bool)))
    assert [one["within"] for one in found["intervals"]] == [11.0, 17.0, 19.0, 20.0]


def test_a_row_in_several_folds_counts_once() -> None:
    """By the first of them; the splitter is the user's."""
    x = np.arange(40.0).reshape(-1, 1)
    y = np.array(["known", "new"] * 20)
    data = TrainingData(x, y, splitter=RepeatedKFold(n_splits=4, n_repeats=3, random_state=0))
    found = evaluate(Memory, data, TrainingConfig(), lambda _event: None)
    assert found.evidence.unseen is not None
    assert len(found.evidence.unseen.true) == 40
    assert found.evidence.unseen.held_out.sum() == 8


def test_an_interval_covers_new_rows() -> None:
    """About as often as it says, of rows that the test kept back."""
    x, y = load_diabetes(return_X_y=True)
    _, report = reported(LinearRegression, x[:300], y[:300])
    within = {one["level"]: one["within"] for one in report["regression"]["intervals"]}
    errors = abs(y[300:] - LinearRegression().fit(x[:300], y[:300]).predict(x[300:]))
    for level, width in within.items():
        assert (errors <= width).mean() == pytest.approx(level, abs=0.1)


def test_counts_are_rounded_down_to_fives() -> None:
    """One row, or four, are no bar."""
    values = np.array([0.5] * 4 + [1.5] * 9 + [2.5])
    assert histogram(values, (0.0, 3.0), 3)["counts"] == [0, 5, 0]


def test_a_searchs_candidates_are_in_its_order() -> None:
    """With the scores that scikit-learn found."""
    x, y = load_iris(return_X_y=True)
    grid = {"logisticregression__C": [0.001, 1.0]}
    found, report = reported(lambda: GridSearchCV(logistic(), grid, cv=3), x, y, cv=0)
    own_found = GridSearchCV(logistic(), grid, cv=3)
    train, _ = train_test_split(np.arange(150), test_size=0.2, random_state=0, stratify=y)
    own_found.fit(x[np.sort(train)], y[np.sort(train)])
    assert [one["params"] for one in report["search"]] == [
        {"logisticregression__C": 1.0},
        {"logisticregression__C": 0.001},
    ]
    means = own_found.cv_results_["mean_test_score"]
    assert [one["mean"] for one in report["search"]] == pytest.approx([means[1], means[0]])
    assert report["drawing"]["class"] == "GridSearchCV"
    assert report["notes"] == []
    assert found.evidence.candidates == report["search"]


def test_the_training_libraries_are_recorded_by_distribution() -> None:
    """Also of a model that is served compiled; the libraries themselves know their versions."""
    import xgboost

    assert of_cancer()["libraries"] == {"scikit-learn": sklearn.__version__}
    mixed = libraries_of(make_pipeline(StandardScaler(), xgboost.XGBClassifier()))
    assert mixed == {"scikit-learn": sklearn.__version__, "xgboost-cpu": xgboost.__version__}
