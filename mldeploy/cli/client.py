"""`mldeploy client`."""

from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.errors import MldeployError
from mldeploy.invoke.clients.document import (
    Document,
    deployed_document,
    document_at,
    document_of_bundle,
)
from mldeploy.invoke.clients.making import Language, generator_of, make_client, place_of
from mldeploy.model.steps import step
from mldeploy.render import Renderer
from mldeploy.render.machine import client_words

LanguageArgument = Annotated[
    Language, typer.Argument(metavar="python|typescript", help="The client's language.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Write the client to this folder.",
        show_default="clients/LANGUAGE beside mldeploy.toml",
    ),
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help="Read the document of this API, e.g. of `mldeploy serve`."
    ),
]
BundleOption = Annotated[
    bool, typer.Option("--bundle", help="Describe the local bundle's API; AWS isn't called.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace the client in the folder.")
]


@aws_command
@examples(
    ("Write a Python package that calls the deployed model", "mldeploy client python"),
    (
        "Write a TypeScript client of the local bundle, without AWS",
        "mldeploy client typescript --bundle --out src/model",
    ),
)
def client(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    language: LanguageArgument,
    out: OutOption = None,
    url: UrlOption = None,
    bundle: BundleOption = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Write a typed client of the deployed model; of the local bundle if nothing is deployed."""
    if url and bundle:
        raise MldeployError("MLD110", "--url and --bundle can't be used together", "give one")
    place = place_of(settings, language, out, overwrite=overwrite)
    emit = renderer.on_event
    program = step(emit, "find the generator", lambda: generator_of(language, settings))
    document = document_at(url, outside.call) if url else None
    if not url and not bundle:
        document = _deployed(settings, renderer, outside)
    document = document or document_of_bundle(settings, emit)
    made = step(
        emit,
        "generate the client",
        lambda: make_client(settings, language, program, document, place),
    )
    renderer.result(made, client_words(made))


def _deployed(settings: Config, renderer: Renderer, outside: Outside) -> Document | None:
    found = deployed_document(settings, connect(settings, renderer.on_event, outside))
    if found is None:
        renderer.say(f"nothing is deployed in stage {settings.stage}: using the local bundle")
    return found
