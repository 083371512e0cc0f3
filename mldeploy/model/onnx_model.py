"""What an ONNX graph takes and gives, found out by its inputs, its outputs and example rows."""

from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.example import Example, require_columns, targets, wrong, wrong_count
from mldeploy.model.foreign import needs, unreadable
from mldeploy.model.training import GOLDEN_ROWS, spread
from mldeploy.model.values import plain

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
}
"""ONNX's types of tensors as NumPy has them."""
_JSON = {"f": "number", "i": "integer", "b": "boolean", "O": "string"}


def facts_of(path: Path, example: Example) -> dict[str, Any]:
    """Return facts of a model: "model", "signature", "metrics", "evaluation", "golden_inputs".

    Raises:
        MldeployError: MLD240 for a file that isn't ONNX, MLD243 without ONNX Runtime, MLD244 for a
            graph that isn't a tabular model, MLD246 for rows that don't fit.
    """
    session = _session(path)
    inputs = [_input(one, path) for one in session.get_inputs()]
    names = _columns(inputs, example)
    dtypes = [one["dtype"] for one in inputs for _ in range(one["columns"])]
    rows = [
        [
            _value(example, name, example.columns[name][n], dtype)
            for name, dtype in zip(names, dtypes, strict=True)
        ]
        for n in range(example.rows)
    ]
    graph = {"inputs": inputs, **_outputs(session, path)}
    found = _ran(session, graph, rows, example)
    results = _results(found, graph, path)
    features = [
        {"name": name, "dtype": _JSON[_kind(dtype)], "nullable": False, "storage": dtype}
        for name, dtype in zip(names, dtypes, strict=True)
    ]
    for index, feature in enumerate(features):
        _mark_gaps(feature, [row[index] for row in rows])
    kind = "array" if len(inputs) == 1 else "columns"
    return {
        "model": {"framework": "onnx", "estimator": _described(session), "graph": graph},
        "signature": {**results, "input": kind, "features": features},
        **_measured(found, graph, results, example),
        "golden_inputs": [rows[n] for n in spread(list(range(len(rows))), None, GOLDEN_ROWS)],
    }


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise needs("onnx", path) from error
    try:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has classes of its own for each reason
        raise unreadable(path, f"ONNX Runtime refuses it: {str(error)[:300]}") from error


def _input(one: Any, path: Path) -> dict[str, Any]:
    columns = one.shape[1] if len(one.shape) == 2 else None  # noqa: PLR2004 - rows and columns
    if one.type not in _DTYPES or not isinstance(columns, int):
        raise MldeployError(
            "MLD244",
            f"{path}: its input {one.name!r} is {one.type} of the shape {one.shape}",
            "a model of tables takes tensors of shape [rows, columns]",
        )
    return {"name": one.name, "dtype": _DTYPES[one.type], "columns": columns}


def _columns(inputs: list[dict[str, Any]], example: Example) -> list[str]:
    """Return the columns' names in the order of the graph."""
    if all(one["columns"] == 1 for one in inputs) and len(inputs) > 1:
        wanted = [str(one["name"]) for one in inputs]
        require_columns(example, wanted)
        return wanted
    total = sum(one["columns"] for one in inputs)
    if total != len(example.columns):
        raise wrong_count(example, total)
    return list(example.columns)


def _kind(dtype: str) -> str:
    import numpy as np

    return str(np.dtype(dtype).kind)


def _value(example: Example, name: str, text: str, dtype: str) -> Any:
    """Read a value as the graph's type; an empty field of a number is missing."""
    try:
        match _kind(dtype):
            case "O":
                return text
            case "b":
                return {"true": True, "false": False}[text.lower()]
            case "i":
                return int(text)
            case _:
                return float(text) if text.strip() else None
    except (KeyError, ValueError) as error:
        raise wrong(f"{example.path}: {name!r} holds {text!r}, the model takes {dtype}") from error


def _mark_gaps(feature: dict[str, Any], values: list[Any]) -> None:
    from mldeploy.model.user_module import FEWEST_ROWS

    known = [one for one in values if one is not None]
    feature["nullable"] = len(known) < len(values)
    if known and len(values) >= FEWEST_ROWS and feature["dtype"] in {"number", "integer"}:
        feature |= {"minimum": min(known), "maximum": max(known)}


def _outputs(session: Any, path: Path) -> dict[str, Any]:
    """Return which output is the label or value, and which holds probabilities."""
    outputs = session.get_outputs()
    first = outputs[0]
    if first.type not in _DTYPES:
        raise MldeployError(
            "MLD244",
            f"{path}: its first output {first.name!r} is {first.type}",
            "the first output of a model of tables is a tensor of labels or values",
        )
    labels = first.type in {"tensor(int64)", "tensor(string)"}
    scores = outputs[1].name if labels and len(outputs) > 1 else ""
    return {"label": first.name, "scores": scores, "classifies": labels}


def _ran(session: Any, graph: dict[str, Any], rows: list[Any], example: Example) -> dict[str, Any]:
    import numpy as np

    feed, start = {}, 0
    for one in graph["inputs"]:
        end = start + one["columns"]
        feed[one["name"]] = np.array([row[start:end] for row in rows], dtype=one["dtype"])
        start = end
    wanted = [name for name in (graph["label"], graph["scores"]) if name]
    try:
        return dict(zip(wanted, session.run(wanted, feed), strict=True))
    except Exception as error:  # onnxruntime has classes of its own for each reason
        raise wrong(f"the model fails on the rows of {example.path}: {str(error)[:300]}") from error


def _results(found: dict[str, Any], graph: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return task, classes and outputs."""
    labels = found[graph["label"]]
    if not graph["classifies"]:
        if labels.ndim > 1 and labels.shape[1] > 1:
            names = [{"name": f"y{n}"} for n in range(labels.shape[1])]
            return {"task": "regression", "outputs": names}
        return {"task": "regression"}
    classes = _classes(labels, found.get(graph["scores"]), path)
    return {"task": "classification", "classes": classes, "class_names": list(map(str, classes))}


def _classes(labels: Any, scores: Any, path: Path) -> list[Any]:
    """Return the classes in the order of the probabilities.

    A list of maps names them; beside a tensor they follow from the rows whose label is known.
    """
    import numpy as np

    seen = [plain(one) for one in labels]
    if isinstance(scores, list):
        return [plain(one) for one in scores[0]]
    if scores is None:
        return sorted(set(seen))
    found = dict(zip(np.asarray(scores).argmax(axis=1).tolist(), seen, strict=True))
    count = scores.shape[1]
    if all(isinstance(one, int) and index == one for index, one in found.items()):
        return list(range(count))
    missing = count - len(found)
    if missing:
        raise wrong(
            f"{path} has {count} classes, and the example rows show {len(found)} of them",
            "give rows of every class, or convert the model with zipmap on",
        )
    return [found[index] for index in range(count)]


def _measured(
    found: dict[str, Any], graph: dict[str, Any], results: dict[str, Any], example: Example
) -> dict[str, Any]:
    """Return metrics where the example has a target."""
    import numpy as np

    from mldeploy.model.evaluation import measured
    from mldeploy.model.user_module import TrainingData

    answers = found[graph["label"]]
    answers = answers.ravel() if results.get("outputs") is None else answers
    x = np.zeros((example.rows, 1))
    if example.target is None or results.get("outputs"):
        return measured(None, TrainingData(x, None), results["task"])
    y = targets(example, results.get("classes"))
    return measured(_answered(answers), TrainingData(x, y), results["task"])


def _answered(answers: Any) -> Any:
    """Return what the scorers, which ask an estimator, take for one."""
    from sklearn.base import BaseEstimator

    class Answered(BaseEstimator):  # type: ignore[misc]
        def predict(self, _x: Any) -> Any:
            return answers

    return Answered()


def _described(session: Any) -> str:
    meta = session.get_modelmeta()
    return f"ONNX ({meta.producer_name or 'unknown producer'})"
