"""What a training sends to workers: calls, the data that they share, and code."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mldeploy.model.engines import worker
from mldeploy.model.engines.worker import Code
from mldeploy.text.digests import digest_of

SHARED = 100_000
"""Bytes, or values of a table, from which an object travels once for all calls."""
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip can hold: equal files make equal zips."""


def by_value() -> Any:
    """Return `worker.run` as a function that is pickled with its code, not by its name."""
    cloudpickle = worker.cloudpickle_here()
    cloudpickle.register_pickle_by_value(worker)
    try:
        # No module has this copy, so every cloudpickle sends it whole.
        return cloudpickle.loads(cloudpickle.dumps(worker.run))
    finally:
        cloudpickle.unregister_pickle_by_value(worker)


def zipped(files: Mapping[str, Path]) -> Code:
    """Return the code of modules, by their paths on `sys.path`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, path in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _OLDEST), path.read_bytes())
    return digest_of(stream.getvalue()), stream.getvalue()


def pickled(number: int, items: Iterable[Any]) -> tuple[bytes, list[Any]]:
    """Return calls for `worker.run`, and the large objects that they share.

    Args:
        number: of the first call.
        items: function, arguments and keywords of each.
    """
    cloudpickle = worker.cloudpickle_here()
    base: Any = cloudpickle.Pickler
    shared: dict[int, tuple[int, Any]] = {}

    class Pickler(base):  # type: ignore[misc]
        def persistent_id(self, value: Any) -> int | None:
            if not _is_large(value):
                return None
            return shared.setdefault(id(value), (len(shared), value))[0]

    stream = io.BytesIO()
    Pickler(stream).dump((number, list(items)))
    return stream.getvalue(), [value for _, value in shared.values()]


def _is_large(value: Any) -> bool:
    size = getattr(value, "nbytes", 0) if type(value).__module__ == "numpy" else 0
    if hasattr(type(value), "iloc"):  # a DataFrame or a Series, whose texts have no size
        size = value.size
    return bool(size >= SHARED)
