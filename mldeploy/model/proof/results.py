"""Derives classes, outputs and the names of scores from a model's predictions."""

from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.json_values import plain
from mldeploy.model.proof.outputs import Outputs
from mldeploy.model.tasks import is_multi_output

Results = dict[str, Any]
_TABLE = 2


def results_of(data: TrainingData, estimator: Any, task: str, found: Outputs) -> Results:
    """Return the signature of the predictions: task, classes, outputs.

    Args:
        data: in the form of requests.
        estimator: fitted.
        task: of the estimator; its predictions may indicate another.
        found: its predictions for some rows.

    Raises:
        MldeployError: MLD214 if classes and their names or scores don't match.
    """
    several = found.answers.ndim > 1
    if task == "transform":
        return {"task": task, "outputs": _named(_columns_out(estimator, found))}
    if task != "classification":
        names = _target_names(data, found.answers.shape[1]) if several else []
        return {"task": task, **({"outputs": _named(names)} if several else {})}
    if not several:
        classes = _classes(_labels(data, estimator, found), data.class_names)
        return {"task": task, **classes, **_decisions(estimator, classes, found)}
    if not is_multi_output(data.y):
        return {"task": "other", "outputs": _named(_target_names(data, found.answers.shape[1]))}
    return {"task": task, "outputs": _several(data, estimator, found)}


def _named(names: list[str]) -> list[dict[str, Any]]:
    return [{"name": name} for name in names]


def _target_names(data: TrainingData, count: int) -> list[str]:
    names = list(data.target_names or ())
    return names if len(names) == count else [f"y{n}" for n in range(count)]


def _columns_out(estimator: Any, found: Outputs) -> list[str]:
    """Return the names of a transformer's outputs, its own if it has any."""
    count = found.answers.shape[1] if found.answers.ndim > 1 else 1
    if hasattr(estimator, "get_feature_names_out"):
        try:
            names = [str(one) for one in estimator.get_feature_names_out()]
        except Exception:  # noqa: BLE001 - a step of the user's own may have none, in any way
            names = []
        if len(names) == count:
            return names
    return [f"x{n}" for n in range(count)]


def _labels(data: TrainingData, estimator: Any, found: Outputs) -> Any:
    """Return a classifier's classes in the order of its scores, or those of y.

    Raises:
        MldeployError: MLD214 if the order of the probabilities is unknown.
    """
    import numpy as np

    known = getattr(estimator, "classes_", None)
    if known is not None and np.ndim(known[0]) == 0:
        return known
    if found.method == "predict_proba":
        raise MldeployError(
            "MLD214",
            f"{type(estimator).__name__} has predict_proba and no classes_: the order of its "
            "probabilities is unknown",
            "set self.classes_ = np.unique(y) in its fit()",
        )
    return np.unique(found.answers if data.y is None else data.y)


def _classes(labels: Any, given: Any) -> Results:
    classes = [plain(one) for one in labels]
    names = list(map(str, given or classes))
    if len(names) != len(classes):
        raise _unnamed(f"{len(names)} class names for {len(classes)} classes")
    if len(set(names)) != len(names):
        raise _unnamed("two classes have the same name")
    return {"classes": classes, "class_names": names}


def _unnamed(problem: str) -> MldeployError:
    return MldeployError(
        "MLD214",
        problem,
        "list class_names in the order of the sorted classes; for several outputs, one list each",
    )


def _decisions(estimator: Any, known: Results, found: Outputs) -> Results:
    """Return the names of the scores' columns if they aren't the classes.

    Raises:
        MldeployError: MLD214 for scores that can't be named.
    """
    names = known["class_names"]
    if not found.method:
        return {}
    columns = found.scores.shape[1] if found.scores.ndim > 1 else 1
    if found.method == "predict_proba":
        if columns != len(names):
            raise _unnameable(found.method, columns, len(names))
        return {}
    pairs = [f"{one} or {other}" for n, one in enumerate(names) for other in names[n + 1 :]]
    if columns == 1 and len(names) == _TABLE:
        return {"decision_names": [names[1]]}
    if columns == len(pairs) and (columns != len(names) or _is_one_versus_one(estimator)):
        return {"decision_names": pairs}
    if columns != len(names):
        raise _unnameable(found.method, columns, len(names))
    return {"decision_names": names}


def _unnameable(method: str, columns: int, classes: int) -> MldeployError:
    return MldeployError(
        "MLD214",
        f"{method} returns {columns} values per row for {classes} classes",
        f"return one value per class from {method}, or remove the method",
    )


def _is_one_versus_one(estimator: Any) -> bool:
    """Return whether three classes have decision values of their three pairs."""
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    return getattr(last, "decision_function_shape", "") == "ovo"


def _several(data: TrainingData, estimator: Any, found: Outputs) -> list[dict[str, Any]]:
    """Return classes and their names for each output."""
    count = found.answers.shape[1]
    names = _target_names(data, count)
    given = data.class_names or (None,) * count
    if len(given) != count:
        raise _unnamed(f"class_names has {len(given)} lists for {count} outputs")
    labels = [_labels_of_output(data, estimator, n, count) for n in range(count)]
    return [
        {"name": name, **_classes(known, one)}
        for name, known, one in zip(names, labels, given, strict=True)
    ]


def _labels_of_output(data: TrainingData, estimator: Any, number: int, count: int) -> Any:
    """Return the classes of an output: the estimator's if it lists them, else those of y."""
    import numpy as np

    known = getattr(estimator, "classes_", None)
    if isinstance(known, list | tuple) and len(known) == count and np.ndim(known[0]) == 1:
        return known[number]
    found = np.unique(data.y[:, number])
    # A multilabel indicator is 0 or 1, even for a label that no row has.
    indicator = data.y.dtype.kind in "biuf" and set(np.unique(data.y).tolist()) <= {0, 1}
    return np.array([0, 1], dtype=data.y.dtype) if indicator else found


def method_of(results: Results, found: Outputs) -> str:
    """Return the method whose scores are part of the predictions, or "".

    For several outputs, scores of all classes are required, or of the second class of two.
    """
    outputs = results.get("outputs")
    if results["task"] == "outliers":
        return found.method
    if results["task"] != "classification":
        return ""
    if not outputs:
        return found.method
    sizes = [len(one["classes"]) for one in outputs]
    if isinstance(found.scores, list):
        return found.method if [one.shape[1] for one in found.scores] == sizes else ""
    fits = getattr(found.scores, "shape", ())[1:] == (len(sizes),) and set(sizes) <= {1, 2}
    return found.method if fits else ""
