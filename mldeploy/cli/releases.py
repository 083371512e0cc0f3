"""`mldeploy releases`."""

from dataclasses import asdict

from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.session import connect
from mldeploy.monitoring.releases import Release, list_releases
from mldeploy.render import Renderer
from mldeploy.render.words import columns

_HEAD = ("function", "version", "release", "published", "live", "model", "git", "metric", "image")


@aws_command
def releases(settings: Config, renderer: Renderer) -> None:
    """List the published releases: what is live, and what a rollback can go back to."""
    context = connect(settings, renderer.on_event)
    found = list_releases(settings, context)
    rows = [_HEAD, *(_row(settings, one) for one in found)]
    renderer.result({"releases": [asdict(one) for one in found]}, columns(rows))


def _row(settings: Config, one: Release) -> tuple[str, ...]:
    facts = dict(one.facts)
    model, git = facts.pop("model", "-"), facts.pop("git", "-")
    facts.pop("trained", None)
    live = f"{one.share:.0%}" + (" canary" if one.canary else "") if one.share else "-"
    return (
        one.function.removeprefix(settings.stage_prefix),
        one.version,
        one.release or "-",
        one.published,
        live,
        model,
        git,
        " ".join(f"{name}={value}" for name, value in facts.items()) or "-",
        one.digest[:19],
    )
