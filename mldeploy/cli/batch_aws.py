"""`mldeploy batch` with Step Functions: starts, follows, shows and stops jobs in S3."""

import time
from dataclasses import dataclass, replace

from mldeploy.cli.agreement import agreed
from mldeploy.config import BatchConfig, Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.prove import prove_release
from mldeploy.deploy.session import connect
from mldeploy.deploy.vouching import keep_at_hand
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.invoke.batch.buckets import Bucket, objects_of, require_apart, require_beneath
from mldeploy.invoke.batch.engines import result_of
from mldeploy.invoke.batch.estimates import planned_batch
from mldeploy.invoke.batch.executions import Execution, Pinned, execution_of, next_id, pinned
from mldeploy.invoke.batch.executions import stop as stopped
from mldeploy.invoke.batch.following import failure, follow
from mldeploy.invoke.batch.jobs import Job, Settings, plan_job
from mldeploy.invoke.batch.price import Rates, cost_of, rates_of
from mldeploy.invoke.batch.results import BatchResult, PlannedBatch
from mldeploy.invoke.batch.status import JobStatus, status_of
from mldeploy.invoke.batch.step_functions import StepFunctions
from mldeploy.invoke.batch.storage import claim
from mldeploy.invoke.batch.tally import Tally
from mldeploy.monitoring.where import where_of
from mldeploy.render import Renderer
from mldeploy.render.batches import planned_words, result_words
from mldeploy.render.batches_aws import status_words
from mldeploy.resources.base import Context
from mldeploy.resources.ecr_images import labels_of
from mldeploy.resources.lambda_state import digest_of_version

MODEL_LABEL = "mldeploy.model"


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for. `kept`: columns of the input for the output."""

    source: str
    target: str
    kept: tuple[str, ...] = ()
    max_errors: int = 1000
    overwrite: bool = False
    dry_run: bool = False
    yes: bool = False
    follow: bool = False
    function: str | None = None


def score_on_aws(settings: Config, renderer: Renderer, outside: Outside, wanted: Wanted) -> int:
    """Verify the batch function, plan a job, ask, and start it."""
    context = _connected(settings, renderer, outside)
    found = pinned(settings, context.reads)
    _require_function(wanted.function, settings)
    output = _output_of(wanted, settings.batch or BatchConfig())
    next_id(output, found, context)  # refused before anything is scored
    keep_at_hand(settings, context)
    _require_proved(found, context)
    job = _planned(wanted, found, settings, context)
    rates = rates_of(settings, context.account.region)
    engine = StepFunctions(found, rates, context)
    planned = _estimated(planned_batch(engine.name, output, job, engine.sample(job, output)), rates)
    words = planned_words(planned)
    if wanted.dry_run:
        renderer.result(planned, words)
        return ExitCode.OK
    renderer.show(replace(words, notes=words.notes[:1]))
    where = where_of(settings, None, context)
    if not agreed(settings, where, renderer, "Start this job in", yes=wanted.yes):
        return ExitCode.FAILURE
    storage = Bucket(output, context.clients.client("s3"))
    claim(job, storage, output, overwrite=wanted.overwrite)
    if not wanted.follow:
        name = engine.begin(output)
        begun = execution_of(name, found.function, context)
        _show(begun, Tally(output, context), rates, context, renderer)
        renderer.say(
            f"`mldeploy batch status {name} --follow` follows it, `mldeploy batch stop {name}` "
            "stops it."
        )
        return ExitCode.OK
    result = _run(engine, job, output, context)
    renderer.result(result, result_words(result))
    return ExitCode.OK


def show_job(
    settings: Config, renderer: Renderer, outside: Outside, name: str, *, followed: bool
) -> int:
    """Show a job's state; with `followed` wait for its end."""
    context = _connected(settings, renderer, outside)
    found, rates = pinned(settings, context.reads), rates_of(settings, context.account.region)
    execution = execution_of(name, found.function, context)
    tally = Tally(execution.output, context)
    if followed and execution.ended is None:
        execution = follow(name, found.function, rates, tally, context)
    status = _show(execution, tally, rates, context, renderer)
    if followed and status.status != "succeeded":
        raise failure(execution, context)
    return ExitCode.OK


def stop_job(
    settings: Config, renderer: Renderer, outside: Outside, name: str, *, followed: bool = False
) -> int:
    """Stop a job; what is done stays done."""
    del followed  # it has ended then
    context = _connected(settings, renderer, outside)
    found, rates = pinned(settings, context.reads), rates_of(settings, context.account.region)
    execution = stopped(name, found.function, context)
    _show(execution, Tally(execution.output, context), rates, context, renderer)
    return ExitCode.OK


def _show(
    execution: Execution, tally: Tally, rates: Rates, context: Context, renderer: Renderer
) -> JobStatus:
    """Print the state of a job, and return it."""
    status = status_of(execution, tally.count(), rates, context.now())
    renderer.result(status, status_words(status))
    return status


def _connected(settings: Config, renderer: Renderer, outside: Outside) -> Context:
    """Return the context of a stage that can run jobs.

    Raises:
        MldeployError: MLD646 for the embedded AWS.
    """
    if settings.target != "aws":
        raise MldeployError(
            "MLD646",
            f"--target {settings.target}: the embedded AWS has no S3 and runs no jobs",
            "score files of this machine: `mldeploy batch FILE FOLDER`",
            exit_code=ExitCode.USAGE,
        )
    return connect(settings, renderer.on_event, outside)


def _require_function(name: str | None, settings: Config) -> None:
    """Refuse a function that isn't the one of [batch].

    Raises:
        MldeployError: MLD110.
    """
    scores = settings.batches.scores if settings.batches else ""
    if name not in {None, scores}:
        raise MldeployError(
            "MLD110",
            f"--function {name}: [batch] gives jobs in S3 the model of {scores}",
            f'leave out --function, or write function = "{name}" in [batch] and deploy',
            exit_code=ExitCode.USAGE,
        )


def _output_of(wanted: Wanted, batch: BatchConfig) -> str:
    """Return the output's URI with a slash at its end.

    Raises:
        MldeployError: MLD640 if the batch function's role doesn't reach input or output, or if
            they overlap.
    """
    output = wanted.target if wanted.target.endswith("/") else f"{wanted.target}/"
    require_beneath(wanted.source, batch.inputs, "inputs")
    require_beneath(output, batch.outputs, "outputs")
    require_apart(wanted.source, output)
    return output


def _require_proved(found: Pinned, context: Context) -> None:
    """Verify the golden examples on the version that will score.

    Raises:
        MldeployError: MLD501.
    """
    proof = prove_release(found.function, found.release, context)
    if proof.failure:
        raise MldeployError(
            "MLD501",
            f"version {found.version} of {found.function} failed its check: {proof.failure}",
            "deploy again; no chunk was scored",
            details=tuple(("log", line) for line in proof.log),
        )


def _planned(wanted: Wanted, found: Pinned, settings: Config, context: Context) -> Job:
    files = objects_of(wanted.source, context.clients.client("s3"))
    digest = digest_of_version(found.function, found.version, context.reads)
    model = labels_of(settings.repository, digest, context.reads).get(MODEL_LABEL, "")
    decided = Settings(found.release, model, wanted.kept, max_errors=wanted.max_errors)
    return plan_job(files, decided)


def _estimated(planned: PlannedBatch, rates: Rates) -> PlannedBatch:
    """Return a plan with its price, and the time that loading the model takes."""
    if planned.estimate is None:
        return planned
    busy = planned.estimate.seconds * min(planned.chunks, rates.concurrency)
    found = cost_of(planned.chunks, busy / planned.chunks, rates)
    return replace(
        planned, estimate=replace(planned.estimate, seconds=found.seconds, price=found.usd)
    )


def _run(engine: StepFunctions, job: Job, output: str, context: Context) -> BatchResult:
    began = time.monotonic()
    found = engine.run(job, output, context.emit)
    found["seconds"] = time.monotonic() - began
    storage = Bucket(output, context.clients.client("s3"))
    return result_of(engine.name, output, job, found, storage)
