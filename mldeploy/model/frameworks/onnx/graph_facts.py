"""The facts of an ONNX graph, from its inputs, its outputs and example rows."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.data_checks import FEWEST_ROWS
from mldeploy.model.data.example_rows import examples_of
from mldeploy.model.data.publishing import Published
from mldeploy.model.data.ranges import range_of_numbers
from mldeploy.model.foreign.column_types import bad_types
from mldeploy.model.foreign.example import Example, targets
from mldeploy.model.foreign.files import needs, unreadable
from mldeploy.model.frameworks.onnx.answers import Graph, truth_of
from mldeploy.model.frameworks.onnx.labels import label_lists
from mldeploy.model.frameworks.onnx.results import results_of, scores_of
from mldeploy.model.frameworks.onnx.rows import columns_of, kind_of_dtype, made, values_of
from mldeploy.model.record import examples_facts
from mldeploy.model.tasks import SUPERVISED

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(bool)": "bool",
    "tensor(string)": "object",
    **{
        f"tensor({sign}int{bits})": f"{sign}int{bits}"
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    },
}
"""ONNX's types of tensors as NumPy has them."""
_JSON = {"f": "number", "i": "integer", "u": "integer", "b": "boolean", "O": "string"}
_TABLE = 2

Facts = dict[str, Any]


def facts_of(path: Path, example: Example | None, types: Mapping[str, str]) -> Facts:
    """Return the facts of a model, with the graph's own predictions for the rows.

    Args:
        path: of the file.
        example: rows; None to generate some.
        types: from the user; a graph has its own.

    Raises:
        MldeployError: MLD240 for a file that isn't ONNX, MLD243 without ONNX Runtime, MLD244 for a
            graph that isn't a tabular model, MLD246 for rows that don't fit.
    """
    if types:
        raise bad_types("an ONNX graph defines the types of its columns", "omit --types")
    session = _session(path)
    inputs = _inputs(session, path, example)
    names = columns_of(inputs, example)
    dtypes = [one["dtype"] for one in inputs for _ in range(one["columns"])]
    rows = made(dtypes) if example is None else values_of(example, names, dtypes)
    graph = Graph(session, inputs, *_outputs(session, path), fixed=_is_fixed(session, path))
    labels, scores = graph.ask(rows)
    results = results_of(labels, scores, graph.scores, label_lists(path))
    columns = [_known(rows, n, dtype) for n, dtype in enumerate(dtypes)]
    features = [
        _feature(name, dtype, column, len(rows))
        for name, dtype, column in zip(names, dtypes, columns, strict=True)
    ]
    examples = examples_of(columns, [{} for _ in columns], Published(features, {}))
    if example is None or len(rows) < FEWEST_ROWS:
        features = [_without_range(one) for one in features]
    kind = "array" if len(inputs) == 1 else "columns"
    signature = {**results.facts, "input": kind, "features": features}
    truth = truth_of(graph, rows, signature, results.method)
    return {
        "model": {
            "estimator": _described(session),
            "graph": graph.as_facts(),
            "scores": results.method,
        },
        "signature": signature,
        "examples": examples_facts(examples, signature, None),
        "truth": truth.as_facts(),
        "dtypes": [],
        "modules": [],
        "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
        **_measured(labels, scores_of(scores), signature, example, len(rows)),
        "data_sha256": _digest(rows, example),
    }


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise needs("onnx", path) from error
    options = onnxruntime.SessionOptions()
    # As the endpoint does: several threads add numbers in another order.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # an exception reports the same
    try:
        return onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime has classes of its own for each reason
        raise unreadable(path, f"ONNX Runtime refuses it: {str(error)[:300]}") from error


def _inputs(session: Any, path: Path, example: Example | None) -> list[Facts]:
    found = session.get_inputs()
    # A single tensor may leave its count of columns open: the example has it.
    count = len(example.columns) if example is not None and len(found) == 1 else None
    return [_input(one, path, count) for one in found]


def _input(one: Any, path: Path, count: int | None) -> Facts:
    columns = one.shape[1] if len(one.shape) == _TABLE else None
    if len(one.shape) == _TABLE and not isinstance(columns, int):
        columns = count
    if one.type not in _DTYPES or not isinstance(columns, int):
        raise MldeployError(
            "MLD244",
            f"{path}: its input {one.name!r} is {one.type} with the shape {one.shape}",
            "export a model whose inputs have the shape [rows, columns]",
        )
    return {"name": one.name, "dtype": _DTYPES[one.type], "columns": columns}


def _is_fixed(session: Any, path: Path) -> bool:
    """Return whether the graph accepts only one row at a time.

    Raises:
        MldeployError: MLD244 for another fixed number of rows.
    """
    counts = {one.shape[0] for one in session.get_inputs() if isinstance(one.shape[0], int)}
    if counts - {1}:
        raise MldeployError(
            "MLD244",
            f"{path}: it accepts exactly {max(counts)} rows at a time",
            "export it with a dynamic first dimension",
        )
    return bool(counts)


def _outputs(session: Any, path: Path) -> tuple[str, str]:
    """Return which output is the label or value, and which holds scores, or ""."""
    first, *others = session.get_outputs()
    if first.type not in _DTYPES:
        raise MldeployError(
            "MLD244",
            f"{path}: its first output {first.name!r} is {first.type}",
            "export a model whose first output is a tensor of labels or values",
        )
    labels = first.type in {"tensor(int64)", "tensor(int32)", "tensor(string)"}
    carries = (
        labels
        and others
        and others[0].type.startswith(("tensor(float", "tensor(double", "seq(map"))
    )
    return first.name, others[0].name if carries else ""


def _known(rows: list[list[Any]], number: int, dtype: str) -> Any:
    """Return a column without missing values."""
    import numpy as np

    # With 64 bits, a number of an example equals its text.
    wide = {"f": "float64"}.get(kind_of_dtype(dtype), dtype)
    return np.array([row[number] for row in rows if row[number] is not None], dtype=wide)


def _feature(name: str, dtype: str, known: Any, count: int) -> Facts:
    feature = {
        "name": name,
        "dtype": _JSON[kind_of_dtype(dtype)],
        "nullable": len(known) < count,
        "storage": dtype,
    }
    if feature["dtype"] in {"number", "integer"}:
        feature |= range_of_numbers(known, dtype)
    return feature


def _without_range(feature: Facts) -> Facts:
    return {key: one for key, one in feature.items() if key not in {"minimum", "maximum"}}


def _measured(
    labels: Any, scores: Any, signature: Facts, example: Example | None, count: int
) -> Facts:
    """Return metrics if the example has a target."""
    import numpy as np

    from mldeploy.model.data.training_data import TrainingData
    from mldeploy.model.measures.evaluation import measured

    x, task = np.zeros((count, 1)), signature["task"]
    single = task in SUPERVISED and not signature.get("outputs")
    if example is None or example.target is None or not single:
        found = measured(None, TrainingData(x, None), task)
        found["evaluation"]["source"] = "model" if example is None else "example"
        return found
    y = targets(example, signature.get("classes"))
    return measured(_answered(labels, scores, signature), TrainingData(x, y), task)


def _answered(labels: Any, scores: Any, signature: Facts) -> Any:
    """Return an estimator for the scorers."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    kind = ClassifierMixin if signature["task"] == "classification" else RegressorMixin

    class Answered(kind, BaseEstimator):  # type: ignore[misc, valid-type]
        def predict(self, _x: Any) -> Any:
            return labels

    found = Answered()
    if "classes" in signature:
        import numpy as np

        found.classes_ = np.asarray(signature["classes"])
        if scores is not None and scores.shape[1:] == found.classes_.shape:
            found.predict_proba = lambda _x: scores
    return found


def _described(session: Any) -> str:
    meta = session.get_modelmeta()
    return f"ONNX ({meta.producer_name or 'unknown producer'})"


def _digest(rows: list[Any], example: Example | None) -> str:
    from mldeploy.text.digests import digest_of, digest_of_file

    if example is not None:
        return digest_of_file(example.path)
    return digest_of(repr(rows).encode())
