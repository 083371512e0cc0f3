"""The layout of images: folders of the build context, layers, and paths below /var/task.

The Dockerfile of `image_template` has the same layout.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mldeploy.config.task import ENDPOINT, MODEL

DOCKERFILE, REQUIREMENTS = "Dockerfile", "requirements.txt"
"""Files of a build context that aren't in the image."""
BUILD, PIP = "build", "pip"
"""Folders of a build context that aren't in the image: build scripts and pip's settings."""
_INCLUDE = "include"
"""The folder of a build context for the project's included and detected files."""


@dataclass(frozen=True)
class Part:
    """A folder of the build context whose files are in the image.

    Attributes:
        folder: its name.
        place: path of its files below /var/task; "" for /var/task itself.
    """

    folder: str
    place: str


LAYERS: Mapping[str, tuple[Part, ...]] = {
    "requirements": (),
    "code": (Part(ENDPOINT, ENDPOINT), Part(_INCLUDE, "")),
    "model": (Part(MODEL, MODEL),),
}
"""The image's layers above its base, least frequently changed first, and their parts. The first
contains only what pip installs, in /var/task."""
_PARTS = {part.folder: part for parts in LAYERS.values() for part in parts}


def included(name: str) -> str:
    """Return a project file's path in the build context."""
    return f"{_INCLUDE}/{name}"


def of_model(name: str) -> str:
    """Return a model file's path in the build context."""
    return f"{MODEL}/{name}"


def place_of(path: str) -> str | None:
    """Return a file's path below /var/task, or None if only the build reads it.

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
    """Return a project file's path below /var/task, or None for any other file.

    Args:
        path: in the build context.
    """
    part, rest = _part_of(path)
    return rest if part and not part.place else None


def _part_of(path: str) -> tuple[Part | None, str]:
    folder, _, rest = path.partition("/")
    return (_PARTS.get(folder) if rest else None), rest
