"""`mldeploy build`."""

import time
from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import BuilderOption, built_with
from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.deploy.cleaning import retention
from mldeploy.deploy.outside import Outside
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Finished
from mldeploy.images.builder import BuildOptions
from mldeploy.images.produced import BuiltImage, built_images
from mldeploy.images.spec import image_spec
from mldeploy.model.base_image import refreshed
from mldeploy.model.bundle import load_bundle
from mldeploy.render import Renderer
from mldeploy.render.deployed import built_words

PullOption = Annotated[bool, typer.Option("--pull", help="Record the base image's newest digest.")]
SaveOption = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", help="Write the image to a file for `docker load`."),
]
NoCacheOption = Annotated[bool, typer.Option("--no-cache", help="Build without the cache.")]


@project_command
@examples(
    ("Build the image and check it under Lambda's rules", "mldeploy build"),
    ("Build without Docker", "mldeploy build --builder direct"),
    ("Build every step again", "mldeploy build --no-cache"),
)
def build(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    pull: PullOption = False,
    no_cache: NoCacheOption = False,
    save: SaveOption = None,
    builder: BuilderOption = None,
) -> None:
    """Build the Lambda container images and check them; AWS isn't called."""
    settings = built_with(settings, builder)
    options = BuildOptions(pull=pull, no_cache=no_cache)
    images_of = outside.making(settings.image.builder).builder
    require_one_image(settings, save)
    images = []
    for model in settings.used_models:
        one = settings.of_model(model)
        bundle = refreshed(one, renderer.on_event) if pull else load_bundle(one.bundle)
        spec = image_spec(one, bundle)
        started = time.monotonic()
        built = images_of.build(spec, renderer.on_event, options)
        seconds = time.monotonic() - started
        renderer.on_event(
            Finished(f"build {spec.local_tag}", seconds, f"{built.size / 1e6:.0f} MB")
        )
        if save:
            images_of.save(built, save)
        images.append(
            BuiltImage(
                spec.local_tag,
                built.image_id,
                spec.fingerprint,
                built.size,
                built.architecture,
                seconds,
            )
        )
    images_of.tidy(retention(settings), renderer.on_event)
    found = built_images(images)
    renderer.result(found, built_words(found))


def require_one_image(settings: Config, save: Path | None) -> None:
    """Refuse to write several images to one file.

    Raises:
        MldeployError: MLD110.
    """
    if save and len(settings.used_models) > 1:
        raise MldeployError(
            "MLD110",
            f"--save writes one image, but the project has {len(settings.used_models)}",
            "build without --save, and save the images with `docker save`",
            exit_code=ExitCode.USAGE,
        )
