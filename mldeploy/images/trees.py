"""Copies an image's files into folders with the image's layout."""

import shutil
from collections.abc import Callable
from pathlib import Path

from mldeploy.images.context import changed, require_unchanged
from mldeploy.images.layout import place_of
from mldeploy.images.spec import Content, ImageSpec
from mldeploy.text.digests import digest_of, digest_of_content, digest_of_file


def copy_files(spec: ImageSpec, task_of: Callable[[str], Path | None]) -> None:
    """Copy an image's files.

    Args:
        spec: the image's recipe.
        task_of: returns the folder used as /var/task for a file of the build context, or None
            to skip the file.

    Raises:
        MldeployError: MLD312 if a file has changed since the fingerprint was computed.
    """
    copied = {name: _copied(name, content, task_of(name)) for name, content in spec.files}
    require_unchanged(spec, copied)


def _copied(name: str, content: Content, task: Path | None) -> str:
    """Copy a file of the build context; return its digest."""
    path = place_of(name)
    if path is None or task is None:
        return digest_of_content(content)
    place = task / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        place.write_bytes(content)
        return digest_of(content)
    try:
        return digest_of_file(shutil.copyfile(content, place))
    except FileNotFoundError as error:
        raise changed() from error
