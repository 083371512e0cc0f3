"""Creates a bundle from the user's train module."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.model.bundle import Bundle
from mldeploy.model.bundling import FITTED, Terms, kept_at, make_bundle
from mldeploy.model.child import in_child, write_request
from mldeploy.model.fitted import require_fitted
from mldeploy.model.needs.wheels import Wheels
from mldeploy.model.report.previous import add_previous
from mldeploy.model.training import TrainingRequest


def train(
    config: Config,
    emit: Emit,
    thresholds: Mapping[str, float] | None = None,
    *,
    allow_useless: bool = True,
    resume: bool = False,
) -> Bundle:
    """Train, evaluate, verify in a clean process, and write the bundle atomically.

    Args:
        config: of the project.
        emit: receives the steps, and a warning if the package index is unreachable.
        thresholds: by metric; minimum for a score, maximum for an error.
        allow_useless: whether a model no better than the baseline only causes a warning.
        resume: whether to continue with the fitted model of an earlier run.

    Raises:
        MldeployError: MLD2xx; see docs/training.md.
    """
    if resume:
        require_fitted(kept_at(config))

    def make(folder: Path, target: Path, wheels: Wheels) -> dict[str, Any]:
        request = TrainingRequest(
            root=str(config.root),
            train=str(config.root / config.train),
            target=str(target),
            fitted=str(kept_at(config) if resume else folder / FITTED),
            hooks=config.hooks,
            included=config.included,
            resume=resume,
            settings=asdict(config.training),
            publish=config.publish,
        )
        path = folder / "request.json"
        write_request(request, path)
        found = _in_child(path, config.root, wheels, emit)
        add_previous(target, config.bundle)
        return found

    return make_bundle(config, make, emit, Terms(thresholds or {}, allow_useless))


def _in_child(request: Path, root: Path, wheels: Wheels, emit: Emit) -> dict[str, Any]:
    """Fit in a child process while the wheels are checked; return the facts.

    Raises:
        MldeployError: of the wheels if their check stopped the child, else of the child.
    """
    try:
        return in_child(
            "mldeploy.model.training",
            request,
            root,
            emit,
            lambda checked, stop: wheels.begin(checked.modules, stop),
        )
    except MldeployError:
        failure = wheels.failure()
        if isinstance(failure, MldeployError):
            raise failure from None
        raise
