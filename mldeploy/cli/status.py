"""`mldeploy status`."""

from mldeploy.cli.examples import examples
from mldeploy.cli.options import ExitCodeOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles, deployed_artifact
from mldeploy.deploy.compare import compare, what_is_there
from mldeploy.deploy.findings import require
from mldeploy.deploy.home_region import home_findings
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.errors import ExitCode
from mldeploy.monitoring.outputs import outputs
from mldeploy.monitoring.results import Planned, Status
from mldeploy.monitoring.where import where_of
from mldeploy.render import Renderer
from mldeploy.render.deployed import output_words, status_words


@aws_command
@examples(
    ("Show what is deployed and whether it differs", "mldeploy status"),
    ("Exit with 3 if prod differs from the file", "mldeploy status --stage prod --exit-code"),
)
def status(
    settings: Config, renderer: Renderer, outside: Outside, *, exit_code: ExitCodeOption = False
) -> int:
    """Show what is deployed, and whether it differs from mldeploy.toml and the bundle."""
    bundles = [settings.of_model(name).bundle for name in settings.used_models]
    trained = all((one / "model.json").exists() for one in bundles)
    context = connect(settings, renderer.on_event, outside)
    there = what_is_there(settings, context.reads)
    require(home_findings(settings, there.observed, context), context.emit)
    running = deployed_artifact(settings, there.observed)
    artifact = artifact_of_bundles(settings) if trained else running
    if not there.observed or artifact is None:
        none = Status(
            outputs(settings, {}, context.reads), deployed=False, planned=None, trained=trained
        )
        renderer.result(none, status_words(none))
        return ExitCode.CHANGES_PENDING if exit_code else ExitCode.OK
    found = compare(settings, artifact, context.reads)
    made = outputs(settings, found.observed, context.reads)
    where = where_of(settings, found.observed, context)
    planned = Planned.of(found.plan, where, public=found.public)
    renderer.show(output_words(made))
    renderer.show_plan(planned)
    status_now = Status(made, deployed=True, planned=planned, trained=trained)
    renderer.result(status_now, status_words(status_now))
    return ExitCode.CHANGES_PENDING if exit_code and found.plan else ExitCode.OK
