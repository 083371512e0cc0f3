"""An image that is held to Lambda's rules once it is made, whatever makes it."""

from collections.abc import Iterable
from pathlib import Path

from mldeploy.config.secret_values import told_missing
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note, Progress
from mldeploy.facts.quotas import IMAGE_BYTES
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.builder import (
    Builder,
    BuildOptions,
    Built,
    ImageRef,
    Outcome,
    RepositoryTarget,
    Retention,
    Runner,
)
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trial_errors import check_error


class Checked:
    """A `Builder` whose images are checked by a `Runner`.

    Args:
        builder: makes and pushes them.
        runner: tries them out.
    """

    def __init__(self, builder: Builder, runner: Runner) -> None:
        self._builder, self._runner = builder, runner

    def check(self, spec: ImageSpec) -> list[str]:
        """Return problems that are known before building."""
        return self._builder.check(spec)

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Make the image unless it exists already, then hold it to Lambda's rules.

        Raises:
            MldeployError: as the builder; MLD303 to MLD305 where Lambda wouldn't run the image.
        """
        built = self._builder.build(spec, emit, options)
        require_fit(built)
        emit(Progress("build", "checking the golden examples"))
        for trial in spec.trials:
            if trial.missing:
                emit(Note(told_missing(trial.missing), "warning"))
            outcome = self._runner.try_out(built, trial)
            _judge(outcome, emit)
            if outcome.foreign or outcome.unchecked:  # so are the others
                break
        return built

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Push it under the target's tag."""
        return self._builder.push(built, repository, emit)

    def save(self, built: Built, target: Path) -> None:
        """Write it to a file that `docker load` reads."""
        self._builder.save(built, target)

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Store documents about a pushed image beside it."""
        self._builder.attach(documents, subject, repository)

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Remove what builds have superseded."""
        self._builder.tidy(retention, emit)


def require_fit(built: Built) -> None:
    """Check an image's architecture and size.

    Raises:
        MldeployError: MLD303 or MLD304.
    """
    wanted = built.spec.architecture
    if built.architecture != wanted:
        raise MldeployError(
            "MLD303",
            f"the image is for {built.architecture}, but the function needs {wanted}",
            "set a base image of that architecture, or change [project] architecture",
        )
    if built.size >= IMAGE_BYTES:
        raise MldeployError(
            "MLD304",
            f"the image has {built.size / 1e9:.1f} GB; Lambda accepts 10 GB",
            "remove requirements or files, or make the model smaller",
        )


def _judge(outcome: Outcome, emit: Emit) -> None:
    """Read what the trial came to."""
    if outcome.unchecked:
        emit(Note(f"the predictions of the image weren't checked: {outcome.unchecked}", "warning"))
    elif outcome.foreign:
        emit(
            Note(
                "the predictions of the image weren't checked, because it is for another "
                "architecture than this machine",
                "warning",
            )
        )
    elif outcome.code or outcome.problems:
        raise check_error(outcome)
