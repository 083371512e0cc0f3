"""`mldeploy deploy`."""

from mldeploy.cli.options import YesOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import (
    artifact_of_bundle,
    carry_out,
    compare,
    connect,
    output_rows,
    outputs,
    plan_data,
)
from mldeploy.errors import ExitCode
from mldeploy.render import Renderer


@aws_command
def deploy(settings: Config, renderer: Renderer, *, yes: YesOption = False) -> int:
    """Make AWS match mldeploy.toml, changing only what differs."""
    artifact = artifact_of_bundle(settings)
    context = connect(settings, renderer.on_event)
    found = compare(settings, artifact, context)

    renderer.show_plan(found.plan, public=found.public)
    observed = found.observed
    if found.plan:
        if renderer.interactive and not yes and not renderer.confirm("Apply this plan?"):
            renderer.say("Nothing was changed.")
            return ExitCode.FAILURE
        carry_out(found.plan, context)
        observed = compare(settings, artifact, context).observed

    made = outputs(settings, observed)
    renderer.table(output_rows(made))
    plan = plan_data(found.plan, public=found.public)
    renderer.result(
        {**made, **plan, "seconds": renderer.phases},
        "\n".join(one["url"] for one in made["functions"] if one["url"]),
    )
    return ExitCode.OK
