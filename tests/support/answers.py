"""One table of comparisons: what is taken for the same answer.

`mldeploy.model.expected` judges what came over HTTP and the answers of a handler of the user's
own, `mldeploy.model.golden` the model's own predictions.
"""

from typing import Any

ANSWERS: list[tuple[str, Any, Any, bool]] = [
    ("a large value, rounded otherwise", 250_000.0, 250_000.1, True),
    ("a large negative value", -250_000.0, -250_000.1, True),
    ("another large value", 250_000.0, 250_001.0, False),
    ("a probability, rounded otherwise", 0.5, 0.5 + 9e-7, True),
    ("another probability", 0.5, 0.500002, False),
    ("next to nothing", 1e-9, 5e-7, True),
    ("a value near the largest", 1e300, 1e300 * (1 + 1e-9), True),
    ("equal labels", 7, 7, True),
    ("large labels that are next to one another", 1_000_001, 1_000_002, False),
    ("a boolean is no number", True, 1, False),
    ("a number is no boolean", 0, False, False),
    ("equal booleans", True, True, True),
    ("another word", "setosa", "virginica", False),
    ("nothing is no zero", None, 0.0, False),
    ("a text is no number", "1", 1, False),
    ("lists of another length", [1.0], [1.0, 2.0], False),
    ("lists in another order", [1.0, 2.0], [2.0, 1.0], False),
    ("inside of lists and objects", {"a": [250_000.0]}, {"a": [250_000.1]}, True),
    ("a key that is missing", {"a": 1.0, "b": 2.0}, {"a": 1.0}, False),
]
"""(what it is, expected, found, whether both take it for the same)."""

LENIENT: list[tuple[str, Any, Any]] = [
    ("whole or not, as people write it", 5, 5.0),
    ("a whole number that was expected with a point", 5.0, 5),
    ("further keys", {"a": 1.0}, {"a": 1.0, "b": 2.0}),
]
"""What only the model's own check, which knows its exact form, takes for different."""

HOLDS: list[tuple[Any, float]] = [
    (0, 0.0),
    (0.2, 0.2),
    (1, 1.0),
    (60, 1.0),
    (float("inf"), 1.0),
    (-1, 0.0),
    ([], 0.0),
    (float("nan"), 0.0),
    (True, 0.0),
    ("0.2", 0.0),
    (None, 0.0),
]
"""(`hold` of a warm-up event, the seconds for which every handler holds its environment)."""
