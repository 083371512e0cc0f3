"""Rows per second of `mldeploy batch`, compared with a bare loop over the same file.

The loop reads the CSV with pandas in chunks, calls predict and predict_proba of the fitted
estimator, and writes ids, labels and probabilities with pandas. It is one process; the model's
trees predict in as many threads as there are CPUs. Both start Python and import what they need.
"""

import os
import random
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import interleaved, machine, run, show, show_ratio

ROWS = int(os.environ.get("BENCH_BATCH_ROWS", "1000000"))
ROUNDS = 3
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
_BARE = """
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
        (root / "train.py").write_text(_TRAIN, encoding="utf-8")
        (root / "mldeploy.toml").write_text(_SETTINGS, encoding="utf-8")
        _run(root, "-m", "mldeploy", "train")
        _write(root / "rows.csv")
        size = (root / "rows.csv").stat().st_size
        print(f"  {ROWS:,} rows, {size / 1e6:.0f} MB, 10 columns, gradient boosting\n")
        subjects = {
            "bare loop": partial(_run, root, "-c", _BARE),
            "batch, one process": partial(_batch, root, "1"),
            "batch": partial(_batch, root, str(os.cpu_count())),
        }
        timings = interleaved(subjects, ROUNDS, warm_up=False)
    show(timings)
    for name in ("batch, one process", "batch"):
        show_ratio(timings, name, "bare loop")


def _write(path: Path) -> None:
    chance = random.Random(0)  # noqa: S311
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join(["id", *(f"c{n}" for n in range(10))]) + "\n")
        for number in range(ROWS):
            values = ",".join(f"{chance.gauss(0, 1):.6f}" for _ in range(10))
            stream.write(f"{number},{values}\n")


def _batch(root: Path, processes: str) -> None:
    output = root / "out"
    shutil.rmtree(output, ignore_errors=True)
    line = ("batch", "rows.csv", "out", "--columns", "id", "--processes", processes)
    _run(root, "-m", "mldeploy", *line)


def _run(root: Path, *line: str) -> None:
    run([sys.executable, *line], cwd=root, env={"XDG_CACHE_HOME": str(root / "cache")})


if __name__ == "__main__":
    main()
