"""Compiled models against their pipelines, skl2onnx and m2cgen: differences and speed.

`python -m benchmarks compiled`; `python -m benchmarks.compiled ESTIMATOR …` measures some.
"""

import gzip
import importlib
import os
import pickle
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.compiled_models import DATA, ESTIMATORS, Data, pipeline
from benchmarks.compiled_rivals import difference, m2cgen, onnx, rows_of
from mldeploy.files.shipped import shipped
from mldeploy.model.compiled.compiling import compile_model
from mldeploy.model.compiled.gate.asking import Asked
from mldeploy.model.compiled.nodes import NotCompilableError
from mldeploy.model.data.columns import features_of
from mldeploy.model.data.signature import rows_as_json
from mldeploy.model.data.training_data import TrainingData

_HEAD = (
    "estimator", "data", "values", "largest", "skl2onnx", "m2cgen",
    "1 row", "10 rows", "1,000 rows", "auto", "start", "memory", "bytes",
)  # fmt: skip
# The peak of getrusage is that of the parent if it had more.
_START = r"""
import re, sys, time
begin = time.perf_counter()
{load}
seconds = time.perf_counter() - begin
print(seconds, re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
"""
_COMPILED = """
sys.path.insert(0, {folder!r})
from pathlib import Path
from endpoint.compiled.file import read
read(Path({file!r}))
"""
_FITTED = "import pickle; pickle.load(open({file!r}, 'rb'))"


def main(names: list[str] | None = None) -> None:
    """Print a table: ratios are the compiled model's time divided by the pipeline's."""
    os.environ["OMP_NUM_THREADS"] = "1"
    warnings.simplefilter("ignore")
    print("| " + " | ".join(_HEAD) + " |")
    print("|" + " --- |" * len(_HEAD))
    for name in names or ESTIMATORS:
        for data in DATA:
            print("| " + " | ".join(_row(name, data)) + " |", flush=True)


def _row(name: str, which: str) -> Iterator[str]:
    data = DATA[which]()
    fitted = pipeline(ESTIMATORS[name](), data)
    yield from (name, which)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        try:
            proved = compile_model(fitted, data.x, _methods(fitted), _asked(data, file))
        except NotCompilableError as error:
            yield from (f"not compiled: {error}", *("" for _ in _HEAD[3:]))
            return
        yield from (str(proved.points), f"{proved.largest:.0e}" if proved.largest else "0")
        yield from _rivals(fitted, data)
        yield from _ratios(fitted, data, file)
        yield "pipeline" if proved.slower else "compiled"
        yield from _started(fitted, file)


def _methods(fitted: Any) -> tuple[str, ...]:
    scores = ("predict_proba", "decision_function")
    return ("predict", *([one for one in scores if hasattr(fitted, one)][:1]))


def _asked(data: Data, file: Path) -> Asked:
    kind = "dataframe" if hasattr(data.x, "columns") else "array"
    return Asked(file, {"input": kind}, features_of(TrainingData(data.x, None, None)))


def _rivals(fitted: Any, data: Data) -> Iterator[str]:
    if "city" in getattr(data.x, "columns", ()):
        yield from ("-", "-")  # they take arrays of numbers
        return
    makers: tuple[Callable[[], Any], ...] = (lambda: onnx(fitted, data.x), lambda: m2cgen(fitted))
    for make in makers:
        try:
            yield difference(make(), fitted, rows_of(data.x))
        except Exception as error:  # noqa: BLE001 - whatever a converter raises
            yield type(error).__name__


def _ratios(fitted: Any, data: Data, file: Path) -> Iterator[str]:
    """Yield the compiled model's time per prediction, divided by the pipeline's."""
    sys.path.insert(0, str(shipped("image_template")))
    node = importlib.import_module("endpoint.compiled.file").read(file)[0]
    asked = _asked(data, file)
    make = importlib.import_module("endpoint.frameworks.compiled").table_maker(
        asked.signature, asked.features
    )
    method = _methods(fitted)[-1]
    for count in (1, 10, 1000):
        numbers = [number % len(data.x) for number in range(count)]
        table = make(rows_as_json(data.x, numbers))
        x = data.x.iloc[numbers] if hasattr(data.x, "iloc") else data.x[numbers]
        ours, theirs = getattr(node, method), getattr(fitted, method)
        yield f"{_median(partial(ours, table)) / _median(partial(theirs, x)):.2f}"


def _median(call: Callable[[], object]) -> float:
    """Return the median seconds of a call, of about a tenth of a second's calls."""
    found: list[float] = []
    end = time.perf_counter() + 0.1
    while len(found) < 5 or time.perf_counter() < end:  # noqa: PLR2004
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return sorted(found)[len(found) // 2]


def _started(fitted: Any, file: Path) -> Iterator[str]:
    """Yield ratios of the time and memory of a process that loads each, and sizes in bytes."""
    pickled = file.with_name("model.pickle")
    pickled.write_bytes(pickle.dumps(fitted))
    folder = str(shipped("image_template"))
    ours = _process(_COMPILED.format(folder=folder, file=str(file)))
    theirs = _process(_FITTED.format(file=str(pickled)))
    yield f"{ours[0] / theirs[0]:.2f}"
    yield f"{ours[1] / theirs[1]:.2f}"
    sizes = [len(gzip.compress(one.read_bytes())) for one in (file, pickled)]
    yield f"{sizes[0]} / {sizes[1]}"


def _process(load: str) -> list[float]:
    """Return the seconds of a load and the process's peak of memory in kB."""
    done = subprocess.run(
        [sys.executable, "-c", _START.format(load=load)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(one) for one in done.stdout.split()]


if __name__ == "__main__":
    main(sys.argv[1:])
