"""An engine in the steps of a training: opened before the data, closed after the fits."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mldeploy.config.engine import engine_of
from mldeploy.events import Event, Note
from mldeploy.model.engines.training_on import TrainingOn, warning_of
from mldeploy.model.engines.useless import why_useless
from mldeploy.model.needs.local_modules import tops
from mldeploy.model.needs.requirements import imported_by, owners_of_modules
from mldeploy.model.steps import step

Emit = Callable[[Event], Any]
LOST: list[str] = []
"""The addresses of engines that this process couldn't close its connection to."""


@contextlib.contextmanager
def connected(address: str, emit: Emit) -> Iterator[TrainingOn | None]:
    """Connect to an engine and compare its workers with this machine; None for "local".

    Raises:
        MldeployError: MLD250, MLD251, MLD253.
    """
    wanted = engine_of(address)
    if wanted is None:
        yield None
        return
    warning = warning_of(wanted, os.environ)
    if warning:
        emit(warning)
    found = step(emit, f"connect to {address}", lambda: TrainingOn(wanted), _cores)
    try:
        yield found
    finally:
        if not found.close():
            LOST.append(address)


def _cores(engine: TrainingOn) -> str:
    return f"{engine.cores} core{'s' if engine.cores != 1 else ''}"


def send_modules(
    engine: TrainingOn,
    files: Mapping[str, Path],
    modules: tuple[str, ...],
    estimator: Any,
    emit: Emit,
) -> None:
    """Send the user's modules to an engine's workers.

    Args:
        engine: a connection.
        files: the modules, by their paths on `sys.path`.
        modules: all that the estimator needs, by dotted names.
        estimator: unfitted.
        emit: receives the step.

    Raises:
        MldeployError: MLD251, MLD253.
    """
    own = tops(files)
    owners = owners_of_modules()
    named = {one.partition(".")[0] for one in (*modules, *imported_by(files.values()))} - own
    needed = {name for one in named for name in owners.get(one, ())} - {"mldeploy"}
    text = "send your modules to the workers" if files else "load the estimator on the workers"
    step(emit, text, lambda: engine.send(files, needed, estimator))


@contextlib.contextmanager
def noting(engine: TrainingOn, address: str, estimator: Any, emit: Emit) -> Iterator[None]:
    """Say that an engine has nothing to do: before the fits if that is known, else after them."""
    reason = why_useless(estimator)
    if reason:
        emit(Note(f"{address} will have nothing to do: {reason}", "warning"))
    yield
    if not engine.calls and not reason:
        kind = type(estimator).__name__
        text = f"nothing ran on {address}: the fit of {kind} has no parallel tasks of joblib"
        emit(Note(text, "warning"))
