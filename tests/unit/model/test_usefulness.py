"""Whether a model is better than a baseline that ignores the features."""

import pytest

from mldeploy.model.usefulness import useless


@pytest.mark.parametrize(
    ("metrics", "baseline", "expected"),
    [
        ({"r2": 0.1, "mae": 2.0}, {"r2": 0.0, "mae": 1.0}, False),
        ({"r2": -0.1, "mae": 2.0}, {"r2": 0.0, "mae": 1.0}, True),
        ({"r2": -0.1, "mae": 0.5}, {"r2": 0.0, "mae": 1.0}, False),
        ({"r2": 0.5, "mae": 1.0}, {"r2": 0.5, "mae": 1.0}, True),
        ({"accuracy": 0.5, "f1_macro": 0.6}, {"accuracy": 0.6, "f1_macro": 0.3}, True),
        ({"accuracy": None}, {"accuracy": 0.6}, False),
        ({"accuracy": 0.5}, {}, False),
        ({}, {}, False),
    ],
)
def test_one_better_metric_is_enough(
    metrics: dict[str, float | None], baseline: dict[str, float | None], *, expected: bool
) -> None:
    """But for the macro F1, in which guessing at random beats naming one class."""
    facts = {"metrics": metrics, "evaluation": {"baseline": baseline}}
    assert bool(useless(facts)) is expected
