"""Thresholds: read, then held against what was measured."""

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.measures.metrics import parse_thresholds, require


def test_thresholds_are_read() -> None:
    """NAME=VALUE, several of them."""
    assert parse_thresholds(["accuracy=0.9", "rmse=1e3"]) == {"accuracy": 0.9, "rmse": 1000.0}


@pytest.mark.parametrize("text", ["accuracy", "accuracy=", "accuracy=high", "accuracy=nan", "=1"])
def test_a_threshold_in_another_form_is_an_error_of_usage(text: str) -> None:
    """Nan above all: nothing is below it, so it would let everything pass."""
    with pytest.raises(MldeployError) as raised:
        parse_thresholds([text])
    assert (raised.value.code, raised.value.exit_code) == ("MLD112", 2)


def test_a_metric_that_no_task_has_is_refused_before_training() -> None:
    """Those that there are are named."""
    with pytest.raises(MldeployError, match="no metric 'f1'") as raised:
        parse_thresholds(["f1=0.9"])
    assert "balanced_accuracy, brier, f1_macro" in raised.value.hint


@pytest.mark.parametrize(
    ("metrics", "thresholds", "missed"),
    [
        ({"accuracy": 0.9}, {"accuracy": 0.9}, ""),
        ({"accuracy": 0.8999999}, {"accuracy": 0.9}, "accuracy is 0.9 (required: at least 0.9)"),
        ({"rmse": 2.0}, {"rmse": 3.0}, ""),
        ({"rmse": 4.0}, {"rmse": 3.0}, "rmse is 4 (required: at most 3)"),
        ({"r2": None}, {"r2": 0.1}, "r2 isn't defined for this data"),
        ({"log_loss": 0.2}, {"log_loss": 0.1}, "log_loss is 0.2 (required: at most 0.1)"),
        ({"brier": 0.2}, {"brier": 0.3}, ""),
        ({"mape": 0.2}, {"mape": 0.1}, "required: at most 0.1"),
        ({"roc_auc": 0.8}, {"roc_auc": 0.9}, "required: at least 0.9"),
        ({"balanced_accuracy": 0.8}, {"balanced_accuracy": 0.8}, ""),
    ],
)
def test_a_score_is_at_least_and_an_error_at_most(
    metrics: dict[str, float | None], thresholds: dict[str, float], missed: str
) -> None:
    """A smaller error is the better one; what isn't defined passes nothing."""
    if not missed:
        require(metrics, thresholds)
        return
    with pytest.raises(MldeployError) as raised:
        require(metrics, thresholds)
    assert raised.value.code == "MLD219"
    assert missed in raised.value.message
