"""Reads the container's settings in the Dockerfile of `image_template`, for other builders."""

import json
from collections.abc import Iterator


def variables_in(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield the variables of a Dockerfile's ENV instructions, as NAME=VALUE."""
    for words in _instructions(dockerfile, "ENV"):
        pairs = (one.partition("=") for one in words.split())
        yield from ((name, value.strip("\"'")) for name, found, value in pairs if found)


def command_in(dockerfile: str) -> list[str]:
    """Return the command of a Dockerfile's last CMD instruction, a JSON list."""
    found = [json.loads(words) for words in _instructions(dockerfile, "CMD")]
    return [str(one) for one in found[-1]] if found else []


def _instructions(dockerfile: str, name: str) -> Iterator[str]:
    for line in dockerfile.replace("\\\n", " ").splitlines():
        first, _, rest = line.strip().partition(" ")
        if first.upper() == name:
            yield rest.strip()
