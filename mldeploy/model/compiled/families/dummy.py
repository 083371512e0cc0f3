"""Models that ignore their input."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require


def _classifier(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    strategy = estimator.strategy
    known = strategy in {"most_frequent", "prior", "constant"}
    require(known, f"strategy is {strategy}: its predictions are random")
    require(not estimator.sparse_output_, "its output is sparse")
    # They are the same for every row.
    row = np.zeros((1, 1))
    found = estimator.predict_proba(row)
    facts = {
        "values": np.asarray(estimator.predict(row)).reshape(-1),
        "probabilities": [one[0] for one in (found if isinstance(found, list) else [found])],
    }
    return Node("dummy.DummyClassifier", facts)


def _regressor(estimator: Any, _converter: Converter) -> Node:
    return Node("dummy.DummyRegressor", {"values": estimator.constant_.reshape(-1)})


CONVERTERS = {"DummyClassifier": _classifier, "DummyRegressor": _regressor}
