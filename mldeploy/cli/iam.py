"""`mldeploy iam policy`."""

import json

import typer

from mldeploy.cli.options import ConfigOption, OutputFormat, OutputOption, StageOption
from mldeploy.config_file import load_config
from mldeploy.deployer_policy import deployer_policy

app = typer.Typer(help="Print the permissions that deploying needs.")


@app.callback()
def iam() -> None:
    """Print the permissions that deploying needs."""


@app.command()
def policy(
    ctx: typer.Context,
    config: ConfigOption = None,
    stage: StageOption = None,
    output: OutputOption = OutputFormat.HUMAN,
) -> None:
    """Print an IAM policy for deploying this project; AWS isn't called."""
    document = deployer_policy(load_config(config, stage=stage))
    ctx.obj.result(document, json.dumps(document, indent=2))
