"""`python -m endpoint.timing`: how long the model takes to load and to answer.

The last line of its output is JSON, in seconds: "imports" and "load" of the model, and its
"first" and "warm" prediction of the model's example.
"""

import json
import statistics
import sys
import time
from pathlib import Path

_WARM = 50


def main() -> None:
    """Load the model as the handler does, and ask it."""
    started = time.perf_counter()
    from endpoint.model import load
    from endpoint.table import checked

    folder = Path(__file__).parents[1] / "model"
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if facts["model"]["framework"] == "sklearn":
        import joblib  # noqa: F401 - what loading imports is counted there
    imported = time.perf_counter()
    model = load(folder)
    loaded = time.perf_counter()
    rows, _ = checked([facts["example"]["features"]], model.features)
    took = []
    for _ in range(1 + _WARM):
        before = time.perf_counter()
        model.predict(rows)
        took.append(time.perf_counter() - before)
    found = {
        "imports": imported - started,
        "load": loaded - imported,
        "first": took[0],
        "warm": statistics.median(took[1:]),
    }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
