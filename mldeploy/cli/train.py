"""`mldeploy train`."""

from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import project_command
from mldeploy.cli.training import (
    AllowUselessOption,
    MinMetricOption,
    ModelOption,
    OnOption,
    known_model,
    trained_on,
)
from mldeploy.config import Config
from mldeploy.model.measures.metrics import parse_thresholds
from mldeploy.model.train import train as train_bundle
from mldeploy.model.trained import trained_models
from mldeploy.render import Renderer
from mldeploy.render.report.writing import write_after_training
from mldeploy.render.trained import bundles_words, trained_words

ResumeOption = Annotated[
    bool,
    typer.Option("--resume", help="Continue with the fitted model that a failed check kept."),
]


@project_command
@examples(
    ("Train, evaluate and write the model bundle", "mldeploy train"),
    (
        "Keep the earlier bundle unless the new model is good enough",
        "mldeploy train --min-metric accuracy=0.9",
    ),
    ("Run the fits' parallel tasks on a Dask cluster", "mldeploy train --on dask://10.0.0.5:8786"),
)
def train(
    settings: Config,
    renderer: Renderer,
    *,
    model: ModelOption = None,
    on: OnOption = None,
    min_metric: MinMetricOption = None,
    allow_useless: AllowUselessOption = False,
    resume: ResumeOption = False,
) -> None:
    """Train the models, evaluate them, and write their bundles; AWS isn't called."""
    settings = trained_on(settings, on)
    thresholds = parse_thresholds(min_metric or [])
    bundles = []
    for name in settings.used_models if model is None else [known_model(settings, model)]:
        bundle = train_bundle(
            settings.of_model(name),
            renderer.on_event,
            thresholds,
            allow_useless=allow_useless or renderer.interactive,
            resume=resume,
        )
        written = write_after_training(settings.of_model(name), bundle, renderer.on_event)
        renderer.show(trained_words(bundle, written))
        bundles.append(bundle)
    found = trained_models(bundles)
    renderer.result(found, bundles_words(found))
