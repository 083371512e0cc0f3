"""`mldeploy status`."""

from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import (
    artifact_of_bundle,
    compare,
    connect,
    deployed_artifact,
    output_rows,
    outputs,
    plan_data,
    what_is_there,
)
from mldeploy.render import Renderer


@aws_command
def status(settings: Config, renderer: Renderer) -> None:
    """Show what is deployed, and whether it differs from mldeploy.toml and the bundle."""
    trained = (settings.bundle / "model.json").exists()
    context = connect(settings, renderer.on_event)
    there = what_is_there(settings, context)
    artifact = artifact_of_bundle(settings) if trained else deployed_artifact(there.observed)
    if not there.observed or artifact is None:
        renderer.say(f"Nothing of {settings.name} is deployed in stage {settings.stage}.")
        renderer.result({**outputs(settings, {}), "deployed": False}, "")
        return
    found = compare(settings, artifact, context)
    made = outputs(settings, found.observed)
    renderer.table(output_rows(made))
    renderer.show_plan(found.plan, public=found.public)
    if not trained:
        renderer.say("Compared with the model that runs: there is no bundle here.")
    renderer.result(
        {**made, "deployed": True, **plan_data(found.plan, public=found.public)},
        "\n".join(one["url"] for one in made["functions"] if one["url"]),
    )
