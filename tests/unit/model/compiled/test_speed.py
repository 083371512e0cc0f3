"""A compiled model never takes longer than its estimator, or it isn't served."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mldeploy.config.training import Compile, TrainingConfig
from mldeploy.model.compiled.explaining import compilation_of
from mldeploy.model.compiled.gate.speed import COUNTS, requests_of, slower
from tests.support.models import project, trained

X = np.random.default_rng(0).standard_normal((40, 4))
NEIGHBORS = """
import numpy as np
from sklearn.neighbors import KNeighborsClassifier


def data():
    x = np.random.default_rng(0).standard_normal((2500, 16))
    return x, (x[:, 0] > 0).astype(int)


def estimator():
    return KNeighborsClassifier(metric="manhattan")
"""


class Slow:
    """Takes a tenth of a second of the processor for a request."""

    def predict(self, table: Any) -> Any:
        """Return a zero for each row."""
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        return np.zeros(len(table))


@pytest.mark.parametrize(
    ("compiled", "reason"),
    [
        ([0.01, 0.01, 0.01], ""),
        ([0.11, 0.11, 0.11], ""),
        ([0.01, 0.01, 0.9], "1,000 rows take 900 ms, 10"),
        ([0.01, 0.9, 0.01], "10 rows take 900 ms, 10"),
    ],
    ids=["faster", "about as fast", "many rows are slower", "some rows are slower"],
)
def test_what_takes_longer_is_told(compiled: list[float], reason: str) -> None:
    """The estimator takes 100 ms."""
    found = slower(Slow(), X, ("predict",), requests_of(X), compiled.__getitem__)
    assert found.startswith(reason)
    assert bool(found) == bool(reason)


def test_a_moment_in_which_it_was_slower_counts_for_nothing() -> None:
    """Another program may have had the processor's cache."""
    seconds = iter([0.9] * 7)
    compiled = lambda _: next(seconds, 0.01)  # noqa: E731
    assert slower(Slow(), X, ("predict",), requests_of(X), compiled) == ""


def test_few_rows_of_training_are_repeated() -> None:
    """For requests of a thousand."""
    assert [len(rows) for rows in requests_of(X[:3])] == list(COUNTS)


@pytest.mark.parametrize("choice", ["auto", "require"])
def test_a_slower_model_is_compiled_only_where_it_must_be(choice: Compile, tmp_path: Path) -> None:
    """NumPy needs more than twice scikit-learn's time for these distances."""
    bundle = trained(project(tmp_path, NEIGHBORS, TrainingConfig(compile=choice))).bundle
    found = compilation_of(bundle, tmp_path, print, explain=False)
    assert found.compiled == (choice == "require")
    assert ("1,000 rows take" in found.reason) == (choice == "auto")
    assert bundle.file == ("model.joblib" if choice == "auto" else "model.safetensors")
