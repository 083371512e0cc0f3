"""The harness's own mutants: ways to serve something else than what was trained."""

from collections.abc import Callable
from typing import Any, TypeVar

Found = TypeVar("Found")


def in_training(mutant: str, work: Callable[[], Found]) -> Found:
    """Do the first process's work, with the program's own checks out of the way."""
    if mutant == "index dropped":
        from mldeploy.model.frameworks.sklearn import asking

        asking._require_no_index = lambda *_: None
    if mutant == "golden from the handler":
        from mldeploy.model import training

        training._asked = _other_golden(training._asked)
    return work()


def _other_golden(asked: Any) -> Any:
    """Return training's asking with golden answers that a wrong handler would give."""

    def other(*arguments: Any) -> Any:
        facts = asked(*arguments)
        answers = facts["truth"]["together"]
        facts["truth"]["together"] = [answers[0]] * len(answers)
        return facts

    return other


def in_serving(mutant: str, work: Callable[[], Found]) -> Found:
    """Do the second process's work with an estimator that is asked wrongly."""
    if mutant in _WRAPPERS:
        import joblib

        load = joblib.load
        joblib.load = lambda *a, **k: _WRAPPERS[mutant](load(*a, **k))
    return work()


class _Wrapped:
    """An estimator whose methods are asked in another way."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def __getattr__(self, name: str) -> Any:
        return getattr(self._estimator, name)


class _Float64(_Wrapped):
    def predict(self, x: Any) -> Any:
        return self._estimator.predict(x.astype("float64"))


class _MostProbable(_Wrapped):
    def predict(self, x: Any) -> Any:
        return self.classes_[self._estimator.predict_proba(x).argmax(axis=1)]


class _FirstRow(_Wrapped):
    def predict(self, x: Any) -> Any:
        return self._estimator.predict(x)[[0] * len(x)]


class _NoSingleRow(_Wrapped):
    def predict(self, x: Any) -> Any:
        if len(x) == 1:
            raise ValueError
        return self._estimator.predict(x)


_WRAPPERS: dict[str, Callable[[Any], Any]] = {
    "dtype dropped": _Float64,
    "label shortcut widened": _MostProbable,
    "first row for all": _FirstRow,
    "one row fails": _NoSingleRow,
}
