"""Golden examples on the client's side: what is sent to a version, and what has to come back.

They stay with the model bundle and never go into an image: an image that brought its own rows and
answers would judge itself.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mldeploy.model.expected import TOLERANCE, differences

MOST_BYTES = 4_000_000
"""Of the rows of one event. Lambda takes 6 MB for a synchronous invocation, as much for its
response (Lambda developer guide, "Lambda quotas"); a row's answer may be longer than the row."""
_MOST_PROBLEMS = 20
_OK = 200


@dataclass(frozen=True)
class Golden:
    """Golden examples of a function; falsy without any.

    Attributes:
        text: the bundle's golden.json, or the golden file of a handler of the user's own.
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
        """What is sent: rows, or the requests of a handler of the user's own."""
        if self.custom:
            return [one["request"] for one in self._content.get("examples", [])]
        return list(self._content.get("inputs", []))

    @property
    def expected(self) -> list[Any]:
        """What has to come back: predictions, or responses."""
        if self.custom:
            return [_response(one) for one in self._content.get("examples", [])]
        return list(self._content.get("predictions", []))

    def events(self, most: int = MOST_BYTES) -> Iterator[dict[str, Any]]:
        """Yield the events of direct invokes that ask for the answers, at least one.

        Args:
            most: bytes of rows in an event; one that is longer goes alone.
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
        """Return what is wrong with the answers to the events, at most 20 lines."""
        said = [str(one) for answer in answers for one in answer["problems"]]
        found = [one for answer in answers for one in answer.get("predictions", ())]
        if len(found) == len(self.expected):
            # An empty answer is one that failed, if the image says so.
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
    """Return where a model's answer isn't the estimator's: equal labels, numbers within tolerance.

    Keys and types must be equal too: nobody wrote these by hand.
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
