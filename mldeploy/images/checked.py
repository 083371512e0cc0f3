"""A builder that checks each image against Lambda's limits."""

from mldeploy.config.secret_values import told_missing
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note, Progress
from mldeploy.facts.quotas import IMAGE_BYTES
from mldeploy.images.builder import Builder, BuildOptions, Built, Outcome, Runner
from mldeploy.images.passing import Passing
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trial_errors import check_error


class Checked(Passing):
    """A `Builder` whose images are verified by a `Runner`.

    Args:
        builder: builds and pushes them.
        runner: verifies them.
    """

    def __init__(self, builder: Builder, runner: Runner) -> None:
        self._inner, self._runner = builder, runner

    @property
    def _builder(self) -> Builder:
        return self._inner

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Build the image unless it exists, then verify it.

        Raises:
            MldeployError: of the builder; MLD303 to MLD305 if Lambda wouldn't run the image.
        """
        built = super().build(spec, emit, options)
        require_fit(built)
        emit(Progress("build", "checking the golden examples"))
        instead = ""
        for trial in spec.trials:
            if trial.missing:
                emit(Note(told_missing(trial.missing), "warning"))
            outcome = self._runner.try_out(built, trial)
            _judge(outcome, emit)
            instead = outcome.instead or instead
            if outcome.foreign or outcome.unchecked:  # so are the others
                break
        if instead:
            emit(Note(f"the predictions of the image were checked with {instead}"))
        return built


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
    """Evaluate the result of a trial."""
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
