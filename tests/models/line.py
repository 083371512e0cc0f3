"""A line of the matrix: a model, the data that it is fitted on, and what should become of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Data = Callable[[], Any]
Make = Callable[[], Any]


@dataclass(frozen=True)
class Line:
    """One model.

    Attributes:
        name: of its own in the whole matrix.
        data: what `data()` of the project returns.
        make: what `estimator()` returns.
        refusal: None where every answer must be the estimator's own; else an MLD code of training
            or "422" of a request, and a word that the message must have.
        kind: the form of the answers, where it can't be told from the estimator (`truth.kind_of`).
        files: of the project, by path; with a "train.py" among them `data` and `make` aren't used.
        hooks: the module of hooks, or None.
        full: run all of `mldeploy train`, with its clean process.
        noise: the largest relative difference of numbers. More than 1e-12 needs a reason.
        formats: in which the rows can be written.
    """

    name: str
    data: Data | None = None
    make: Make | None = None
    refusal: tuple[str, str] | None = None
    kind: str = ""
    files: dict[str, str] = field(default_factory=dict)
    hooks: str | None = None
    full: bool = False
    noise: float = 1e-12
    formats: tuple[str, ...] = ("json", "csv", "v2")


def exact(name: str, data: Data, make: Make, **more: Any) -> Line:
    """Return a line whose answers must be the estimator's own."""
    return Line(name, data, make, **more)


def refused(name: str, data: Data, make: Make, code: str, word: str, **more: Any) -> Line:
    """Return a line that must be refused, with a code and a word of the message."""
    return Line(name, data, make, refusal=(code, word), **more)
