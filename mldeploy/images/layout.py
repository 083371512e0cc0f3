"""What lies where: the folders of a build context, their layers, their places below /var/task.

The Dockerfile of `image_template` tells an engine the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mldeploy.config.task import ENDPOINT, MODEL

DOCKERFILE, REQUIREMENTS = "Dockerfile", "requirements.txt"
"""Files of a build context that aren't in the image."""
BUILD, PIP = "build", "pip"
"""Folders of a build context that aren't in the image: its programs, and what pip is told."""
_INCLUDE = "include"
"""The folder of a build context for what the project names and what training found."""


@dataclass(frozen=True)
class Part:
    """A folder of the build context whose files are in the image.

    Attributes:
        folder: its name.
        place: where its files are below /var/task; "" where they are in it.
    """

    folder: str
    place: str


LAYERS: Mapping[str, tuple[Part, ...]] = {
    "requirements": (),
    "code": (Part(ENDPOINT, ENDPOINT), Part(_INCLUDE, "")),
    "model": (Part(MODEL, MODEL),),
}
"""The image's layers above its base, in the order in which they change least, and what is copied
into them. What pip installs is all of the first, at /var/task."""
_PARTS = {part.folder: part for parts in LAYERS.values() for part in parts}


def included(name: str) -> str:
    """Return the path in the build context of a file of the project."""
    return f"{_INCLUDE}/{name}"


def of_model(name: str) -> str:
    """Return the path in the build context of a file of the model's."""
    return f"{MODEL}/{name}"


def place_of(path: str) -> str | None:
    """Return where a file is below /var/task, or None if only a build reads it.

    Args:
        path: in the build context.
    """
    part, rest = _part_of(path)
    return f"{part.place}/{rest}".lstrip("/") if part else None


def layer_of(path: str) -> str:
    """Return the layer that a file is in, or "" if only a build reads it.

    Args:
        path: in the build context.
    """
    part, _ = _part_of(path)
    return next((name for name, parts in LAYERS.items() if part in parts), "")


def project_file(path: str) -> str | None:
    """Return where a file of the project is below /var/task, or None for any other file.

    Args:
        path: in the build context.
    """
    part, rest = _part_of(path)
    return rest if part and not part.place else None


def _part_of(path: str) -> tuple[Part | None, str]:
    folder, _, rest = path.partition("/")
    return (_PARTS.get(folder) if rest else None), rest
