"""Whether a model is better than a baseline that ignores the features."""

import pytest

from mldeploy.errors import MldeployError
from mldeploy.events import Event, Note
from mldeploy.model.measures.usefulness import require_useful, useless


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


@pytest.mark.parametrize(
    ("accuracy", "held_out", "refused"),
    [(0.4, 30, True), (0.4, 24, False), (0.5, 24, True), (0.6, 30, False)],
    ids=["enough rows", "few rows", "few rows, equal to the baseline", "better"],
)
def test_a_useless_model_is_refused_where_the_rows_show_it(
    accuracy: float, held_out: int, *, refused: bool
) -> None:
    """Without leave; with leave, or with too few rows to tell, it is a warning."""
    facts = {
        "metrics": {"accuracy": accuracy},
        "evaluation": {"baseline": {"accuracy": 0.5}, "held_out": held_out, "rows": 5 * held_out},
    }
    told: list[Event] = []
    require_useful(facts, told.append, allow=True)
    warned = [isinstance(one, Note) and one.level == "warning" for one in told]
    assert warned == [True] * (accuracy <= 0.5)
    if refused:
        with pytest.raises(MldeployError) as raised:
            require_useful(facts, told.append, allow=False)
        assert raised.value.code == "MLD226"
    else:
        require_useful(facts, told.append, allow=False)
