"""The user's private records on this machine: pushes and golden examples.

A record of a push proves that an image in ECR is this project's. The golden examples of a release
are stored because a rollback has no bundle for it. Records that can't be written or read are
omitted; then another proof is needed.
"""

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mldeploy.files.places import opened_own, private, state_home, write_new
from mldeploy.files.whole import whole
from mldeploy.model.golden import Golden
from mldeploy.text.digests import is_registry_digest

_RELEASE = re.compile(r"[0-9a-f]{16}")
_PLACE = re.compile(r"[a-z0-9][a-z0-9._/-]*")
_MOST_RELEASES = 100
_LARGEST = 64_000_000
"""Bytes: the limit for reading a damaged file."""


@dataclass(frozen=True)
class Pushed:
    """A place in ECR: account, region, repository and tag."""

    account: str
    region: str
    repository: str
    tag: str

    @property
    def _path(self) -> Path:
        parts = (self.account, self.region, self.repository, self.tag)
        if not all(map(_PLACE.fullmatch, parts)) or any(".." in one for one in parts):
            raise ValueError(parts)
        name = "_".join(one.replace("_", "__").replace("/", "_-") for one in parts)
        return state_home() / "pushed" / name

    def record(self, digest: str) -> None:
        """Record that this machine has pushed an image there."""
        with suppress(OSError, RuntimeError, ValueError):
            _write(self._path, digest)

    @property
    def digest(self) -> str:
        """The last image that this machine pushed there, or ""."""
        with suppress(OSError, RuntimeError, ValueError):
            found = _read(self._path)
            return found if is_registry_digest(found) else ""
        return ""


@dataclass
class Shelf:
    """Golden examples by release. `most`: number of releases to keep."""

    most: int = _MOST_RELEASES
    _known: dict[str, Golden] = field(default_factory=dict, repr=False)

    def put(self, release: str, golden: Golden) -> None:
        """Store a release's golden examples."""
        self._known[release] = golden
        with suppress(OSError, RuntimeError, ValueError):
            folder = _folder()
            text = {"custom": golden.custom, "text": golden.text.decode()}
            _write(_file(folder, release), json.dumps(text))
            _thin(folder, self.most)

    def get(self, release: str) -> Golden:
        """Return a release's golden examples; falsy if there are none."""
        if release not in self._known:
            with suppress(OSError, RuntimeError, ValueError, KeyError, TypeError):
                found = json.loads(_read(_file(_folder(), release)))
                text = str(found["text"]).encode()
                self._known[release] = Golden(text, custom=found["custom"] is True)
        return self._known.get(release, Golden())


def _folder() -> Path:
    return state_home() / "golden"


def _file(folder: Path, release: str) -> Path:
    if not _RELEASE.fullmatch(release):
        raise ValueError(release)
    return folder / f"{release}.json"


def _thin(folder: Path, most: int) -> None:
    """Remove the oldest releases."""
    found = sorted(folder.glob("*.json"), key=lambda one: one.stat().st_mtime)
    for path in found[:-most]:
        path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """Write a file atomically, readable only for this user."""
    private(path.parent)
    with whole(path) as draft:
        write_new(draft, text)


def _read(path: Path) -> str:
    """Read a file that this user owns, in a private folder."""
    private(path.parent)
    with os.fdopen(opened_own(path, os.O_RDONLY), "rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o022:
            raise PermissionError(path)
        return file.read(_LARGEST).decode()
