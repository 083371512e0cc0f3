"""Dataclasses as JSON: which keys they have, and which values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

import pytest

from mldeploy.text.data import FLAT, HIDDEN, SPARSE, InJson, as_data, in_json

HERE = PurePosixPath("a/b")


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    a: int
    b: str = field(default="", metadata=SPARSE)


@dataclass(frozen=True)
class Outer:
    first: Inner = field(metadata=FLAT)
    none: Inner | None = field(default=None, metadata=FLAT)
    all: tuple[Inner, ...] = ()
    by_name: Mapping[str, Inner] = field(default_factory=dict)
    colour: Colour = Colour.RED
    share: float | None = field(default=None, metadata=in_json(InJson(digits=2)))
    size: int = field(default=0, metadata=in_json(InJson(key="bytes")))
    secret: str = field(default="hidden", metadata=HIDDEN)
    path: PurePosixPath = HERE


PLAIN = {
    "a": 1, "all": [], "by_name": {}, "colour": "red", "share": None, "bytes": 0, "path": "a/b",
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (Outer(Inner(1)), {}),
        (Outer(Inner(1, "x")), {"b": "x"}),
        (Outer(Inner(1), none=Inner(2, "y")), {"a": 2, "b": "y"}),
        (Outer(Inner(1), all=(Inner(2), Inner(3, "x"))), {"all": [{"a": 2}, {"a": 3, "b": "x"}]}),
        (Outer(Inner(1), by_name={"n": Inner(2)}), {"by_name": {"n": {"a": 2}}}),
        (Outer(Inner(1), share=0.12345), {"share": 0.12}),
        (Outer(Inner(1), size=5), {"bytes": 5}),
    ],
    ids=["flat", "sparse", "flat that may be None", "list", "by name", "digits", "another key"],
)
def test_a_dataclass_is_an_object(value: Outer, changes: dict[str, Any]) -> None:
    """Its keys are its fields, but for what a field says of itself."""
    assert as_data(value) == PLAIN | changes
    assert json.loads(json.dumps(as_data(value))) == PLAIN | changes


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "a", {"a": [1]}, []])
def test_what_json_has_stays(value: object) -> None:
    """Free-form parts, such as a response's body, come through as they are."""
    assert as_data(value) == value


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", Inner])
def test_what_json_has_no_form_for_is_an_error(value: object) -> None:
    """It isn't written as some text that nobody asked for."""
    with pytest.raises(TypeError, match="JSON has no form"):
        as_data(value)
