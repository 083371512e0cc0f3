"""What the Dockerfile of `image_template` says of the container: others must say the same."""

import json
from collections.abc import Iterator


def variables_in(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield what a Dockerfile's ENV instructions set, in their form NAME=VALUE."""
    for words in _instructions(dockerfile, "ENV"):
        pairs = (one.partition("=") for one in words.split())
        yield from ((name, value.strip("\"'")) for name, found, value in pairs if found)


def command_in(dockerfile: str) -> list[str]:
    """Return what a Dockerfile's last CMD instruction runs, in its form of a JSON list."""
    found = [json.loads(words) for words in _instructions(dockerfile, "CMD")]
    return [str(one) for one in found[-1]] if found else []


def _instructions(dockerfile: str, name: str) -> Iterator[str]:
    for line in dockerfile.replace("\\\n", " ").splitlines():
        first, _, rest = line.strip().partition(" ")
        if first.upper() == name:
            yield rest.strip()
