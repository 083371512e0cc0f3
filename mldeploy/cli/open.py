"""`mldeploy open`."""

from dataclasses import replace

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.invoke.page import page_of
from mldeploy.render import Renderer
from mldeploy.render.machine import page_words


@aws_command
@examples(
    ("Show the deployed endpoint's page in the browser", "mldeploy open"),
    ("Show the page of what runs on this machine's emulated AWS", "mldeploy open --target local"),
)
def open(settings: Config, renderer: Renderer, outside: Outside) -> None:  # noqa: A001 - the command
    """Show the endpoint's page in the browser; without a terminal, only print its address."""
    found = page_of(settings, connect(settings, renderer.on_event, outside))
    if found.page and renderer.interactive:
        found = replace(found, opened=outside.browse(found.url))
    renderer.result(found, page_words(found))
