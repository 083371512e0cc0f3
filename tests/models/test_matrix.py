"""What is served is what was trained, for every model of the matrix."""

from collections.abc import Callable

import pytest

from tests.models.client import Server, outcome_of
from tests.models.matrix import LINES

Record = Callable[[str, object], None]


@pytest.mark.parametrize("name", LINES)
def test_what_is_served_is_what_was_trained(
    name: str, server: Server, record_property: Record
) -> None:
    """Every answer is the fitted estimator's own, or the model is refused clearly."""
    line = LINES[name]
    found = outcome_of(line, server.run(name))
    for key, value in (
        ("line", name),
        ("outcome", found.kind),
        ("said", found.said),
        ("requests", found.requests),
    ):
        record_property(key, value)
    assert found.kind != "anything else", found.said


def test_the_matrix_is_large() -> None:
    """There are at least 300 models."""
    assert len(LINES) >= 300
