"""A training's use of an engine: connect, compare, send the modules, run fits, let go."""

import contextlib
import importlib
import pickle
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

from mldeploy.config.engine import Engine
from mldeploy.errors import MldeployError
from mldeploy.events import Note
from mldeploy.model.engines.alike import LIBRARIES, require_same_python, require_same_versions
from mldeploy.model.engines.base import Connection
from mldeploy.model.engines.sending import by_value, pickled, zipped
from mldeploy.model.engines.waiting import Found, within

CONNECT = 30.0
"""Seconds for a connection."""
ANSWER = 60.0
"""Seconds for a response of every worker: a new one may have to start first."""
SILENT = 30.0
"""Seconds without a response after which an engine counts as lost."""
_BETWEEN = 5.0
"""Seconds between two questions whether it is alive."""


@dataclass(frozen=True)
class Silence:
    """Bounds in seconds, as the constants of this module."""

    connect: float = CONNECT
    answer: float = ANSWER
    silent: float = SILENT
    between: float = _BETWEEN


class TrainingOn:
    """An engine during a training.

    Raises:
        MldeployError: MLD250 to 253.
    """

    def __init__(self, engine: Engine, bounds: Silence | None = None) -> None:
        self._engine = engine
        self._bounds = bounds or Silence()
        self._connection = self._connect()
        self._code: Any = None
        self.cores = self._alive()
        require_same_python(self._everywhere)
        require_same_versions(self._everywhere, LIBRARIES)
        self._backend: Any = None

    @property
    def calls(self) -> int:
        """The number of calls of joblib that were sent to the workers."""
        return self._backend.calls if self._backend else 0

    def send(self, files: Mapping[str, Path], needed: set[str], estimator: Any) -> None:
        """Send the user's modules to the workers, and let each load the estimator.

        joblib would hang, or fail in a task, if one couldn't.

        Args:
            files: the modules, by their paths on `sys.path`.
            needed: distributions that the estimator needs.
            estimator: unfitted.
        """
        require_same_versions(self._everywhere, needed)
        code = zipped(files)
        call, parts = pickled(0, [(type, (estimator,), {})])
        content = [pickle.dumps(one, protocol=5) for one in parts]
        for worker, found in sorted(self._everywhere(by_value(), code, call, *content).items()):
            error = found if isinstance(found, BaseException) else pickle.loads(found)[1]  # noqa: S301 - of our own workers
            if isinstance(error, BaseException):
                raise MldeployError(
                    "MLD253",
                    f"the worker {worker} can't load the estimator: {type(error).__name__}: "
                    f"{error}",
                    "install what it lacks on all workers, in the versions of this machine",
                )
        self._code = self._bounded(
            "taken the modules", self._bounds.answer, lambda: self._connection.put(code)
        )

    @contextlib.contextmanager
    def fits(self) -> Iterator[None]:
        """Run joblib's tasks on the engine; predictions outside a fit are made here."""
        import joblib

        if self._backend is None:
            from mldeploy.model.engines.backend import EngineBackend

            self._backend = EngineBackend(self._connection, self._code, self.cores)
        with self._watched(), joblib.parallel_config(backend=self._backend, n_jobs=-1):
            yield
        if self._backend.failure is not None:  # something between joblib and us has caught it
            raise self._backend.failure

    def close(self) -> bool:
        """Let go of the engine, whatever state it is in; return whether nothing is left open."""
        try:
            within(self._bounds.silent, self._connection.close)
        except Exception:  # noqa: BLE001 - the training has ended, or has a better error
            return False
        return self._backend is None or self._backend.failure is None

    def _connect(self) -> Connection:
        kind = _library(self._engine)
        place = (self._engine.host, self._engine.port)
        seconds = self._bounds.connect
        try:
            socket.create_connection(place, timeout=min(seconds, 10)).close()
            found: Connection = within(seconds * 2, lambda: kind(self._engine, seconds))
        except Exception as error:
            said = " ".join(str(error).split())[:500]
            raise MldeployError(
                "MLD251",
                f"{self._engine.url} can't be reached: {type(error).__name__}: {said}",
                "start the engine, or correct the address; `--on local` trains on this machine",
            ) from error
        return found

    def _alive(self) -> int:
        cores = self._bounded("responded", self._bounds.answer, self._connection.cores)
        if not cores:
            raise MldeployError(
                "MLD251", f"{self._engine.url} has no workers", "start workers, then train again"
            )
        return cores

    def _everywhere(self, *arguments: Any) -> dict[str, Any]:
        return self._bounded(
            "responded on all workers",
            self._bounds.answer,
            lambda: self._connection.everywhere(*arguments),
        )

    def _bounded(self, done: str, seconds: float, call: Callable[[], Found]) -> Found:
        try:
            return within(seconds, call)
        except Exception as error:
            raise self._lost(done, error) from error

    def _lost(self, done: str, error: BaseException) -> MldeployError:
        said = f": {type(error).__name__}: {error}"
        return MldeployError(
            "MLD251",
            f"{self._engine.url} hasn't {done}{said}",
            "look whether its scheduler and all workers run, then train again",
        )

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """End the tasks if the engine doesn't respond any more, or has no workers left."""
        ended = Signal()

        def watch() -> None:
            while not ended.wait(self._bounds.between):
                try:
                    if within(self._bounds.silent, self._connection.cores):
                        continue
                    reason: Exception = TimeoutError("no workers are left")
                except Exception as error:  # noqa: BLE001 - whatever it is, it isn't alive
                    reason = error
                if not ended.is_set():
                    lost = self._lost("responded", reason)
                    self._backend.fail(MldeployError("MLD252", lost.message, lost.hint))
                return

        thread = Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()


def _library(engine: Engine) -> Callable[[Engine, float], Connection]:
    """Return what connects to an engine.

    Raises:
        MldeployError: MLD250 if its library isn't installed.
    """
    module = "distributed" if engine.library == "dask" else "ray"
    try:
        importlib.import_module(module)
        if engine.library == "ray":
            importlib.import_module("grpc")  # Ray's client needs it, and has it as an extra
    except ImportError as error:
        raise MldeployError(
            "MLD250",
            f"training on {engine.url} needs {error.name or module}, which isn't installed",
            f"pip install 'mldeploy[{engine.library}]'",
        ) from error
    if engine.library == "dask":
        from mldeploy.model.engines.on_dask import DaskConnection

        return DaskConnection
    from mldeploy.model.engines.on_ray import RayConnection

    return RayConnection


def warning_of(engine: Engine, environ: Mapping[str, str]) -> Note | None:
    """Return the warning for an engine that may be open to others, or None."""
    tls = engine.tls or (engine.library == "ray" and environ.get("RAY_USE_TLS") == "1")
    if tls or engine.on_this_machine:
        return None
    return Note(
        f"{engine.url} is used without TLS: whoever reaches this port can run code on the workers "
        "and, through what they return, on this machine; keep it in a private network",
        "warning",
    )
