"""Which requirements the package index was found to have wheels for, kept in the user's cache.

An answer may be wrong after a wheel was withdrawn, so it is valid for 30 days. A cache that can't
be read or written is no error: the index is asked again.
"""

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mldeploy import __version__
from mldeploy.fingerprint import digest_of
from mldeploy.places import cache_home, private

_VALID = 30 * 24 * 3600
_CONTENT = "installable\n"


def key_of(requirements: Sequence[str], index_url: str, *target: str) -> str:
    """Return the name of an answer: a hash of all that it depends on.

    pip's variables are part of it, since they may name another index. So is the address of
    the index with its login; a hash shows neither.
    """
    pip = sorted((name, value) for name, value in os.environ.items() if name.startswith("PIP_"))
    parts = [sorted(requirements), index_url, list(target), __version__, pip]
    return digest_of(json.dumps(parts).encode())


def is_known(key: str) -> bool:
    """Tell whether the answer was positive less than 30 days ago."""
    folder = _folder()
    if folder is None:
        return False
    try:
        age = time.time() - (folder / key).stat().st_mtime
        return 0 <= age < _VALID and (folder / key).read_text(encoding="utf-8") == _CONTENT
    except (OSError, ValueError):
        return False


def remember(key: str) -> None:
    """Keep a positive answer, and remove those that are no longer valid."""
    folder = _folder()
    if folder is None:
        return
    with suppress(OSError):
        private(folder)
        (folder / key).write_text(_CONTENT, encoding="utf-8")
        for path in folder.iterdir():
            if time.time() - path.stat().st_mtime > _VALID:
                path.unlink()


def _folder() -> Path | None:
    """Return the cache's folder, or None without a home."""
    with suppress(RuntimeError):
        return cache_home() / "wheels"
    return None
