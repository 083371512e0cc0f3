"""`mldeploy batch`: scores files on this machine, or in S3 (`batch_aws`)."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from mldeploy.cli.batch_aws import Wanted, score_on_aws, show_job, stop_job
from mldeploy.cli.examples import examples
from mldeploy.cli.options import FunctionOption, YesOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config, FunctionConfig
from mldeploy.deploy.outside import Outside
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.invoke.batch.engines import result_of
from mldeploy.invoke.batch.estimates import estimate_of, planned_batch
from mldeploy.invoke.batch.folders import Folder, inputs_of, locked
from mldeploy.invoke.batch.jobs import Job, Settings, columns_of, plan_job
from mldeploy.invoke.batch.on_this_machine import LocalEngine, local_engine
from mldeploy.invoke.batch.results import BatchResult
from mldeploy.invoke.batch.storage import claim
from mldeploy.invoke.invocation import function_of
from mldeploy.model.bundle import load_bundle
from mldeploy.render import Renderer
from mldeploy.render.batches import estimate_words, planned_words, result_words

InputArgument = Annotated[
    str,
    typer.Argument(
        metavar="INPUT",
        help="A CSV, JSON Lines or Parquet file, or a folder with such files; also "
        "s3://BUCKET/PREFIX/. Or `status` or `stop`, with a job's id.",
    ),
]
OutputArgument = Annotated[
    str,
    typer.Argument(
        metavar="OUTPUT", help="The folder to write predictions to; also s3://BUCKET/PREFIX/."
    ),
]
EngineOption = Annotated[
    Literal["local", "stepfunctions"] | None,
    typer.Option(
        "--engine",
        metavar="local|stepfunctions",
        help="What scores: this machine, or the stage's batch function.",
        show_default="stepfunctions for an INPUT in S3",
    ),
]
FollowOption = Annotated[
    bool, typer.Option("--follow", help="Show the progress of a job in S3 until its end.")
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns", metavar="NAMES", help="Input columns to keep in the output, such as id,name."
    ),
]
MaxErrorsOption = Annotated[
    int,
    typer.Option(
        "--max-errors", min=0, metavar="COUNT", help="Rows without a prediction that stop the job."
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Delete what another job wrote to OUTPUT, and begin.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Score a sample, print the estimate, and write nothing.")
]
ProcessesOption = Annotated[
    int | None,
    typer.Option(
        "--processes",
        min=1,
        max=64,
        metavar="COUNT",
        help="Processes that score.",
        show_default="one per CPU",
    ),
]

_VERBS: dict[str, Callable[..., int]] = {"status": show_job, "stop": stop_job}
"""What INPUT may be instead; a file of such a name is given as ./status."""
_WORTH_IT = 8 << 20
"""Bytes of input from which on a sample is scored first."""


@aws_command
@examples(
    ("Score a file on this machine", "mldeploy batch new.csv scored/ --columns id"),
    ("Show how long it would take", "mldeploy batch new.csv scored/ --dry-run"),
)
def batch(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    source: InputArgument,
    destination: OutputArgument,
    engine: EngineOption = None,
    columns: ColumnsOption = None,
    function: FunctionOption = None,
    max_errors: MaxErrorsOption = 1000,
    processes: ProcessesOption = None,
    overwrite: OverwriteOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    follow: FollowOption = False,
) -> int:
    """Score the rows of files. Run the same command again to continue a job that was stopped."""
    kept = columns_of(columns)
    if source in _VERBS:
        return _VERBS[source](settings, renderer, outside, destination, followed=follow)
    if engine == "stepfunctions" or (engine is None and source.startswith("s3://")):
        asked = Wanted(
            source, destination, kept, max_errors, overwrite=overwrite, dry_run=dry_run,
            yes=yes, follow=follow, function=function,
        )  # fmt: skip
        return score_on_aws(settings, renderer, outside, asked)
    chosen = _function(settings, function)
    bundle = load_bundle(settings.of_model(chosen.model).bundle)
    output = Path(destination)
    wanted = Settings(LocalEngine.release, bundle.sha256, kept, max_errors=max_errors)
    job = plan_job(inputs_of(Path(source), output), wanted)
    count = processes or len(os.sched_getaffinity(0))
    with local_engine(settings, chosen, count, renderer.on_event, renderer.say) as local:
        if dry_run:
            planned = planned_batch(local.name, destination, job, local.sample(job))
            renderer.result(planned, planned_words(planned))
            return ExitCode.OK
        # Nothing is written yet: a sample of Parquet also shows whether the image can read it.
        if job.size > _WORTH_IT or any(file.format == "parquet" for file in job.files):
            renderer.show(estimate_words(job, estimate_of(job, local.sample(job))))
        with locked(output):
            claim(job, Folder(output), destination, overwrite=overwrite)
            result = _run(local, job, output, renderer)
    renderer.result(result, result_words(result))
    return ExitCode.OK


def _function(settings: Config, name: str | None) -> FunctionConfig:
    """Return the function whose model scores.

    Raises:
        MldeployError: MLD351 if it serves no model.
    """
    configured = settings.batch.function if settings.batch else ""
    found = function_of(settings, name or configured or None)
    if found.custom:
        raise MldeployError(
            "MLD351",
            f"function {found.name} has your own handler, which can't score files",
            "pass --function with one that serves a model",
        )
    return found


def _run(engine: LocalEngine, job: Job, output: Path, renderer: Renderer) -> BatchResult:
    began = time.monotonic()
    try:
        found = engine.run(job, output, renderer.on_event)
    except KeyboardInterrupt:
        raise MldeployError(
            "MLD130",
            "interrupted: the chunks that are done are kept",
            "run the same command again to continue",
            exit_code=ExitCode.INTERRUPTED,
        ) from None
    found["seconds"] = time.monotonic() - began
    return result_of(engine.name, str(output), job, found, Folder(output))
