"""A cache of the wheels' hashes from the package index.

Entries are valid for 30 days, because a wheel may be withdrawn. If the cache can't be read or
written, the index is queried again.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mldeploy import __version__
from mldeploy.files.places import cache_home, private
from mldeploy.text.digests import digest_of, is_sha256

_VALID = 30 * 24 * 3600


def key_of(requirements: Sequence[str], *about: str) -> str:
    """Return the name of an entry: a hash of everything that it depends on.

    Args:
        requirements: that were queried.
        about: the index, what may be installed from it, and the target.

    It includes pip's variables, which may set another index, and the index's URL with its
    login; the hash reveals neither.
    """
    pip = sorted((name, value) for name, value in os.environ.items() if name.startswith("PIP_"))
    parts = [sorted(requirements), list(about), __version__, pip]
    return digest_of(json.dumps(parts).encode())


def recalled(key: str) -> dict[str, str] | None:
    """Return the hashes by name if they were stored less than 30 days ago, else None."""
    folder = _folder()
    if folder is None:
        return None
    try:
        age = time.time() - (folder / key).stat().st_mtime
        found = json.loads((folder / key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not 0 <= age < _VALID or not isinstance(found, dict):
        return None
    return found if all(is_sha256(str(one)) for one in found.values()) else None


def remember(key: str, hashes: Mapping[str, str]) -> None:
    """Store the hashes of a positive result, and remove expired entries."""
    folder = _folder()
    if folder is None:
        return
    with suppress(OSError):
        private(folder)
        (folder / key).write_text(json.dumps(hashes), encoding="utf-8")
        for path in folder.iterdir():
            if time.time() - path.stat().st_mtime > _VALID:
                path.unlink()


def _folder() -> Path | None:
    """Return the cache's folder, or None without a home."""
    with suppress(RuntimeError):
        return cache_home() / "wheels"
    return None
