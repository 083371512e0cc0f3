"""The releases that commands have last seen in AWS, for shell completion, which never calls AWS.

They are a convenience: nothing depends on them, and a failure to read or write them is ignored.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mldeploy.files.places import cache_home, private

_NAME = re.compile(r"[a-z0-9-]+")
_KEPT = 200
"""Releases of a stage."""


@dataclass(frozen=True)
class Place:
    """A stage as completion knows it.

    Attributes:
        project: the project's name.
        stage: the stage's.
        target: "aws" or "local".
    """

    project: str
    stage: str
    target: str

    @property
    def file(self) -> Path:
        """The file of its releases."""
        return cache_home() / "releases" / f"{self.project}_{self.stage}_{self.target}.json"


def remember(place: Place, releases: Mapping[str, str], *, added: bool = False) -> None:
    """Store a stage's releases: ids and descriptions, newest first; `added`: to the known ones."""
    more = seen(place) if added else {}
    found = {**releases, **{one: text for one, text in more.items() if one not in releases}}
    kept = dict(list(found.items())[:_KEPT])
    with suppress(OSError, RuntimeError):
        private(place.file.parent)
        new = place.file.with_suffix(".new")
        new.write_text(json.dumps(kept), encoding="utf-8")
        new.replace(place.file)


def forget(place: Place) -> None:
    """Remove a stage's releases."""
    with suppress(OSError, RuntimeError):
        place.file.unlink(missing_ok=True)


def seen(place: Place) -> dict[str, str]:
    """Return a stage's releases as they were stored, or none."""
    try:
        found = json.loads(place.file.read_text(encoding="utf-8"))
    except (OSError, RuntimeError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {one: text for one, text in found.items() if isinstance(text, str)}


def seen_stages(project: str, target: str) -> list[str]:
    """Return the stages of a project whose releases are stored."""
    try:
        files = sorted((cache_home() / "releases").glob(f"{project}_*_{target}.json"))
    except (OSError, RuntimeError):
        return []
    names = [one.name.split("_")[1] for one in files]
    return [one for one in names if _NAME.fullmatch(one)]
