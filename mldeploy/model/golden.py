"""Golden examples: requests to a version, and their expected responses.

They are part of the model bundle and never of an image, because an image with its own examples
would verify itself.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mldeploy.model.expected import TOLERANCE, differences

MOST_BYTES = 4_000_000
"""Bytes of the rows of an event. Lambda allows 6 MB for a synchronous invocation, and for its
response (Lambda developer guide, "Lambda quotas"); a row's prediction may be longer than the
row."""
_MOST_PROBLEMS = 20
_OK = 200


@dataclass(frozen=True)
class Golden:
    """Golden examples of a function; falsy without any.

    Attributes:
        text: the bundle's golden.json, or the golden file of a user's handler.
        custom: whether it is the latter.
    """

    text: bytes = field(default=b"", repr=False)
    custom: bool = False

    def __bool__(self) -> bool:
        return bool(self.text)

    @cached_property
    def _content(self) -> dict[str, Any]:
        return dict(json.loads(self.text)) if self.text else {}

    @property
    def inputs(self) -> list[Any]:
        """Rows, or the requests to a user's handler."""
        if self.custom:
            return [one["request"] for one in self._content.get("examples", [])]
        return list(self._content.get("inputs", []))

    @property
    def expected(self) -> list[Any]:
        """The expected predictions, or responses."""
        if self.custom:
            return [_response(one) for one in self._content.get("examples", [])]
        return list(self._content.get("predictions", []))

    def events(self, most: int = MOST_BYTES) -> Iterator[dict[str, Any]]:
        """Yield the events of direct invokes, at least one.

        Args:
            most: bytes of rows in an event; a longer row gets its own event.
        """
        batch: list[Any] = []
        size = 0
        for one in self.inputs:
            length = len(json.dumps(one))
            if batch and size + length > most:
                yield verify_event(batch)
                batch, size = [], 0
            batch.append(one)
            size += length
        yield verify_event(batch)

    def problems(self, answers: list[dict[str, Any]]) -> list[str]:
        """Return the problems of the responses to the events, at most 20 lines."""
        said = [str(one) for answer in answers for one in answer["problems"]]
        found = [one for answer in answers for one in answer.get("predictions", ())]
        if len(found) == len(self.expected):
            # An empty response may be an error, according to the image.
            lines = self._compared(found, () if not said else ({},))
            return [*said, *lines][:_MOST_PROBLEMS]
        wrong = f"{len(self.expected)} golden examples, but {len(found)} predictions"
        return said[:_MOST_PROBLEMS] or [wrong]

    def _compared(self, found: list[Any], skipped: tuple[Any, ...]) -> Iterator[str]:
        judge = differences if self.custom else exact_differences
        for number, (one, other) in enumerate(zip(self.expected, found, strict=True)):
            for line in () if other in skipped else judge(one, other):
                yield f"golden example {number}: {line.removeprefix('$').removeprefix('.')}"


def verify_event(inputs: list[Any]) -> dict[str, Any]:
    """Return the event that only a direct invoke can send: over HTTP it would be a body."""
    return {"mldeploy": "verify", "inputs": inputs}


def _response(example: dict[str, Any]) -> dict[str, Any]:
    expected = {"status": example.get("status", _OK)}
    return {**expected, "answer": example["answer"]} if "answer" in example else expected


def exact_differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Return the differences between a model's and the estimator's predictions.

    Labels, keys and types must be equal, and numbers within the tolerance.
    """
    match expected, found:
        case dict(), dict() if expected.keys() == found.keys():
            return [
                line
                for name in expected
                for line in exact_differences(
                    expected[name], found[name], f"{where}.{name}".strip(".")
                )
            ]
        case list(), list() if len(expected) == len(found):
            pairs = zip(expected, found, strict=True)
            return [line for one, other in pairs for line in exact_differences(one, other, where)]
        case float(), float():
            same = abs(expected - found) <= TOLERANCE * max(1.0, abs(expected))
        case _:
            same = type(expected) is type(found) and expected == found
    return [] if same else [f"{where}: expected {expected!r}, got {found!r}"]
