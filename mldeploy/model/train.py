"""Creates a bundle from the user's train module, or from a model that a running Python has."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.model.bundle import Bundle
from mldeploy.model.bundling import FITTED, Terms, kept_at, make_bundle
from mldeploy.model.child import in_child, write_request
from mldeploy.model.fitted import require_fitted
from mldeploy.model.handed import Handed, hand_over
from mldeploy.model.needs.wheels import Wheels
from mldeploy.model.report.previous import add_previous
from mldeploy.model.training import TrainingRequest
from mldeploy.model.user_module import SAVE


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

    def request(folder: Path, target: Path) -> TrainingRequest:
        return replace(
            _request(config, target),
            train=str(config.root / config.train),
            fitted=str(kept_at(config) if resume else folder / FITTED),
            resume=resume,
        )

    return _bundle(config, request, emit, Terms(thresholds or {}, allow_useless))


@dataclass(frozen=True)
class Place:
    """Where a running Python is.

    Attributes:
        folder: its working directory.
        code: the folder below which modules are the user's own and go into the image.
        paths: where it imports those from.
    """

    folder: Path
    code: Path
    paths: tuple[str, ...] = ()


def save(config: Config, handed: Handed, place: Place, emit: Emit, terms: Terms) -> Bundle:
    """Write the bundle of an estimator that a running Python has, with the checks of `train`.

    Args:
        config: of the project.
        handed: the estimator and its data, of `handed.ready`.
        place: where the user's modules are.
        emit: receives the steps and warnings.
        terms: the user's requirements of the model.

    Raises:
        MldeployError: MLD2xx; see docs/training.md.
    """

    def request(folder: Path, target: Path) -> TrainingRequest:
        hand_over(handed, folder / "handed.joblib")
        return replace(
            _request(config, target),
            train=str(place.folder / SAVE),
            fitted=str(folder / "saved"),  # not kept after a failure: the notebook has it
            handed=str(folder / "handed.joblib"),
            code=str(place.code),
            paths=place.paths,
        )

    return _bundle(config, request, emit, terms)


def _request(config: Config, target: Path) -> TrainingRequest:
    """Return what is the same for all trainings of a project."""
    return TrainingRequest(
        root=str(config.root),
        train="",
        target=str(target),
        fitted="",
        hooks=config.hooks,
        included=config.included,
        settings=asdict(config.training),
        publish=config.publish,
    )


def _bundle(
    config: Config,
    request: Callable[[Path, Path], TrainingRequest],
    emit: Emit,
    terms: Terms,
) -> Bundle:
    def make(folder: Path, target: Path, wheels: Wheels) -> dict[str, Any]:
        path = folder / "request.json"
        write_request(request(folder, target), path)
        found = _in_child(path, config.root, wheels, emit)
        add_previous(target, config.bundle)
        return found

    return make_bundle(config, make, emit, terms)


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
