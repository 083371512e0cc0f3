"""`mldeploy status`."""

from mldeploy.cli.options import ExitCodeOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles, deployed_artifact
from mldeploy.deploy.canary import described, in_progress
from mldeploy.deploy.compare import compare, plan_data, what_is_there
from mldeploy.deploy.home_region import require_home
from mldeploy.deploy.session import connect
from mldeploy.errors import ExitCode
from mldeploy.monitoring.outputs import output_rows, outputs, urls
from mldeploy.monitoring.where import where_of
from mldeploy.render import Renderer


@aws_command
def status(settings: Config, renderer: Renderer, *, exit_code: ExitCodeOption = False) -> int:
    """Show what is deployed, and whether it differs from mldeploy.toml and the bundle."""
    bundles = [settings.of_model(name).bundle for name in settings.used_models]
    trained = all((one / "model.json").exists() for one in bundles)
    context = connect(settings, renderer.on_event)
    there = what_is_there(settings, context)
    require_home(settings, there.observed, context)
    running = deployed_artifact(settings, there.observed)
    artifact = artifact_of_bundles(settings) if trained else running
    if not there.observed or artifact is None:
        renderer.say(f"Nothing of {settings.name} is deployed in stage {settings.stage}.")
        renderer.result({**outputs(settings, {}, context), "deployed": False}, "")
        return ExitCode.CHANGES_PENDING if exit_code else ExitCode.OK
    found = compare(settings, artifact, context)
    made = outputs(settings, found.observed, context)
    where = where_of(settings, found.observed, context)
    renderer.table(output_rows(made))
    renderer.show_plan(found.plan, where=where, public=found.public)
    for alias in in_progress(found.observed):
        renderer.say(described(alias))
    if not trained:
        renderer.say("There is no bundle here; compared with the model that runs.")
    renderer.result(
        {**made, "deployed": True, **plan_data(found.plan, where=where, public=found.public)},
        urls(made),
    )
    return ExitCode.CHANGES_PENDING if exit_code and found.plan else ExitCode.OK
