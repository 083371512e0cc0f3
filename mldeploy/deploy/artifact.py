"""What a deployment is made of: the images of bundles on disk, or of what runs."""

from mldeploy.config import Config
from mldeploy.images.spec import image_spec
from mldeploy.model.bundle import load_bundle
from mldeploy.monitoring.releases import note_of
from mldeploy.plan.observe import Observed
from mldeploy.resources.artifact import Artifact, ImageSource
from mldeploy.resources.function import Function


def artifact_of_bundles(config: Config) -> Artifact:
    """Return what the bundles on disk would become.

    Raises:
        MldeployError: MLD201 where there is none, MLD202 where one is damaged.
    """
    by_model = {name: _source(config.of_model(name)) for name in config.used_models}
    return Artifact(tuple((one.name, by_model[one.model]) for one in config.functions))


def _source(config: Config) -> ImageSource:
    bundle = load_bundle(config.bundle)
    spec = image_spec(config, bundle)
    return ImageSource(spec.fingerprint, spec, note_of(bundle))


def deployed_artifact(config: Config, observed: Observed) -> Artifact | None:
    """Return the artifact that runs, or None where nothing does.

    A function of the file that isn't deployed gets the image of one that is.
    """
    images = {one.name: one.image for one in observed.values() if isinstance(one, Function)}
    if not images:
        return None
    tags = [
        images.get(config.function_name(one.name), min(images.values())) for one in config.functions
    ]
    return Artifact(
        tuple((one.name, ImageSource(tag)) for one, tag in zip(config.functions, tags, strict=True))
    )
