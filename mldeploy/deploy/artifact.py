"""The images to deploy: from bundles on disk, or from what is deployed."""

from mldeploy.config import Config
from mldeploy.images.spec import image_spec
from mldeploy.model.bundle import load_bundle
from mldeploy.monitoring.releases import note_of
from mldeploy.plan.observe import Observed
from mldeploy.resources.artifact import Artifact, ImageSource
from mldeploy.resources.function import Function


def artifact_of_bundles(config: Config) -> Artifact:
    """Return the images to build from the bundles on disk.

    Raises:
        MldeployError: MLD201 if a bundle is missing, MLD202 if one is damaged.
    """
    by_model = {name: _source(config.of_model(name)) for name in config.used_models}
    return Artifact(tuple((one.name, by_model[one.model]) for one in config.functions))


def _source(config: Config) -> ImageSource:
    bundle = load_bundle(config.bundle)
    spec = image_spec(config, bundle)
    return ImageSource(spec.fingerprint, spec, note_of(bundle))


def deployed_artifact(config: Config, observed: Observed) -> Artifact | None:
    """Return the deployed images, or None if nothing is deployed.

    A configured function that isn't deployed yet gets the image of one that is.
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
