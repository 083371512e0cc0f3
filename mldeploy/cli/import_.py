"""`mldeploy import`."""

from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import project_command
from mldeploy.cli.training import (
    MinMetricOption,
    ModelOption,
    known_model,
)
from mldeploy.config import Config
from mldeploy.model.foreign.column_types import parse_types
from mldeploy.model.foreign.importing import Foreign, import_model
from mldeploy.model.measures.metrics import parse_thresholds
from mldeploy.model.trained import trained
from mldeploy.render import Renderer
from mldeploy.render.report.writing import write_after_training
from mldeploy.render.trained import imported_words

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The model: .joblib, .pkl, .skops or .onnx.")
]
ExampleOption = Annotated[
    Path | None,
    typer.Option(
        "--example",
        metavar="FILE",
        help="CSV or Parquet file with the model's input rows. Default: rows generated from what "
        "the model records of its columns.",
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target-column", metavar="NAME", help="Column of the example that contains the target."
    ),
]
# The option's original name; in other commands `--target` is the deployment's target.
FormerTargetOption = Annotated[str | None, typer.Option("--target", hidden=True)]
TypesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--types",
        metavar="NAME=TYPE,...",
        help="Types of columns for which the model records none: number, integer, boolean, text, "
        "category or datetime, e.g. zip=text.",
    ),
]
TrustOption = Annotated[
    bool, typer.Option("--trust", help="Load a pickle, which runs the code in it.")
]

TrustTypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trust-type",
        metavar="TYPE",
        help="Type that a .skops file may contain in addition to skops' own, as module.Class. "
        "Repeatable.",
    ),
]


@project_command
@examples(
    (
        "Import a pickle that you trust, with rows that its model expects",
        "mldeploy import model.joblib --trust --example rows.csv",
    ),
    (
        "Import a skops file, with rows that contain the column to predict",
        "mldeploy import model.skops --example labelled.csv --target-column species",
    ),
)
def import_(
    settings: Config,
    renderer: Renderer,
    *,
    file: FileArgument,
    example: ExampleOption = None,
    target_column: TargetOption = None,
    target: FormerTargetOption = None,
    types: TypesOption = None,
    trust: TrustOption = False,
    trust_type: TrustTypeOption = None,
    model: ModelOption = None,
    min_metric: MinMetricOption = None,
) -> None:
    """Make a bundle of a model that was fitted elsewhere; AWS isn't called."""
    thresholds = parse_thresholds(min_metric or [])
    chosen = settings.of_model("" if model is None else known_model(settings, model))
    trusted = tuple(trust_type or ())
    column = target_column or target
    foreign = Foreign(file, example, column, trust, parse_types(types or []), trusted)
    bundle = import_model(chosen, foreign, renderer.on_event, thresholds)
    written = write_after_training(chosen, bundle, renderer.on_event)
    renderer.result(trained(bundle), imported_words(bundle, written))
