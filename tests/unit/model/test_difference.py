"""What two models differ in, and which of it may break clients."""

from typing import Any

import pytest

from mldeploy.model.difference import differences, facts_to_compare


def feature(name: str, dtype: str = "number", **more: Any) -> dict[str, Any]:
    return {"name": name, "dtype": dtype, **more}


def signature(*features: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"signature": {"task": "classification", "features": list(features), **more}}


A, B = feature("a"), feature("b")
COLOURS = feature("colour", "string", closed=True, categories=["blue", "red"])
UNLISTED = feature("colour", "string", closed=True)


@pytest.mark.parametrize(
    ("old", "new", "text", "breaking"),
    [
        (signature(A), signature(A, B), "feature 'b' added", True),
        (signature(A, B), signature(A), "feature 'b' removed", True),
        (signature(A, B), signature(B, A), "features in another order", True),
        (signature(A), signature(feature("a", "string")), "feature 'a': number → string", True),
        (
            signature(feature("a", "integer")), signature(A),
            "feature 'a': integer → number", False,
        ),
        (
            signature(feature("a", nullable=True)), signature(A),
            "feature 'a' may no longer be missing", True,
        ),
        (
            signature(A), signature(feature("a", nullable=True)),
            "feature 'a' may be missing", False,
        ),
        (
            signature(COLOURS), signature({**COLOURS, "categories": ["blue"]}),
            "feature 'colour': category 'red' removed", True,
        ),
        (
            signature(COLOURS), signature(UNLISTED),
            "feature 'colour': its values aren't listed any more; a removed one is refused",
            False,
        ),
        (
            {**signature(UNLISTED), "columns": "a"}, {**signature(UNLISTED), "columns": "b"},
            "the unlisted values of closed columns changed; a removed one is now refused", False,
        ),
        (
            signature(class_names=["x", "y"]), signature(class_names=["x"]),
            "class 'y' removed", True,
        ),
        (
            signature(class_names=["x"]), signature(class_names=["x", "y"]),
            "class 'y' added", False,
        ),
        (
            signature(), {"signature": {"task": "regression", "features": []}},
            "task: classification → regression", True,
        ),
        (
            {"metrics": {"accuracy": 0.9}}, {"metrics": {"accuracy": 0.95}},
            "accuracy: 0.9000 → 0.9500 (better)", False,
        ),
        (
            {"metrics": {"mae": 2.0}}, {"metrics": {"mae": 3.0}},
            "mae: 2.0000 → 3.0000 (worse)", False,
        ),
        (
            {"metrics": {"r2": None}}, {"metrics": {"r2": 0.5}},
            "r2: unknown → 0.5000", False,
        ),
        (
            {"versions": {"numpy": "2.3.0"}}, {"versions": {"numpy": "2.4.0", "scipy": "1.9"}},
            "numpy 2.3.0 → 2.4.0", False,
        ),
    ],
)  # fmt: skip
def test_a_difference_is_named_and_judged(
    old: dict[str, Any],
    new: dict[str, Any],
    text: str,
    breaking: bool,  # noqa: FBT001 - a column
) -> None:
    """Each difference has its sentence; only what may break a client counts as breaking."""
    found = {one.text: one.breaking for one in differences(old, new)}
    assert found.get(text) is breaking
    assert breaking or not any(found.values())


def test_equal_models_differ_in_nothing_but_equal_metrics() -> None:
    """A metric is always shown, with the word that it is the same."""
    facts = {**signature(A, COLOURS, class_names=["x"]), "metrics": {"accuracy": 0.9}}
    assert [one.text for one in differences(facts, facts)] == [
        "accuracy: 0.9000 → 0.9000 (the same)"
    ]


def test_the_label_of_an_image_holds_what_a_comparison_needs() -> None:
    """No range, no example; of values that clients may not read a digest."""
    column = {**COLOURS, "minimum": 4.0, "maximum": 8.0, "storage": "str", "nullable": True}
    model = signature(column, classes=[0, 1])
    found = facts_to_compare(
        {**model, "metrics": {"r2": 1.0}, "example": {"features": [1]}, "columns_sha256": "abc"}
    )
    assert found == {
        **signature({**COLOURS, "nullable": True}, classes=[0, 1]),
        "metrics": {"r2": 1.0},
        "versions": None,
        "columns": "abc",
    }


def test_columns_are_named_in_the_models_own_order() -> None:
    """The same two models are described alike in each process, whatever its hash seed."""
    names = [f"column {number}" for number in range(20)]
    many = signature(*(feature(name) for name in names))
    added = [one.text for one in differences(signature(A), many)]
    gone = [one.text for one in differences(many, signature(A))]
    assert added == [*(f"feature {name!r} added" for name in names), "feature 'a' removed"]
    assert gone == ["feature 'a' added", *(f"feature {name!r} removed" for name in names)]
