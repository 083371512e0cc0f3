"""`mldeploy iam policy`."""

import json

import typer

from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.deployer_policy import deployer_policy
from mldeploy.render import Renderer

app = typer.Typer(help="Print the permissions that deploying needs.")


@app.callback()
def iam() -> None:
    """Print the permissions that deploying needs."""


@app.command()
@project_command
def policy(settings: Config, renderer: Renderer) -> None:
    """Print an IAM policy for deploying this project; AWS isn't called."""
    document = deployer_policy(settings)
    renderer.result(document, json.dumps(document, indent=2))
