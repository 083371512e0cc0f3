"""`mldeploy cold-start`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from mldeploy.cli.options import FunctionOption
from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.facts.prices import Option, options, price_list
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.making import with_docker
from mldeploy.images.spec import image_spec
from mldeploy.images.trials import trials
from mldeploy.invoke.invocation import function_of
from mldeploy.model.bundle import load_bundle
from mldeploy.render import Renderer

RunsOption = Annotated[int, typer.Option("--runs", min=1, help="Containers to start.")]


@project_command
def cold_start(
    settings: Config,
    renderer: Renderer,
    *,
    runs: RunsOption = 10,
    function: FunctionOption = None,
) -> None:
    """Measure the image's cold start on this machine, and say what would help at which price."""
    chosen = function_of(settings, function)
    if chosen.custom:
        raise MldeployError(
            "MLD351",
            f"[functions.{chosen.name}] has a handler of its own: only a model is measured",
            "name a function that serves a model with --function",
        )
    one = settings.of_model(chosen.model)
    bundle = load_bundle(one.bundle)
    making = with_docker()
    built = making.builder.build(image_spec(one, bundle), renderer.on_event)
    (trial,) = trials((chosen,), settings.root)
    event = json.dumps(bundle.example).encode()
    found = making.runner.measure(
        Measurement(built.image_id, trial, event), runs, renderer.on_event
    )

    listed = price_list(settings.region)
    prices = listed.functions[settings.architecture]
    ways = options(chosen.memory, prices, found.median, found.warm)
    renderer.table(_rows(found))
    renderer.say(
        "Measured on this machine, not on Lambda: compare only figures of the same machine."
    )
    told = f"the list prices of {listed.region} of {listed.month} ({listed.source})"
    renderer.say(f"What would help, at {told}:")
    renderer.table([_way(way) for way in ways])
    renderer.result(
        {**asdict(found), "median": found.median, "options": [asdict(way) for way in ways]},
        f"{found.median:.3f} s",
    )


def _rows(found: ColdStart) -> list[tuple[str, str]]:
    runs = sorted(found.runs)
    told = f"{found.median:.3f} s ({runs[0]:.3f} to {runs[-1]:.3f} s in {len(runs)} runs)"
    return [
        *((f"import {name}", f"{seconds * 1000:.0f} ms") for name, seconds in found.packages),
        ("load the model", f"{found.load * 1000:.0f} ms"),
        ("first prediction", f"{found.first * 1000:.1f} ms"),
        ("warm prediction", f"{found.warm * 1000:.2f} ms"),
        ("container start to first answer", told),
    ]


def _way(way: Option) -> tuple[str, str]:
    return way.name, f"{way.price:.2f} USD a {way.per}: {way.effect}"
