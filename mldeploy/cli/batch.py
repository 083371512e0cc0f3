"""`mldeploy batch`."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from mldeploy.batch.engines import first_errors
from mldeploy.batch.estimates import estimate_of, planned_batch
from mldeploy.batch.folders import Folder, inputs_of, locked
from mldeploy.batch.jobs import Job, Settings, columns_of, plan_job
from mldeploy.batch.on_this_machine import LocalEngine, local_engine
from mldeploy.batch.results import BatchResult
from mldeploy.batch.storage import claim
from mldeploy.cli.examples import examples
from mldeploy.cli.options import FunctionOption
from mldeploy.cli.shared import project_command
from mldeploy.config import Config, FunctionConfig
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.invoke.invocation import function_of
from mldeploy.model.bundle import load_bundle
from mldeploy.render import Renderer
from mldeploy.render.batches import estimate_words, planned_words, result_words

InputArgument = Annotated[
    str,
    typer.Argument(metavar="INPUT", help="A CSV or JSON Lines file, or a folder with such files."),
]
OutputArgument = Annotated[
    str, typer.Argument(metavar="OUTPUT", help="The folder to write predictions to.")
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

_WORTH_IT = 8 << 20
"""Bytes of input from which on a sample is scored first."""


@project_command
@examples(
    ("Score a file on this machine", "mldeploy batch new.csv scored/ --columns id"),
    ("Show how long it would take", "mldeploy batch new.csv scored/ --dry-run"),
)
def batch(
    settings: Config,
    renderer: Renderer,
    *,
    source: InputArgument,
    target: OutputArgument,
    columns: ColumnsOption = None,
    function: FunctionOption = None,
    max_errors: MaxErrorsOption = 1000,
    processes: ProcessesOption = None,
    overwrite: OverwriteOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Score the rows of files. Run the same command again to continue a job that was stopped."""
    chosen = _function(settings, function)
    bundle = load_bundle(settings.of_model(chosen.model).bundle)
    output = Path(target)
    kept = columns_of(columns)
    wanted = Settings(LocalEngine.release, bundle.sha256, kept, max_errors=max_errors)
    job = plan_job(inputs_of(Path(source), output), wanted)
    count = processes or len(os.sched_getaffinity(0))
    with local_engine(settings, chosen, count, renderer.on_event, renderer.say) as engine:
        if dry_run:
            planned = planned_batch(engine.name, target, job, engine.sample(job))
            renderer.result(planned, planned_words(planned))
            return
        if job.size > _WORTH_IT:
            renderer.show(estimate_words(job, estimate_of(job, engine.sample(job))))
        with locked(output):
            claim(job, Folder(output), target, overwrite=overwrite)
            result = _run(engine, job, output, renderer)
    renderer.result(result, result_words(result))


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
    return BatchResult(
        engine=engine.name,
        output=str(output),
        rows=found["rows"],
        errors=found["errors"],
        warned=found["warned"],
        parts=found["parts"],
        resumed=found["resumed"],
        seconds=time.monotonic() - began,
        release=job.settings.release,
        model_sha256=job.settings.model_sha256,
        first_errors=first_errors(Folder(output)) if found["errors"] else (),
    )
