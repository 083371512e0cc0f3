"""Files that appear when they are whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Yield a new path beside a file to write to; it replaces the file if the work succeeds.

    Raises:
        OSError: the file can't be renamed.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.unlink(missing_ok=True)  # of a process that crashed
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
