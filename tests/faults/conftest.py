"""A world for the trials of a module."""

from collections.abc import Iterator

import pytest

from tests.faults.world import World, world


@pytest.fixture(scope="module")
def where() -> Iterator[World]:
    """One world for a module: each trial begins with an account of its own in it."""
    with world() as found:
        yield found
