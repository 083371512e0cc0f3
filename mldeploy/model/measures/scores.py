"""Metrics of one output with classes. Labels of any type become numbers first."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Classified:
    """A classifier's scores.

    Attributes:
        classes: its labels, in the order of the columns.
        probabilities: of shape (rows, classes), or None.
        decision: for two classes, one value per row, positive for the second; or None.
    """

    classes: list[Any]
    probabilities: Any = None
    decision: Any = None


def score_classes(true: Any, predicted: Any) -> dict[str, Any]:
    """Return accuracy, balanced accuracy and the macro F1 of labels."""
    from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

    numbers: dict[Any, int] = {}
    true, predicted = _coded(true, numbers), _coded(predicted, numbers)
    return {
        "accuracy": float(accuracy_score(true, predicted)),
        "balanced_accuracy": float(balanced_accuracy_score(true, predicted)),
        "f1_macro": float(f1_score(true, predicted, average="macro", zero_division=0)),
    }


def score_probabilities(true: Any, found: Classified) -> dict[str, Any]:
    """Return ROC AUC, log loss and Brier score, or a text for an undefined one.

    Classes unknown to the estimator have the probability 0.
    """
    import numpy as np
    from sklearn.metrics import brier_score_loss, log_loss

    numbers = {label: number for number, label in enumerate(found.classes)}
    coded = _coded(true, numbers)
    if found.probabilities is None:
        without = "there is no predict_proba, and decision values aren't probabilities"
        auc = _roc_auc(coded, np.column_stack([-found.decision, found.decision]), found)
        return {"roc_auc": auc, "log_loss": without, "brier": without}
    if found.probabilities.ndim != 2 or found.probabilities.shape[1] != len(found.classes):  # noqa: PLR2004 - a table
        shape = found.probabilities.shape
        text = f"predict_proba returns the shape {shape} for {len(found.classes)} classes"
        return dict.fromkeys(("roc_auc", "log_loss", "brier"), text)
    unknown = np.zeros((len(coded), len(numbers) - len(found.classes)))
    table = np.hstack([found.probabilities.astype(float), unknown])
    if table.shape[1] < 2:  # noqa: PLR2004 - one class is no choice
        text = "there is only one class"
        return dict.fromkeys(("roc_auc", "log_loss", "brier"), text)
    labels = list(range(table.shape[1]))
    return {
        "roc_auc": _roc_auc(coded, table, found),
        "log_loss": float(log_loss(coded, table, labels=labels)),
        "brier": float(brier_score_loss(coded, table, labels=labels)),
    }


def _roc_auc(coded: Any, table: Any, found: Classified) -> float | str:
    """Return the area under the ROC curve; of several classes the mean of one against the rest."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    labels = np.arange(table.shape[1])
    absent = [label for label in labels if not (coded == label).any()]
    if absent:
        names = [str(found.classes[label]) for label in absent if label < len(found.classes)]
        return f"no row has the class {names[0] if names else absent[0]}"
    if len(labels) == 2:  # noqa: PLR2004 - no and yes
        return float(roc_auc_score(coded == 1, table[:, 1]))
    # The same as multi_class="ovr", which requires rows that sum to 1.
    return float(roc_auc_score(coded[:, None] == labels, table, average="macro"))


def _coded(labels: Any, numbers: dict[Any, int]) -> Any:
    """Return a number per label; new labels are added to `numbers`."""
    import numpy as np

    return np.array([numbers.setdefault(one, len(numbers)) for one in labels.tolist()], dtype=int)
