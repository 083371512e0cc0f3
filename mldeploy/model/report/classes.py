"""How good a classifier is, from predictions for rows that it wasn't fitted on."""

from typing import Any

from mldeploy.facts.thresholds import SHARED
from mldeploy.model.json_values import plain
from mldeploy.model.measures.unseen import Unseen
from mldeploy.model.report.rounding import short, shorts

Data = dict[str, Any]
MOST_CLASSES = 20
"""Nobody reads a larger confusion matrix."""
_MOST_CURVES = 6
_POINTS = 60
_BINS = 10
_TWO = 2


def of_classes(unseen: Unseen) -> Data:
    """Return the confusion matrices, and the curves if there are scores."""
    import numpy as np

    labels = unseen.classes or np.unique(np.concatenate([unseen.true, unseen.predicted])).tolist()
    found: Data = {
        "classes": [plain(one) for one in labels],
        "confusion": _matrices(unseen, labels) if len(labels) <= MOST_CLASSES else [],
    }
    if unseen.scores is None:
        return found
    found["curves"] = [one for number in _shown(unseen, labels) if (one := _curves(unseen, number))]
    if unseen.scores.ndim == _TWO:
        found["calibration"] = [
            {"class": number, "bins": _calibration(unseen, number)}
            for number in _shown(unseen, labels)
        ]
        if len(labels) == _TWO:
            found["thresholds"] = _thresholds(unseen)
    return found


def _matrices(unseen: Unseen, labels: list[Any]) -> list[Data]:
    """Return the matrix of the held-out rows, and the one of all unseen rows if it has more."""
    held = unseen.held_out
    sources = [("held_out", held)] if held.any() else []
    if not held.all():
        sources.append(("unseen", held | True))
    return [
        {"source": name, "rows": int(rows.sum()), "counts": _matrix(unseen, labels, rows)}
        for name, rows in sources
    ]


def _matrix(unseen: Unseen, labels: list[Any], rows: Any) -> list[list[int]]:
    """Return counts by true class, then by predicted class, in the order of the labels."""
    import numpy as np

    number = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    pairs = zip(unseen.true[rows].tolist(), unseen.predicted[rows].tolist(), strict=True)
    for true, predicted in pairs:
        if true in number and predicted in number:
            counts[number[true], number[predicted]] += 1
    return [[int(one) for one in row] for row in counts]


def _shown(unseen: Unseen, labels: list[Any]) -> list[int]:
    """Return the classes with a curve: the second of two, else the most frequent."""
    if len(labels) == _TWO:
        return [1]
    counts = [int((unseen.true == label).sum()) for label in labels]
    most = sorted(range(len(labels)), key=lambda number: -counts[number])[:_MOST_CURVES]
    return sorted(number for number in most if counts[number])


def _score(unseen: Unseen, number: int) -> Any:
    return unseen.scores if unseen.scores.ndim == 1 else unseen.scores[:, number]


def _curves(unseen: Unseen, number: int) -> Data:
    """Return ROC and precision-recall curves of one class against the rest, with their areas."""
    from sklearn.metrics import (
        average_precision_score,
        precision_recall_curve,
        roc_auc_score,
        roc_curve,
    )

    positive = unseen.true == unseen.classes[number]
    if positive.all() or not positive.any():
        return {}
    score = _score(unseen, number)
    false, true, _ = roc_curve(positive, score)
    precision, recall, _ = precision_recall_curve(positive, score)
    return {
        "class": number,
        "share": short(positive.mean()),
        "roc_auc": short(roc_auc_score(positive, score)),
        "average_precision": short(average_precision_score(positive, score)),
        "roc": _thinned(false, true),
        "pr": _thinned(recall[::-1], precision[::-1]),
    }


def _thinned(x: Any, y: Any) -> list[list[float | None]]:
    """Return at most `_POINTS` points of a curve, with both ends."""
    import numpy as np

    kept = np.unique(np.linspace(0, len(x) - 1, _POINTS).round().astype(int))
    return [shorts(x[kept], 3), shorts(y[kept], 3)]


def _calibration(unseen: Unseen, number: int) -> list[Data]:
    """Return groups by probability: its mean, and how often the class occurred.

    The groups are between the quantiles, so equal probabilities are in one group.
    """
    import numpy as np

    score, occurred = _score(unseen, number), unseen.true == unseen.classes[number]
    edges = np.quantile(score, np.linspace(0, 1, min(_BINS, max(1, len(score) // SHARED)) + 1))
    group = np.searchsorted(edges[1:-1], score)
    groups = [group == one for one in np.unique(group)]
    return [
        {
            "predicted": short(score[rows].mean()),
            "observed": short(occurred[rows].mean()),
            "rows": int(rows.sum()),
        }
        for rows in groups
    ]


def _thresholds(unseen: Unseen) -> list[Data]:
    """Return what a threshold on the second class's probability would do."""
    positive, score = unseen.true == unseen.classes[1], _score(unseen, 1)
    found = []
    for step in range(1, 20):
        threshold = step / 20
        chosen = score >= threshold
        hits = int((chosen & positive).sum())
        precision = hits / chosen.sum() if chosen.any() else None
        recall = hits / positive.sum() if positive.any() else None
        f1 = 2 * hits / (chosen.sum() + positive.sum()) if chosen.any() or positive.any() else None
        found.append(
            {
                "threshold": threshold,
                "chosen": short(chosen.mean()),
                "precision": None if precision is None else short(precision),
                "recall": None if recall is None else short(recall),
                "f1": None if f1 is None else short(f1),
            }
        )
    return found
