"""What a framework brings: a module each, whose `load` returns a `Predictor`.

A compiled form of a model is one more of them: the handler doesn't know which one answers.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from endpoint.table import Rows

Facts = dict[str, Any]
Answer = dict[str, Any]


class Predictor(Protocol):
    """A loaded model."""

    def predict(self, rows: Rows) -> list[Answer]:
        """Answer all rows, checked and in the order of training, with one vectorised call."""
        ...


Load = Callable[[Path, Facts], Predictor]
"""Takes the model's file and the facts of `model.json`."""


def loader_of(framework: str) -> Load:
    """Return what loads models of a framework.

    Raises:
        RuntimeError: for one that this image doesn't know.
    """
    match framework:
        case "sklearn":
            from endpoint.frameworks.sklearn import load
        case "onnx":
            from endpoint.frameworks.onnx import load
        case _:
            raise RuntimeError(f"model.json names the framework {framework!r}: it isn't known here")
    return load
