"""`mldeploy report`."""

from dataclasses import replace
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import aws_command
from mldeploy.cli.training import ModelOption, known_model
from mldeploy.config import Config
from mldeploy.deploy.live_model import live_facts
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.model.bundle import load_bundle
from mldeploy.render import Renderer
from mldeploy.render.report.words import report_words
from mldeploy.render.report.writing import write_pages

OpenOption = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]
LiveOption = Annotated[
    bool, typer.Option("--live", help="Compare the model with the stage's live release on AWS.")
]


@aws_command
@examples(
    ("Write the report and show it in the browser", "mldeploy report --open"),
    ("Compare the model with the live release on AWS", "mldeploy report --live"),
)
def report(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    model: ModelOption = None,
    open: OpenOption = False,  # noqa: A002 - the option's name
    live: LiveOption = False,
) -> None:
    """Write the model's report, an HTML page, and its model card; only --live calls AWS."""
    chosen = settings.of_model("" if model is None else known_model(settings, model))
    bundle = load_bundle(chosen.bundle)
    facts = None
    if live:
        facts = live_facts(chosen, connect(settings, renderer.on_event, outside))
    found = write_pages(chosen, bundle, renderer.on_event, facts)
    if open:
        found = replace(found, opened=outside.browse(found.address))
    renderer.result(found, report_words(found))
