"""Paths of the package's data: `image_template`, the examples and pages of `docs`."""

from pathlib import Path


def shipped(name: str) -> Path:
    """Return a data folder: inside the wheel, or next to the package in a checkout.

    Raises:
        FileNotFoundError: if the installation doesn't contain it.
    """
    package = Path(__file__).resolve().parents[1]
    places = (
        package / "_shipped" / name,
        package.parent / name,
    )
    for place in places:
        if place.is_dir():
            return place
    message = f"mldeploy's installation lacks the folder {name!r}"
    raise FileNotFoundError(message)
