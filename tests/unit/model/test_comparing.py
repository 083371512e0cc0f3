"""Two answers: the same, the same but for noise, or others."""

from typing import Any

import pytest

from mldeploy.model.proof.comparing import compare, scales_of


@pytest.mark.parametrize(
    ("expected", "found", "differs"),
    [
        ({"value": 1.0}, {"value": 1.0}, ""),
        ({"value": 1.0}, {"value": 1.0 + 5e-13}, ""),
        ({"value": 1.0}, {"value": 1.0 + 5e-12}, "value: expected 1.0"),
        ({"value": 1}, {"value": 1.0}, "value: expected 1, got 1.0"),
        ({"value": 1}, {"value": True}, "value: expected 1, got True"),
        ({"class_label": "a"}, {"class_label": "b"}, "class_label: expected 'a', got 'b'"),
        ({"cluster": 2**60}, {"cluster": 2**60 + 1}, "cluster"),
        ({"value": None}, {"value": None}, ""),
        ({"value": None}, {"value": 0.0}, "value: expected None"),
        ({"value": [1.0, 2.0]}, {"value": [1.0]}, "value: expected [1.0, 2.0]"),
        ({"value": 1.0}, {"values": 1.0}, "expected {'value': 1.0}"),
        ({"probabilities": {"a": 1e-15, "b": 1.0}}, {"probabilities": {"a": 2e-15, "b": 1.0}}, ""),
        ({"values": {"a": 1e-15, "b": 1.0}}, {"values": {"a": 2e-15, "b": 1.0}}, "values.a"),
        ({"outputs": {"a": {"class_label": 1}}}, {"outputs": {"a": {"class_label": 2}}},
         "outputs.a.class_label"),
    ],
)  # fmt: skip
def test_labels_are_equal_and_numbers_nearly(expected: Any, found: Any, differs: str) -> None:
    """Numbers differ relative to the largest at their place; probabilities share one scale."""
    compared = compare(expected, found, 1e-12, scales_of([expected]))
    assert bool(compared.differences) == bool(differs)
    assert not differs or compared.differences[0].startswith(differs)


def test_the_largest_difference_is_kept() -> None:
    """So that a training can say how equal equal is."""
    compared = compare({"value": 2.0}, {"value": 2.0 + 1e-12}, 1e-6, {"value": 4.0})
    assert compared.largest == pytest.approx(2.5e-13, rel=0.01)
    assert compare({"value": 2.0}, {"value": 2.0}, 1e-6, {}).largest == 0
