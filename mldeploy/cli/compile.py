"""`mldeploy compile`."""

from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import project_command
from mldeploy.cli.training import ModelOption, known_model
from mldeploy.config import Config
from mldeploy.model.bundle import load_bundle
from mldeploy.model.compiled.explaining import compilation_of
from mldeploy.render import Renderer
from mldeploy.render.compiled import compilation_words

ExplainOption = Annotated[
    bool, typer.Option("--explain", help="List the model's steps, and why a step isn't compiled.")
]


@project_command
@examples(
    ("Show whether the model is served compiled", "mldeploy compile"),
    ("List each step of the pipeline, and why one isn't compiled", "mldeploy compile --explain"),
)
def compile(  # noqa: A001 - the command's name
    settings: Config,
    renderer: Renderer,
    *,
    model: ModelOption = None,
    explain: ExplainOption = False,
) -> None:
    """Show whether training compiled the model to NumPy, what that proved, or why it didn't."""
    name = "" if model is None else known_model(settings, model)
    bundle = load_bundle(settings.of_model(name).bundle)
    found = compilation_of(bundle, settings.root, renderer.on_event, explain=explain)
    renderer.result(found, compilation_words(found))
