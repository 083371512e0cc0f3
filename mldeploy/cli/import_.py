"""`mldeploy import`."""

from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.shared import project_command
from mldeploy.cli.training import (
    MinMetricOption,
    ModelOption,
    bundle_data,
    bundle_rows,
    known_model,
)
from mldeploy.config import Config
from mldeploy.model.importing import Foreign, import_model
from mldeploy.model.metrics import parse_thresholds
from mldeploy.render import Renderer

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The model: .joblib, .pkl, .skops or .onnx.")
]
ExampleOption = Annotated[
    Path, typer.Option("--example", metavar="CSV", help="Rows as the model takes them.")
]
TargetOption = Annotated[
    str | None, typer.Option("--target", help="The column of the CSV that is to be predicted.")
]
TrustOption = Annotated[
    bool, typer.Option("--trust", help="You vouch for a pickle: loading it runs its code.")
]


@project_command
def import_(
    settings: Config,
    renderer: Renderer,
    *,
    file: FileArgument,
    example: ExampleOption,
    target: TargetOption = None,
    trust: TrustOption = False,
    model: ModelOption = None,
    min_metric: MinMetricOption = None,
) -> None:
    """Make a bundle of a model that was fitted elsewhere; AWS isn't called."""
    thresholds = parse_thresholds(min_metric or [])
    chosen = settings.of_model("" if model is None else known_model(settings, model))
    foreign = Foreign(file, example, target, trust)
    bundle = import_model(chosen, foreign, renderer.on_event, thresholds)
    renderer.table(bundle_rows(bundle))
    renderer.result(bundle_data(bundle), str(bundle.path))
