"""Measures the time or memory of a model's handlers in a separate process.

`python -m benchmarks.endpoint_process time|memory TASK APP`: TASK has the layout of the image's
/var/task, APP is the tutorial's. The results are printed as JSON.
"""

import importlib.util
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np

from benchmarks.iris import COLUMNS, event, rows
from benchmarks.measure import Timing, interleaved
from tests.support.models import handler_of

Handler = Callable[[Any, Any], Any]
Subjects = dict[str, Callable[[], object]]

ROUNDS = {1: 500, 1000: 60}
REQUESTS = 10_000
_WARM_UP = 500
_CONTEXT = SimpleNamespace(aws_request_id="8f507cfc-xmpl-4697-b07a-ac58fc914c95")


class Watched:
    """A wrapper of a model that sums the time of its calls."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def predict(self, table: Any) -> Any:
        """Predict, and add up."""
        return self._timed(self._model.predict, table)

    def predict_proba(self, table: Any) -> Any:
        """The same."""
        return self._timed(self._model.predict_proba, table)

    def _timed(self, call: Callable[[Any], Any], table: Any) -> Any:
        started = time.perf_counter()
        found = call(table)
        self.seconds += time.perf_counter() - started
        return found


def main(what: str, task: Path, app: Path) -> None:
    """Measure and print."""
    model = joblib.load(task / "model" / "model.joblib")
    watched = Watched(model)
    # One copy of the model for all: the processor's caches would hold the last subject's own.
    joblib.load = lambda _path: watched
    handler = handler_of(task)
    # Writing a request's log line costs a system call, as on Lambda.
    result, sys.stdout = sys.stdout, Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    if what == "memory":
        found: Any = memory(handler)
    else:
        names = json.loads((task / "model" / "model.json").read_text())["signature"]["class_names"]
        inside: list[float] = []
        one = one_row(Side(handler, watched, inside), model, tutorial(app))
        found = {
            "1": _seconds(interleaved(one, ROUNDS[1])),
            "1000": _seconds(interleaved(thousand_rows(handler, model, names), ROUNDS[1000])),
            # The first one was the warm-up's.
            "inside": inside[1:],
        }
    result.write(json.dumps(found))


def _seconds(timings: dict[str, Timing]) -> dict[str, tuple[float, ...]]:
    return {name: timing.seconds for name, timing in timings.items()}


@dataclass(frozen=True)
class Side:
    """The handler, its model, and what that took of each call."""

    handler: Handler
    model: Watched
    inside: list[float]

    def ask(self, asked: Any) -> None:
        """Answer an event."""
        self.model.seconds = 0.0
        self.handler(asked, _CONTEXT)
        self.inside.append(self.model.seconds)


def tutorial(app: Path) -> Handler:
    """Import the tutorial's handler, which loads its model."""
    spec = importlib.util.spec_from_file_location("app", app)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{app} can't be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Handler = module.handler
    return found


def one_row(side: Side, model: Any, baseline: Handler) -> Subjects:
    """Return what is timed with one row, another one each time."""
    many = rows(150)
    _require_equal(side.handler, baseline, many)

    def each(ask: Callable[[Any], object], given: list[Any]) -> Callable[[], object]:
        turn: Iterator[Any] = cycle(given)
        return lambda: ask(next(turn))

    tables = [np.array([row]) for row in many]
    events = [event({"features": row}) for row in many]
    return {
        "predict": each(model.predict, tables),
        "predict_proba": each(model.predict_proba, tables),
        "mldeploy": each(side.ask, events),
        "tutorial": each(lambda one: baseline(one, _CONTEXT), events),
    }


def _require_equal(handler: Handler, baseline: Handler, many: list[list[float]]) -> None:
    """Check that all responses are equal before measuring."""
    for row in many:
        ours, theirs = (
            json.loads(one(event({"features": row}), _CONTEXT)["body"])
            for one in (handler, baseline)
        )
        if not _close(ours["prediction"], theirs):
            raise RuntimeError(f"of {row} the handler says {ours}, the tutorial {theirs}")


def _close(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    same = all(ours[key] == theirs[key] for key in ("class_label", "class_name"))
    pairs = [(value, theirs["probabilities"][key]) for key, value in ours["probabilities"].items()]
    return same and all(abs(one - other) <= 1e-9 for one, other in pairs)  # noqa: PLR2004 - rounding


def thousand_rows(handler: Handler, model: Any, names: list[str]) -> Subjects:
    """Return the functions to time with 1,000 rows: ours, and the minimum with equal responses."""
    text = json.dumps({"instances": rows(1000)})
    asked = event(text)

    def least() -> str:
        table = np.array(json.loads(text)["instances"])
        labels, scores = model.predict(table).tolist(), model.predict_proba(table).tolist()
        answers = [
            {
                "class_label": label,
                "class_name": names[label],
                "probabilities": dict(zip(names, row, strict=True)),
            }
            for label, row in zip(labels, scores, strict=True)
        ]
        return json.dumps({"predictions": answers})

    ours = json.loads(handler(asked, _CONTEXT)["body"])["predictions"]
    theirs = json.loads(least())["predictions"]
    if not all(_close(*pair) for pair in zip(ours, theirs, strict=True)):
        raise RuntimeError("of 1,000 rows the handler says something else than the model")
    table = np.array(json.loads(text)["instances"])
    return {
        "predict": lambda: model.predict(table),
        "predict_proba": lambda: model.predict_proba(table),
        "json and both calls": least,
        "mldeploy": lambda: handler(asked, _CONTEXT),
    }


def kinds() -> dict[str, tuple[dict[str, Any], int]]:
    """Return requests by kind, with the expected status."""
    row, ten = rows(1)[0], rows(10)
    named = dict(zip(COLUMNS, row, strict=True))
    csv = "\n".join([",".join(COLUMNS), *(",".join(map(str, one)) for one in ten)])
    return {
        "one row": (event({"features": row}), 200),
        "one row by names": (event({"features": named}), 200),
        "ten rows": (event({"instances": ten}), 200),
        "ten rows of CSV": (event(csv, "text/csv"), 200),
        "refused: not JSON": (event("{"), 400),
        "refused: wrong types": (event({"instances": [["a"] * 4] * 10}), 422),
        "refused: too many rows": (event({"instances": [row] * 10_001}), 413),
        "refused: another format": (event("a=1", "text/html"), 415),
    }


def memory(handler: Handler) -> dict[str, dict[str, float]]:
    """Return resident MB before and after the requests of each kind, and the peak between."""
    found = {}
    for kind, (asked, status) in kinds().items():
        # Parsing 10,001 rows alone takes milliseconds.
        count = REQUESTS if len(asked["body"]) < 100_000 else REQUESTS // 10  # noqa: PLR2004 - bytes
        for _ in range(_WARM_UP if count == REQUESTS else _WARM_UP // 10):
            answer = handler(asked, _CONTEXT)
        if answer["statusCode"] != status:
            raise RuntimeError(f"{kind}: {answer['statusCode']}, not {status}")
        # 5 sets the peak back (Linux, proc_pid_clear_refs(5)).
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = _megabytes("VmRSS")
        for _ in range(count):
            handler(asked, _CONTEXT)
        found[kind] = {
            "requests": count,
            "before": before,
            "after": _megabytes("VmRSS"),
            "peak": _megabytes("VmHWM"),
        }
    return found


def _megabytes(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    match = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"/proc/self/status has no {name}")
    return int(match[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
