"""Rows per second of `mldeploy batch`, compared with a bare loop over the same file.

The loop reads the CSV with pandas in chunks, calls predict and predict_proba of the fitted
estimator, and writes ids, labels and probabilities with pandas. It is one process; the model's
trees predict in as many threads as there are CPUs. Both start Python and import what they need.

The records of the job with one process say how long a chunk takes. From that the price of ten
million rows on AWS follows, by mldeploy's own estimate and the defaults of [batch].
"""

import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from math import ceil
from pathlib import Path

from benchmarks.measure import Timing, interleaved, machine, run, show, show_ratio
from mldeploy.config import BatchConfig
from mldeploy.facts.prices import REGION, STATES, price_list
from mldeploy.invoke.batch.jobs import chunk_size
from mldeploy.invoke.batch.price import Rates, cost_of

ROWS = int(os.environ.get("BENCH_BATCH_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_BATCH_ROUNDS", "3"))
_ON_AWS = 10_000_000
_SETTINGS = '[project]\nname = "bench"\nregion = "eu-central-1"\n[api]\nauth = "none"\n'
_TRAIN = """
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier

def data():
    X, y = make_classification(6000, 10, random_state=0)
    return pd.DataFrame(X, columns=[f"c{n}" for n in range(10)]), y

def estimator():
    return HistGradientBoostingClassifier(random_state=0)
"""
BARE = """
import joblib, pandas as pd
model = joblib.load("model/model.joblib")
names = [f"c{n}" for n in range(10)]
with open("bare.csv", "w") as out:
    for number, rows in enumerate(pd.read_csv("rows.csv", chunksize=100_000)):
        features = rows[names]
        found = pd.DataFrame(model.predict_proba(features), columns=["no", "yes"])
        found["label"], found["id"] = model.predict(features), rows["id"].values
        found.to_csv(out, index=False, header=not number)
"""


def main() -> None:
    """Print times and ratios."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root)
        _run(root, "-m", "mldeploy", "train")
        size = (root / "rows.csv").stat().st_size
        print(f"  {ROWS:,} rows, {size / 1e6:.0f} MB, 10 columns, gradient boosting\n")
        subjects = {
            "bare loop": partial(_run, root, "-c", BARE),
            "batch, one process": partial(_batch, root, "1"),
            "batch": partial(_batch, root, str(os.cpu_count())),
        }
        timings = interleaved(subjects, ROUNDS, warm_up=False)
        busy = _busy(root / "out-1")
    show_speeds(timings)
    for name in ("batch, one process", "batch"):
        show_ratio(timings, name, "bare loop")
    _show_price(size * _ON_AWS // ROWS, busy / size)


def show_speeds(timings: Mapping[str, Timing]) -> None:
    """Print seconds, and rows per second."""
    show(timings)
    for name, timing in timings.items():
        print(f"  {name}: {ROWS / timing.median:,.0f} rows per second")


def _busy(output: Path) -> float:
    """Return the seconds that a job's chunks took together."""
    records = (output / "_job" / "done").glob("*.json")
    return float(sum(json.loads(record.read_text())["seconds"] for record in records))


def _show_price(size: int, seconds_per_byte: float) -> None:
    """Print what a job of this size would take on AWS."""
    batch, prices = BatchConfig(), price_list(REGION)
    rates = Rates(batch.memory, batch.concurrency, prices.functions["x86_64"], STATES)
    chunk = chunk_size(size)
    found = cost_of(ceil(size / chunk), chunk * seconds_per_byte, rates)
    print(
        f"\n  {_ON_AWS:,} rows ({size / 1e6:,.0f} MB) on AWS: {found.usd:.4f} USD, "
        f"{found.seconds:.0f} s\n  ({batch.concurrency} environments of {batch.memory} MB, "
        f"{ceil(size / chunk)} chunks, list prices of {REGION}; processors as fast as this one)"
    )


def write_project(root: Path, more: str = "") -> None:
    """Write a project, with further settings, and a CSV with an id and ten numbers per row."""
    (root / "train.py").write_text(_TRAIN, encoding="utf-8")
    (root / "mldeploy.toml").write_text(_SETTINGS + more, encoding="utf-8")
    chance = random.Random(0)  # noqa: S311
    with (root / "rows.csv").open("w", encoding="utf-8") as stream:
        stream.write(",".join(["id", *(f"c{n}" for n in range(10))]) + "\n")
        for number in range(ROWS):
            values = ",".join(f"{chance.gauss(0, 1):.6f}" for _ in range(10))
            stream.write(f"{number},{values}\n")


def _batch(root: Path, processes: str) -> None:
    output = root / f"out-{processes}"
    shutil.rmtree(output, ignore_errors=True)
    line = ("batch", "rows.csv", output.name, "--columns", "id", "--processes", processes)
    _run(root, "-m", "mldeploy", *line)


def _run(root: Path, *line: str) -> None:
    run([sys.executable, *line], cwd=root, env={"XDG_CACHE_HOME": str(root / "cache")})


if __name__ == "__main__":
    main()
