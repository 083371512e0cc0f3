"""What the scripts of all Python clients share: the job on stdin, the answers on stdout.

A job is `{"models": {name: {"url", "kind", "columns", "rows", "outputs"}}, "scratch": folder}`. The
answers are `{client: {model: {"predict": […], "proba": […]}}}`, or `{"error": text}` for a model.
"""

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

Model = dict[str, Any]
Answer = dict[str, Any]


def run(clients: dict[str, Callable[[Model], Answer]]) -> None:
    """Let each client call each model of the job; print the answers."""
    job, stdout = json.load(sys.stdin), sys.stdout
    sys.stdout = sys.stderr  # some libraries print
    found = {
        name: {model: attempt(call, facts) for model, facts in job["models"].items()}
        for name, call in clients.items()
    }
    json.dump(found, stdout)


def attempt(call: Callable[[Model], Answer], model: Model) -> Answer:
    """Call a model; what the client raises is the answer's error."""
    try:
        return call(model)
    except Exception as error:  # noqa: BLE001 - whatever a client raises is a result
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


def of_native(body: Any) -> Answer:
    """Return the answer in `{"predictions": […]}` of the endpoint's own format."""
    rows = body["predictions"]
    if "value" in rows[0]:
        return {"predict": [one["value"] for one in rows]}
    if "outputs" in rows[0]:
        names = rows[0]["outputs"]
        return {
            "predict": [[one["outputs"][n]["class_label"] for n in names] for one in rows],
            "proba": [[_scores(one["outputs"][n]) for one in rows] for n in names],
        }
    return {
        "predict": [one["class_label"] for one in rows],
        "proba": [_scores(one) for one in rows],
    }


def _scores(prediction: Any) -> list[float]:
    return list(prediction["probabilities"].values())


def of_v2(outputs: dict[str, Any], model: Model) -> Answer:
    """Return the answer in V2's outputs: name to nested lists."""
    if not model["outputs"]:
        found = {"predict": _plain(outputs["predict"])}
        return found | ({"proba": p} if (p := outputs.get("predict_proba")) else {})
    names = model["outputs"]
    each = [_plain(outputs[f"predict.{name}"]) for name in names]
    return {
        "predict": [list(row) for row in zip(*each, strict=True)],
        "proba": [outputs[f"predict_proba.{name}"] for name in names],
    }


def _plain(values: Any) -> list[Any]:
    """Return labels as text where the client has bytes."""
    return [one.decode() if isinstance(one, bytes) else one for one in values]


def frame_of(model: Model) -> Any:
    """Return the rows as a DataFrame, as a caller would have it."""
    import pandas as pd

    return pd.DataFrame(model["rows"], columns=model["columns"])


def array_of(model: Model) -> Any:
    """Return the rows as an array: of numbers, or of texts."""
    import numpy as np

    return np.array(model["rows"], dtype=object if model["kind"] == "texts" else float)
