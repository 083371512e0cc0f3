"""Whether an engine's workers have the same Python and libraries as the training."""

import importlib.metadata
import platform
from collections.abc import Callable, Iterable
from typing import Any

from mldeploy.errors import MldeployError

LIBRARIES = ("numpy", "scipy", "scikit-learn", "joblib")
"""What every training needs."""

Everywhere = Callable[..., dict[str, Any]]
"""`Connection.everywhere`, in bounded time."""


def require_same_python(everywhere: Everywhere) -> None:
    """Refuse workers with another Python, which couldn't run the training's code.

    Raises:
        MldeployError: MLD253.
    """
    ours = platform.python_version()
    for worker, theirs in sorted(everywhere(platform.python_version).items()):
        if isinstance(theirs, BaseException) or _minor(theirs) != _minor(ours):
            raise _differs(worker, "Python", theirs, ours)


def require_same_versions(everywhere: Everywhere, names: Iterable[str]) -> None:
    """Refuse workers with other versions of distributions that are installed here.

    Raises:
        MldeployError: MLD253.
    """
    for name in sorted(set(names)):
        try:
            ours = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        for worker, theirs in sorted(everywhere(importlib.metadata.version, name).items()):
            if theirs != ours:
                raise _differs(worker, name, theirs, ours)


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _differs(worker: str, name: str, theirs: Any, ours: str) -> MldeployError:
    has = f"has {name} {theirs}"
    if isinstance(theirs, importlib.metadata.PackageNotFoundError):
        has = f"has no {name}"
    elif isinstance(theirs, BaseException):
        has = f"can't say its version of {name} ({type(theirs).__name__}: {theirs})"
    install = "a Python" if name == "Python" else "a version"
    return MldeployError(
        "MLD253",
        f"the worker {worker} {has}, but this machine has {name} {ours}: the model could differ",
        f"give the workers and this machine the same {install.removeprefix('a ')} of {name}"
        if name != "Python"
        else "start the workers with the Python that runs mldeploy",
    )
