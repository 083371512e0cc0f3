"""`mldeploy train`."""

from typing import Annotated

import typer

from mldeploy.cli.contract import contract_rows
from mldeploy.cli.shared import project_command
from mldeploy.cli.training import (
    AllowUselessOption,
    MinMetricOption,
    ModelOption,
    bundle_data,
    bundle_rows,
    known_model,
)
from mldeploy.config import Config
from mldeploy.model.measures.metrics import parse_thresholds
from mldeploy.model.train import train as train_bundle
from mldeploy.render import Renderer

ResumeOption = Annotated[
    bool,
    typer.Option("--resume", help="Continue with the fitted model that a failed check kept."),
]


@project_command
def train(
    settings: Config,
    renderer: Renderer,
    *,
    model: ModelOption = None,
    min_metric: MinMetricOption = None,
    allow_useless: AllowUselessOption = False,
    resume: ResumeOption = False,
) -> None:
    """Train the models, evaluate them, and write their bundles; AWS isn't called."""
    thresholds = parse_thresholds(min_metric or [])
    trained = []
    for name in settings.used_models if model is None else [known_model(settings, model)]:
        bundle = train_bundle(
            settings.of_model(name),
            renderer.on_event,
            thresholds,
            allow_useless=allow_useless or renderer.interactive,
            resume=resume,
        )
        renderer.table(bundle_rows(bundle))
        renderer.table(contract_rows(bundle))
        trained.append(bundle_data(bundle))
    renderer.result(
        {**trained[0], "bundles": trained}, "\n".join(str(one["bundle"]) for one in trained)
    )
