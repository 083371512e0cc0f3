"""Asks the estimator here, and its compiled form in a clean process."""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any, Self

from mldeploy.files.scratch import Scratch
from mldeploy.files.shipped import shipped
from mldeploy.model.compiled.gate.cases import Case, Outcome
from mldeploy.model.compiled.gate.outcomes import Found, alone, of_trees, together
from mldeploy.model.compiled.nodes import NotCompilableError
from mldeploy.model.data.signature import rows_as_json
from mldeploy.model.sequential import sequential

_CLEAN = Path(__file__).with_name("clean.py")
_SECONDS = 300
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Asked:
    """A compiled model to ask.

    Attributes:
        file: of its nodes.
        signature: of model.json.
        features: the columns with all their facts.
        template: the folder of the image's code.
    """

    file: Path
    signature: dict[str, Any]
    features: list[dict[str, Any]]
    template: Path = field(default_factory=lambda: shipped("image_template"))


def of_estimator(estimator: Any, case: Case, tree: Any = None) -> list[Outcome]:
    """Return the outcomes of a case's methods.

    Args:
        estimator: fitted.
        case: the question.
        tree: for a case of trees, the function that answers for one.
    """
    from threadpoolctl import threadpool_limits

    # Several threads choose among equally near rows by their count.
    with warnings.catch_warnings(), sequential(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        return [
            Outcome(arrays, tuple(raised), error)
            for arrays, raised, error in _outcomes(estimator, case, tree)
        ]


def _outcomes(estimator: Any, case: Case, tree: Any) -> Iterator[Found]:
    for method in case.methods:
        if case.trees:
            yield of_trees(tree, case.x, list(case.trees))
        elif case.alone:
            yield alone(getattr(estimator, method), _rows(case.x))
        else:
            yield together(getattr(estimator, method), case.x)


def _rows(x: Any) -> Iterator[Any]:
    for number in range(len(x)):
        part = slice(number, number + 1)
        yield x.iloc[part] if hasattr(x, "iloc") else x[part]


class Clean:
    """A process with a compiled model that can import only NumPy.

    Args:
        asked: the model.
        cases: questions that it answers.
        methods: that it calls for a request.
        requests: rows of each.

    Raises:
        NotCompilableError: by all methods, if the process fails.
    """

    def __init__(
        self, asked: Asked, cases: list[Case], methods: tuple[str, ...], requests: list[Any]
    ) -> None:
        self._cases = cases
        self._told = {
            "file": str(asked.file),
            "endpoint": str(asked.template),
            "signature": asked.signature,
            "features": asked.features,
            "cases": [_described(case) for case in cases],
            "methods": methods,
            "requests": requests,
        }

    def __enter__(self) -> Self:
        """Start the process."""
        with ExitStack() as stack:
            self._folder = stack.enter_context(Scratch())
            for number, case in enumerate(self._cases):
                _write_rows(self._folder, number, case)
            told = json.dumps(self._told)
            (self._folder / "cases.json").write_text(told, encoding="utf-8")
            self._process = stack.enter_context(
                subprocess.Popen(  # noqa: S603 - our own interpreter and program
                    [sys.executable, "-E", str(_CLEAN), str(self._folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stack.enter_context((self._folder / "errors").open("wb")),
                    text=True,
                    env=os.environ | _ONE_THREAD,
                )
            )
            stack.callback(self._process.kill)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self._stack.close()

    def outcomes(self) -> list[list[Outcome]]:
        """Return the outcomes of all cases."""
        self._answer()
        found = json.loads((self._folder / "outcomes.json").read_text(encoding="utf-8"))
        return [[_read(self._folder, *one) for one in of_case] for of_case in found]

    def seconds(self, request: int) -> float:
        """Return the processor time for a request, given by its number."""
        with suppress(BrokenPipeError):
            os.write(self._process.stdin.fileno(), f"{request}\n".encode())  # type: ignore[union-attr]
        return float(self._answer())

    def _answer(self) -> str:
        timer = Timer(_SECONDS, self._process.kill)
        timer.daemon = True
        timer.start()
        line: str = self._process.stdout.readline()  # type: ignore[union-attr]
        timer.cancel()
        if not line:
            told = (self._folder / "errors").read_text(encoding="utf-8", errors="replace")
            last = (told.strip().splitlines() or ["no reason given"])[-1]
            raise NotCompilableError(f"the compiled model fails: {last}")
        return line


def _described(case: Case) -> dict[str, Any]:
    return {
        "node": case.node,
        "methods": list(case.methods),
        "alone": case.alone,
        "trees": list(case.trees),
        "count": len(case.x),
    }


def _write_rows(folder: Path, number: int, case: Case) -> None:
    import numpy as np

    if case.node or case.trees:
        np.save(folder / f"{number}.npy", case.x, allow_pickle=False)
        return
    rows = rows_as_json(case.x, list(range(len(case.x))))
    (folder / f"{number}.json").write_text(json.dumps(rows), encoding="utf-8")


def _read(folder: Path, files: list[str], raised: list[int], error: str) -> Outcome:
    import numpy as np

    arrays = []
    for name in files:
        if name.endswith(".npy"):
            arrays.append(np.load(folder / name, allow_pickle=False))
        else:
            told = json.loads((folder / name).read_text(encoding="utf-8"))
            objects = np.array([*told["values"], None], dtype=object)[:-1]
            arrays.append(objects.reshape(told["shape"]))
    return Outcome(arrays, tuple(raised), error)
