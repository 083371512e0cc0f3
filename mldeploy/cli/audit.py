"""`mldeploy audit`."""

from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.monitoring.audit import audit as audit_images
from mldeploy.monitoring.audit import judged
from mldeploy.render import Renderer
from mldeploy.render.audited import audit_words
from mldeploy.resources.scans import Severity

FailOnOption = Annotated[
    Severity | None,
    typer.Option(
        "--fail-on", help="Exit with 1 if a finding is this severe or worse, or without a scan."
    ),
]


@aws_command
@examples(
    ("Show the images' contents and known vulnerabilities", "mldeploy audit"),
    ("Exit with 1 if one of them is critical", "mldeploy audit --fail-on critical"),
)
def audit(
    settings: Config, renderer: Renderer, outside: Outside, *, fail_on: FailOnOption = None
) -> int:
    """Show what the images hold, known vulnerabilities, and what changed since the live release."""
    bundles = [settings.of_model(name).bundle for name in settings.used_models]
    trained = all((one / "model.json").exists() for one in bundles)
    context = connect(settings, renderer.on_event, outside)
    images = audit_images(settings, artifact_of_bundles(settings) if trained else None, context)
    if not images:
        raise MldeployError(
            "MLD357",
            f"stage {settings.stage} of {settings.name} has no image to audit",
            "run `mldeploy push` or `mldeploy deploy` first",
            exit_code=ExitCode.FAILURE,
        )
    found = judged(images, fail_on)
    renderer.result(found, audit_words(found))
    return ExitCode.FAILURE if found.failing else ExitCode.OK
