"""Compares the packages that are installed here with those of an image."""

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version


def unlike(requirements: Iterable[str]) -> Iterator[str]:
    """Yield the packages whose versions differ here, one sentence each.

    Args:
        requirements: of the image, as `name==version`.
    """
    for line in requirements:
        name, _, wanted = line.partition("==")
        try:
            installed = version(name)
        except PackageNotFoundError:
            yield f"{name} isn't installed here, but the image has {wanted}"
        else:
            if wanted and installed != wanted:
                yield f"{name} {installed} is installed here, but the image has {wanted}"
