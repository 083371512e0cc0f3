"""Shared parts of benchmarks with real images: requirements and cleanup."""

import contextlib
import re
import shutil
import sys
from typing import Self

from mldeploy.events import Event, Progress
from tests.cloud import base_image, engine
from tests.cloud.state import CloudError


def why_not() -> str:
    """Return what is missing for building and pushing images here, or ""."""
    missing = engine.why_not()
    if missing:
        return f"it needs a Docker engine, and none answers ({missing})"
    if not shutil.which("docker-registry"):
        return "it needs Debian's docker-registry to push to"
    try:
        base_image.ensure(python())
    except CloudError as error:
        return f"it needs a base image: {error}"
    return ""


def python() -> str:
    """Return the version of the images' Python, which is this one's."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def base() -> str:
    """Return the kind of base image, to print with the results."""
    image = base_image.find(python())
    if image is None:
        return "no base image"
    kind = (
        "a stand-in for AWS's base image" if base_image.is_stand_in(image) else "AWS's base image"
    )
    return f"{kind}, Python {python()}"


class Images:
    """Removes at the end what builds left on the engine."""

    def __init__(self) -> None:
        self._left: list[str] = []
        self._made = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.forget()

    def forget(self) -> None:
        """Remove from the engine what builds left so far."""
        images = engine.client().images
        for name in reversed(self._left):
            with contextlib.suppress(Exception):  # a step's image is removed with the one above it
                images.remove(name)
        self._left.clear()

    def add(self, name: str) -> None:
        """Remember an image by its name."""
        self._left.append(name)

    def note(self, event: Event) -> None:
        """Record the images of steps that were built, not cached."""
        # The classic builder says "Step 1/9 : …", then perhaps "---> Using cache", then
        # "---> 0123456789ab"; the first step's image is the base image itself.
        if not isinstance(event, Progress):
            return
        if event.text.startswith("Step "):
            self._made = not event.text.split(" : ")[-1].startswith(("ARG", "FROM"))
        elif event.text == "---> Using cache":
            self._made = False
        elif self._made and (image := re.search(r"^---> (\w{12})$", event.text)):
            self._left.append(image[1])
