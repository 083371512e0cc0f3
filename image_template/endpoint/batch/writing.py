"""Writes the predictions of a chunk."""

import json
from collections.abc import Sequence
from typing import IO, Any, Protocol

from endpoint.frameworks.predictor import Answer

_ENCODE = json.JSONEncoder(allow_nan=False).encode


class Writer(Protocol):
    """Writes rows to a stream."""

    def write(
        self, kept: dict[str, Sequence[Any]], answers: list[Answer], warnings: list[int]
    ) -> dict[int, str]:
        """Write rows, and return the reasons of those that can't be written, by position.

        Args:
            kept: values of the columns to keep, by name.
            answers: one per row.
            warnings: how many values of the row are unlike the training data.
        """
        ...

    def finish(self) -> None:
        """Complete the file."""
        ...


def writer_of(kind: str, stream: IO[bytes], release: str) -> Writer:
    """Return the writer of a kind of output.

    Raises:
        ValueError: if the kind is unknown.
    """
    match kind:
        case "jsonl":
            return LineWriter(stream, release)
        case _:
            raise ValueError(f"unknown kind of output {kind!r}")


class LineWriter:
    """Writes JSON Lines: the kept columns, and "prediction" as the endpoint answers one row."""

    def __init__(self, stream: IO[bytes], release: str) -> None:
        self._stream, self._release = stream, _ENCODE(release)

    def write(
        self, kept: dict[str, Sequence[Any]], answers: list[Answer], warnings: list[int]
    ) -> dict[int, str]:
        """Write one line per row."""
        failed: dict[int, str] = {}
        lines: list[str] = []
        names = [f"{_ENCODE(name)}: " for name in kept]
        rows = zip(*kept.values(), strict=True) if kept else ((),) * len(answers)
        end = f', "release": {self._release}}}\n'
        for row, answer, count in zip(rows, answers, warnings, strict=True):
            try:
                found = _ENCODE(answer)
            except ValueError:
                failed[len(lines) + len(failed)] = "the prediction isn't valid JSON"
                continue
            start = "".join(
                f"{name}{_ENCODE(value)}, " for name, value in zip(names, row, strict=True)
            )
            lines.append(f'{{{start}"prediction": {found}, "warnings": {count}{end}')
        self._stream.write("".join(lines).encode())
        return failed

    def finish(self) -> None:
        """Nothing is left to write."""
