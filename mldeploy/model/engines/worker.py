"""What runs on an engine's workers. They have no mldeploy, so it is sent to them as code.

So this module imports nothing of mldeploy, and its functions import what they need themselves.
"""

from __future__ import annotations

from typing import Any

Code = tuple[str, bytes]
"""The name and the zip of the user's modules, by their paths on `sys.path`."""


def run(code: Code, call: bytes, *parts: bytes) -> bytes:
    """Run a batch of joblib's calls, and return their results or their error, pickled.

    Everything arrives and leaves as bytes, because an engine's own way of sending arrays may put
    them at odd addresses, where NumPy calculates differently in the last bits, or make them
    read-only.

    Args:
        code: the user's modules.
        call: a number, a list of (function, arguments, keywords), and the keys of `parts`, pickled.
        parts: pickled objects that several batches share; the calls refer to them by their keys.
    """
    import traceback

    cloudpickle = cloudpickle_here()
    try:
        _use(code)
        return bytes(cloudpickle.dumps((True, _results(call, parts), "")))
    except Exception as error:  # noqa: BLE001 - raised again where the batch comes from
        trace = traceback.format_exc()
        try:
            content = cloudpickle.dumps((False, error, trace))
            cloudpickle.loads(content)
        except Exception:  # noqa: BLE001 - an error of a class that can't travel
            said = RuntimeError(f"{type(error).__name__}: {error}")
            content = cloudpickle.dumps((False, said, trace))
        return bytes(content)


def cloudpickle_here() -> Any:
    """Return cloudpickle, of which joblib before 1.6 had a copy of its own."""
    try:
        import cloudpickle
    except ImportError:
        from joblib.externals import cloudpickle
    return cloudpickle


def _results(call: bytes, parts: tuple[bytes, ...]) -> list[Any]:
    import io
    import pickle

    import joblib

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, key: Any) -> Any:
            if key not in opened:
                opened[key] = pickle.loads(parts[key])  # noqa: S301 - the training sent it
            return opened[key]

    opened: dict[int, Any] = {}
    number, items = Unpickler(io.BytesIO(call)).load()
    found = []
    # Parallel code within a task stays in its worker.
    with joblib.parallel_config(backend="sequential"):
        for place, (function, arguments, keywords) in enumerate(items):
            found.append(_seeded(number + place, function, arguments, keywords))
    return found


def _seeded(number: int, function: Any, arguments: Any, keywords: Any) -> Any:
    """Call a function with global random generators that depend on its number only."""
    import random

    import numpy as np

    kept = random.getstate(), np.random.get_state()  # noqa: NPY002 - what random_state=None means
    try:
        random.seed(number)
        np.random.seed(number % 2**32)  # noqa: NPY002 - the same
        return function(*arguments, **keywords)
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002 - the same


def _use(code: Code) -> None:
    """Import the user's modules from this code from now on, not from any other."""
    import importlib
    import sys
    import threading
    import types

    lock = sys.modules.setdefault("_mldeploy_lock", types.ModuleType("_mldeploy_lock"))
    with lock.__dict__.setdefault("lock", threading.RLock()):
        name, content = code
        if lock.__dict__.get("name") == name:
            return
        old = lock.__dict__.pop("folder", None)
        if old in sys.path:
            sys.path.remove(old)
        folder, tops = _unpacked(content)
        for module in [*sys.modules]:
            if module.partition(".")[0] in tops | lock.__dict__.get("tops", set()):
                del sys.modules[module]
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        lock.__dict__.update(name=name, folder=folder, tops=tops)


def _unpacked(content: bytes) -> tuple[str, set[str]]:
    """Unpack a zip into a folder of this process; return it, and its top-level modules."""
    import atexit
    import io
    import shutil
    import tempfile
    import zipfile

    folder = tempfile.mkdtemp(prefix="mldeploy-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
        names = archive.namelist()
    return folder, {name.partition("/")[0].partition(".")[0] for name in names}
