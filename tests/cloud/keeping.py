"""Large files that are made once, and kept in the user's cache for a week."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.uv import cached, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_KEPT = 7 * 24 * 3600
"""Seconds. Debian's packages get fixes, which a stand-in is to have, too."""


@contextmanager
def kept(
    name: str, key: str, write: Callable[[Path], None], *, fresh: bool = False
) -> Iterator[Path]:
    """Yield a file that `write` wrote, now or at most a week ago; other processes wait meanwhile.

    Args:
        name: what it is.
        key: a digest of what it is made of, with the file's suffix.
        write: gets the path to write to.
        fresh: whether to write it anew in any case.
    """
    file = cached("mldeploy-tools", f"{name}-{key}")
    with locked(cached("mldeploy-tools", name)):
        for old in file.parent.glob(f"{name}-*"):
            if time.time() - old.stat().st_mtime > _KEPT:
                old.unlink()
        if fresh or not file.exists():
            new = file.with_name(f"new-{file.name}")
            new.unlink(missing_ok=True)  # of a process that was killed
            write(new)
            new.rename(file)
        yield file
