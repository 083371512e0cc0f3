"""What a fitted estimator itself says of rows, as the answers that docs/requests.md describes.

Written from that page and scikit-learn's documentation: nothing of the program's is used here.
"""

from collections.abc import Sequence
from typing import Any

from tests.models.bodies import cell

Answer = dict[str, Any]


def kind_of(estimator: Any) -> str:
    """Return "class", "cluster", "outlier", "transform" or "value": the form of its answers."""
    from sklearn.base import ClassifierMixin, ClusterMixin, OutlierMixin, RegressorMixin

    if not hasattr(estimator, "predict"):
        return "transform"
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    mixins = {
        "class": ClassifierMixin,
        "value": RegressorMixin,
        "cluster": ClusterMixin,
        "outlier": OutlierMixin,
    }
    known = next((kind for kind, mixin in mixins.items() if isinstance(last, mixin)), "")
    if known:
        return known
    classes = getattr(estimator, "classes_", None)
    return "class" if classes is not None and len(classes) else "value"


def picked(x: Any, rows: Sequence[int]) -> Any:
    """Return rows of X with dtypes and index."""
    if hasattr(x, "iloc"):
        return x.iloc[list(rows)]
    return [x[row] for row in rows] if isinstance(x, list) else x[list(rows)]


def answers(
    estimator: Any, x: Any, kind: str, y: Any, names: list[str] | None = None
) -> list[Answer]:
    """Return what the endpoint has to answer for the rows of x.

    Args:
        estimator: fitted.
        x: rows.
        kind: of `kind_of`.
        y: of training, for the classes of an estimator that lists none.
        names: of the classes, if `data()` names them.
    """
    if kind == "transform":
        return [{"values": _listed(row)} for row in _table(estimator.transform(x), len(x))]
    found = _array(estimator.predict(x), len(x))
    several = found.ndim > 1
    if kind == "class" and several:
        return _several(estimator, x, found, y)
    if kind == "class":
        return _classes(estimator, x, found, y, names)
    if kind == "outlier":
        return _outliers(estimator, x, found)
    if several:
        return [{"values": _listed(row)} for row in found]
    return [{"cluster" if kind == "cluster" else "value": value_of(one)} for one in found]


def value_of(value: Any) -> Any:
    """Return a value as JSON has it; what JSON can't say is None."""
    found = cell(value)
    infinite = isinstance(found, float) and found in {float("inf"), float("-inf")}
    return None if infinite else found


def _listed(row: Any) -> list[Any]:
    return [value_of(one) for one in row]


def _array(found: Any, count: int) -> Any:
    """Return an array of (rows,) or (rows, values); one column is one value per row."""
    array = _dense(found)
    if array.ndim == 0 or (count == 1 and array.shape[:1] != (1,)):
        array = array.reshape(1, *array.shape)
    assert len(array) == count, f"{len(array)} answers to {count} rows"
    return array.reshape(count) if array.shape[1:] == (1,) else array


def _table(found: Any, count: int) -> Any:
    array = _dense(found)
    return array.reshape(count, -1)


def _dense(found: Any) -> Any:
    import numpy as np

    for method in ("toarray", "detach", "to_numpy"):
        if hasattr(found, method):
            found = getattr(found, method)()
    return np.asarray(found)


def _labelled(label: Any, classes: list[Any], names: list[str]) -> Answer:
    """Return a label and the name of the class that it equals: 1.0 is class 1."""
    value = value_of(label)
    return {"class_label": value, "class_name": names[classes.index(value)]}


def _scores(estimator: Any, x: Any) -> tuple[str, Any]:
    """Return the scores that the answers have beside the label, with their name there."""
    methods = {"predict_proba": "probabilities", "decision_function": "decision_values"}
    for method, name in methods.items():
        try:
            return name, getattr(estimator, method)(x)
        except (AttributeError, NotImplementedError):
            continue
    return "", None


def _classes(estimator: Any, x: Any, labels: Any, y: Any, names: list[str] | None) -> list[Answer]:
    name, scores = _scores(estimator, x)
    classes = [value_of(one) for one in _labels(estimator, y)]
    names = names or [str(one) for one in classes]
    found = [_labelled(one, classes, names) for one in labels]
    if not name:
        return found
    rows = _table(scores, len(found))
    keys = _columns(estimator, names, rows.shape[1], name)
    return [
        {**answer, name: dict(zip(keys, _listed(row), strict=True))}
        for answer, row in zip(found, rows, strict=True)
    ]


def _labels(estimator: Any, y: Any) -> Any:
    import numpy as np

    known = getattr(estimator, "classes_", None)
    return np.unique(np.asarray(y)) if known is None else known


def _columns(estimator: Any, classes: list[str], count: int, name: str) -> list[str]:
    """Return what the columns of scores are called: classes, the second of two, or pairs."""
    pairs = [f"{one} or {other}" for n, one in enumerate(classes) for other in classes[n + 1 :]]
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    by_pairs = getattr(last, "decision_function_shape", "") == "ovo"
    if count == 1 and len(classes) > 1:
        return classes[1:2]
    if name == "decision_values" and count == len(pairs) and (by_pairs or count != len(classes)):
        return pairs
    return classes


def _several(estimator: Any, x: Any, labels: Any, y: Any) -> list[Answer]:
    """Return {"outputs": […]}: outputs in their order, their names are not the estimator's."""
    name, scores = _scores(estimator, x)
    classes = [_classes_of_output(estimator, y, n) for n in range(labels.shape[1])]
    columns = [
        [_labelled(one, known, [str(one) for one in known]) for one in labels[:, n]]
        for n, known in enumerate(classes)
    ]
    if name == "probabilities":
        each = scores if isinstance(scores, list) else list(_dense(scores).T)
        for number, (column, score) in enumerate(zip(columns, each, strict=True)):
            names = [str(one) for one in classes[number]]
            for answer, one in zip(column, score, strict=True):
                values = _listed(one) if getattr(one, "ndim", 0) else [value_of(one)]
                answer[name] = dict(zip(names[-len(values) :], values, strict=True))
    return [{"outputs": list(row)} for row in zip(*columns, strict=True)]


def _classes_of_output(estimator: Any, y: Any, number: int) -> list[Any]:
    import numpy as np

    known = getattr(estimator, "classes_", None)
    if isinstance(known, list) and np.ndim(known[0]) == 1:
        return [value_of(one) for one in known[number]]
    given = _dense(y)
    # An indicator says 0 or 1 also of a label that no row has.
    indicator = given.dtype.kind in "biu" and set(given.ravel().tolist()) <= {0, 1}
    found = np.array([0, 1]).astype(given.dtype) if indicator else np.unique(given[:, number])
    return [value_of(one) for one in found]


def _outliers(estimator: Any, x: Any, found: Any) -> list[Answer]:
    rows: list[Answer] = [{"outlier": bool(one == -1)} for one in found]
    score = getattr(estimator, "decision_function", None) or getattr(
        estimator, "score_samples", None
    )
    if score is None:
        return rows
    return [{**row, "score": value_of(one)} for row, one in zip(rows, score(x), strict=True)]
