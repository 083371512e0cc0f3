"""Which parts of the training data a deploy makes readable, and for whom."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mldeploy.config import FunctionConfig
from mldeploy.deploy.disclosure import published_by
from tests.support.engine_api import SPEC
from tests.support.stacks import config


def line(facts: dict[str, Any], auth: Any = "none", route: str = "POST /predict") -> str:
    """Return the line of a function whose model has these facts."""
    content = json.dumps({"signature": {}} | facts).encode()
    spec = replace(SPEC, files=(("model/model.json", content),))
    api = replace(config().api, auth=auth)
    return published_by(config(api=api), FunctionConfig("predict", route), spec)


READERS = {
    "a public route": ("none", "POST /predict", "anyone"),
    "signed requests": ("iam", "POST /predict", "clients whose signed requests are allowed"),
    "tokens": ("jwt", "POST /predict", "clients with a token"),
    "no route, though the API is public": ("none", "", "principals that may invoke it"),
}


@pytest.mark.parametrize("case", READERS)
def test_the_readers(case: str) -> None:
    """As docs/privacy.md lists them."""
    auth, route, readers = READERS[case]
    assert line({}, auth, route).startswith(f"readable by {readers} through predict: ")


def listed(*names: str) -> dict[str, Any]:
    return {"signature": {"features": [{"name": one, "categories": ["x"]} for one in names]}}


PARTS: dict[str, tuple[dict[str, Any], str]] = {
    "one column": ({"signature": {"features": [{"name": "a"}]}}, "names and types of 1 column"),
    "ranges are counted": (
        {"signature": {"features": [{"name": "a", "minimum": 0}, {"name": "b"}]}},
        "names and types of 2 columns, rounded ranges of 1",
    ),
    "three columns with values are named": (
        listed("a", "b", "c"), "names and types of 3 columns, values of 'a', 'b', 'c'",
    ),
    "further ones are counted": (
        listed("a", "b", "c", "d"),
        "names and types of 4 columns, values of 'a', 'b', 'c' and 1 more",
    ),
    "one class": ({"signature": {"classes": ["x"]}}, "names and types of 0 columns, 1 class name"),
    "classes of all outputs are counted": (
        {"signature": {"outputs": [{"classes": ["x", "y"]}, {"classes": ["z"]}, {}]}},
        "names and types of 0 columns, 3 class names",
    ),
    "an example": ({"example": [1]}, "names and types of 0 columns, an example"),
    "no example": ({"example": None}, "names and types of 0 columns"),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTS)
def test_the_parts(case: str) -> None:
    """Counts for what is long, names for the first columns with values."""
    facts, parts = PARTS[case]
    assert line(facts) == f"readable by anyone through predict: {parts}"
