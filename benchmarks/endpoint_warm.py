"""A warm request to the handler, against the model's bare calls and a tutorial's handler."""

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.iris import ESTIMATORS, train
from benchmarks.measure import Timing, machine, run, show, show_ratio
from mldeploy.config.training import TrainingConfig
from tests.support.models import ROOT, task_of

TUTORIAL = Path(__file__).with_name("tutorial")
# As in the image: two threads on a small model cost more than they bring.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JOBLIB_MULTIPROCESSING": "0"}
WATCHED = "KNN"


def main() -> None:
    """Print times and ratios per model, and whether memory is constant for one of them."""
    print(f"  {machine()}; one process and one thread a model, answers compared first")
    with tempfile.TemporaryDirectory() as name:
        for model in ESTIMATORS:
            task, app = _laid_out(model, Path(name))
            _show_times(model, _measured("time", task, app))
            if model == WATCHED:
                memory = _measured("memory", task, app) if sys.platform == "linux" else {}
        _show_memory(memory)


def _laid_out(model: str, folder: Path) -> tuple[Path, Path]:
    """Train a model and create both endpoints: ours as /var/task, and the tutorial's app.py."""
    # The tutorial's own model: what the handler adds is measured, not the form of the model.
    bundle = train(model, folder, TrainingConfig(compile="off")).bundle
    place = bundle.path.parent
    task = task_of(bundle, place / "task")
    app = place / "app.py"
    app.write_text((TUTORIAL / "app.py").read_text())
    (place / "model.joblib").write_bytes((bundle.path / "model.joblib").read_bytes())
    return task, app


def _measured(what: str, task: Path, app: Path) -> Any:
    command = [sys.executable, "-m", "benchmarks.endpoint_process", what, str(task), str(app)]
    return json.loads(run(command, cwd=ROOT, env=ENVIRONMENT))


def _show_times(model: str, found: dict[str, Any]) -> None:
    one, many = (
        {name: Timing(tuple(seconds)) for name, seconds in found[count].items()}
        for count in ("1", "1000")
    )
    print(f"\n  {model}, one row")
    show(one)
    show_ratio(one, "mldeploy", "tutorial")
    show_ratio(one, "mldeploy", "predict")
    print(f"  adds {_added(one, found['inside'])} to the model's calls that it makes")
    print(f"\n  {model}, 1,000 rows")
    show(many)
    show_ratio(many, "mldeploy", "json and both calls")
    by_row = many["mldeploy"].median / 1000
    ratio = by_row / one["tutorial"].median
    print(f"  ratio {ratio:.4f}  a row of 1,000 / the tutorial's one row")


def _added(timings: dict[str, Timing], inside: list[float]) -> str:
    """Return the median of what of each request wasn't spent in the model's calls."""
    pairs = zip(timings["mldeploy"].seconds, inside, strict=True)
    return f"{statistics.median(whole - model for whole, model in pairs) * 1e6:.0f} µs"


def _show_memory(found: dict[str, dict[str, float]]) -> None:
    if not found:
        print("\n  memory is left out: it is read from Linux's /proc")
        return
    print(f"\n  resident memory of the process with {WATCHED}, MB, after a warm-up of each kind")
    width = max(map(len, found))
    print(f"  {'':<{width}}  requests  before   after    peak")
    for kind, one in found.items():
        figures = "".join(f"{one[name]:8.1f}" for name in ("before", "after", "peak"))
        print(f"  {kind:<{width}}  {one['requests']:>8,}{figures}")


if __name__ == "__main__":
    main()
