"""Estimators in pickles: whether they fit into one, and the modules that one names."""

import io
import os
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError, disk_full
from mldeploy.model.bundle import MODEL


@dataclass(frozen=True)
class Loaded:
    """An estimator from a pickle, and the modules in the pickle."""

    estimator: Any
    modules: frozenset[str]


def require_picklable(estimator: Any) -> set[str]:
    """Pickle an unfitted estimator and load it again; return the modules that this names.

    Raises:
        MldeployError: MLD218.
    """
    try:
        content = pickle.dumps(estimator)
        with _named() as named:
            # The pure unpickler is the one whose `find_class` can be listened to.
            pickle._Unpickler(io.BytesIO(content)).load()  # noqa: SLF001
    except Exception as error:
        raise _unpicklable(estimator, error) from error
    return named


def dump(estimator: Any, path: Path) -> None:
    """Pickle an estimator into a file.

    Raises:
        MldeployError: MLD218; MLD620 if the disk is full.
    """
    from mldeploy.model.needs.canonical import CanonicalPickler

    try:
        with path.open("wb") as stream:
            CanonicalPickler(stream).dump(estimator)
    except Exception as error:
        raise disk_full(error) or _unpicklable(estimator, error) from error


def load(path: Path) -> Loaded:
    """Load an estimator and record the modules that its pickle names."""
    import joblib

    with _named() as named:
        estimator = joblib.load(path)
    return Loaded(estimator, frozenset(named))


def copy_of(folder: Path, target: Path) -> None:
    """Link or copy a stored model's file into a bundle."""
    try:
        os.link(folder / MODEL, target / MODEL)
    except OSError:
        shutil.copyfile(folder / MODEL, target / MODEL)


@contextmanager
def _named() -> Iterator[set[str]]:
    """Collect the modules that unpickling imports in a set."""
    named: set[str] = set()
    # joblib's unpickler is a subclass of this one and calls its method.
    unpickler: Any = pickle._Unpickler  # noqa: SLF001
    find_class = unpickler.find_class

    def recorded(self: Any, module: str, name: str) -> Any:
        named.add(module)
        return find_class(self, module, name)

    unpickler.find_class = recorded
    try:
        yield named
    finally:
        unpickler.find_class = find_class


def _unpicklable(estimator: Any, error: Exception) -> MldeployError:
    where = _culprit(estimator)
    return MldeployError(
        "MLD218",
        f"the estimator can't be saved: {type(error).__name__}: {error}",
        "define functions and classes at the top of a module: lambdas, functions inside functions "
        "and open files can't be pickled",
        details=(("in", where),) if where else (),
    )


def _culprit(estimator: Any) -> str:
    """Return the parameter that can't be pickled, or ""."""
    try:
        parameters = estimator.get_params(deep=True)
    except Exception:  # noqa: BLE001 - a class of the user's own
        return ""
    for name, value in sorted(parameters.items(), reverse=True):
        try:
            pickle.dumps(value)
        except Exception:  # noqa: BLE001 - whatever it raises
            return f"{name}={value!r}"[:200]
    return ""
