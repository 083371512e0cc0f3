"""Asks the estimator here, and its compiled form in a clean process."""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class Timed:
    """Requests whose processor time is wanted.

    Attributes:
        methods: of the model, called for each request.
        bodies: rows, as JSON.
    """

    methods: tuple[str, ...]
    bodies: list[str]


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


def of_compiled(
    asked: Asked, cases: list[Case], timed: Timed
) -> tuple[list[list[Outcome]], list[float]]:
    """Return the outcomes of all cases in a process that can import only NumPy, and times.

    Args:
        asked: the model.
        cases: the questions.
        timed: requests to time; none are timed if one fails.

    Raises:
        NotCompilableError: if the process fails.
    """
    with Scratch() as folder:
        for number, case in enumerate(cases):
            _write_rows(folder, number, case)
        told = {
            "file": str(asked.file),
            "endpoint": str(asked.template),
            "signature": asked.signature,
            "features": asked.features,
            "cases": [_described(case) for case in cases],
            "timed": asdict(timed),
        }
        (folder / "cases.json").write_text(json.dumps(told), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-E", str(_CLEAN), str(folder)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
            env=os.environ | _ONE_THREAD,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise NotCompilableError(f"the compiled model fails: {last}")
        found = json.loads((folder / "outcomes.json").read_text(encoding="utf-8"))
        outcomes = [[_read(folder, *one) for one in of_case] for of_case in found["outcomes"]]
        return outcomes, found["seconds"]


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
