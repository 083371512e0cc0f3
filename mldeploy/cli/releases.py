"""`mldeploy releases`."""

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.files.remembered import Place, remember
from mldeploy.monitoring.releases import list_releases
from mldeploy.render import Renderer
from mldeploy.render.listed import release_words


@aws_command
@examples(
    ("List the releases of the stage dev, newest first", "mldeploy releases"),
    ("List another stage's releases for a script", "mldeploy releases --stage prod -o json"),
)
def releases(settings: Config, renderer: Renderer, outside: Outside) -> None:
    """List the published releases: what is live, and what a rollback can go back to."""
    context = connect(settings, renderer.on_event, outside)
    found = list_releases(settings, context)
    place = Place(settings.name, settings.stage, settings.target)
    texts = {one.release: f"version {one.version}, {one.published[:10]}" for one in found.releases}
    remember(place, texts)
    renderer.result(found, release_words(found))
