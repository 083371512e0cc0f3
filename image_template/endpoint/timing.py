"""`python -m endpoint.timing`: measure how long the model takes to load and to predict.

The last line of the output is JSON, in seconds: "imports" and "load" of the model, and the
"first" and "warm" prediction of its example.
"""

import json
import statistics
import sys
import time
from pathlib import Path

_WARM = 50


def main() -> None:
    """Load the model as the handler does, and predict its example."""
    started = time.perf_counter()
    from endpoint.model import facts_of, load
    from endpoint.rows import checked

    folder = Path(__file__).parents[1] / "model"
    facts = facts_of(folder)
    if facts["model"]["framework"] == "sklearn":
        import joblib  # noqa: F401 - imports made by loading count as "load"
    imported = time.perf_counter()
    model = load(folder)
    loaded = time.perf_counter()
    rows, _ = checked([facts["example"]["features"]], model.features)
    durations = []
    for _ in range(1 + _WARM):
        before = time.perf_counter()
        model.predict(rows)
        durations.append(time.perf_counter() - before)
    found = {
        "imports": imported - started,
        "load": loaded - imported,
        "first": durations[0],
        "warm": statistics.median(durations[1:]),
    }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
