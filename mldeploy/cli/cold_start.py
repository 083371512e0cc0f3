"""`mldeploy cold-start`."""

import json
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import FunctionOption
from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.errors import MldeployError
from mldeploy.facts.prices import options, price_list
from mldeploy.images.cold_start import Measurement
from mldeploy.images.produced import ColdStartReport
from mldeploy.images.spec import image_spec
from mldeploy.images.trials import trials
from mldeploy.invoke.invocation import function_of
from mldeploy.model.bundle import load_bundle
from mldeploy.render import Renderer
from mldeploy.render.machine import cold_start_words

RunsOption = Annotated[
    int, typer.Option("--runs", min=1, metavar="COUNT", help="Containers to start.")
]


@project_command
@examples(
    ("Measure ten cold starts, and say what would help", "mldeploy cold-start"),
    ("Measure fewer", "mldeploy cold-start --runs 3"),
)
def cold_start(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    runs: RunsOption = 10,
    function: FunctionOption = None,
) -> None:
    """Measure the image's cold start on this machine, and say what would help at which price."""
    chosen = function_of(settings, function)
    if chosen.custom:
        raise MldeployError(
            "MLD351",
            f"[functions.{chosen.name}] has its own handler; only functions that serve a model "
            "can be measured",
            "name a function that serves a model with --function",
        )
    one = settings.of_model(chosen.model)
    bundle = load_bundle(one.bundle)
    making = outside.making("docker")
    built = making.builder.build(image_spec(one, bundle), renderer.on_event)
    (trial,) = trials((chosen,), settings.root)
    event = json.dumps(bundle.example).encode()
    found = making.runner.measure(
        Measurement(built.image_id, trial, event), runs, renderer.on_event
    )

    prices = price_list(settings.region).functions[settings.architecture]
    ways = options(chosen.memory, prices, found.median, found.warm)
    report = ColdStartReport(found, found.median, ways, settings.region)
    renderer.result(report, cold_start_words(report))
