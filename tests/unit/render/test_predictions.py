"""Predictions for several rows as a table."""

from typing import Any

import pytest

from mldeploy.render.predictions import predictions_table


def test_a_line_per_row_a_column_per_value() -> None:
    """Labels for people, probabilities by class, rounded; what one row lacks is empty."""
    rows = [
        {"class_label": 0, "class_name": "no", "probabilities": {"no": 0.123456789, "yes": 1e-9}},
        {"class_label": 1, "class_name": "yes", "more": [1, 2]},
    ]
    assert predictions_table({"predictions": rows}).splitlines() == [
        "row  class_name  p no      p yes  more",
        "0    no          0.123457  1e-09",
        "1    yes                          [1, 2]",
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"prediction": {"value": 1.0}},
        {"predictions": [{"value": 1.0}]},
        {"predictions": [1, 2]},
        "text",
        None,
    ],
)
def test_another_response_is_no_table(content: Any) -> None:
    """One prediction is shown as it is."""
    assert predictions_table(content) == ""
