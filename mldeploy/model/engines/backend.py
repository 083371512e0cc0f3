"""joblib's backend that runs a fit's tasks on an engine.

joblib's own for Dask and Ray's aren't used: docs/decisions/0060-a-joblib-backend-of-our-own.md.
"""

import pickle
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError, ThreadPoolExecutor
from threading import Lock
from typing import Any

from joblib.parallel import AutoBatchingMixin, ParallelBackendBase

from mldeploy.errors import MldeployError
from mldeploy.model.engines.base import Connection
from mldeploy.model.engines.sending import pickled


class EngineBackend(AutoBatchingMixin, ParallelBackendBase):  # type: ignore[misc]
    """A backend on a connection. Only threads of its own talk to the engine, so nothing hangs.

    Attributes:
        calls: the number of calls that it has sent.
        failure: why the engine can't be used any more, or None.
    """

    supports_retrieve_callback = True
    default_n_jobs = -1

    def __init__(self, connection: Connection, code: Any, cores: int) -> None:
        super().__init__(nesting_level=0)
        self.calls = 0
        self.failure: MldeployError | None = None
        self._connection, self._code, self._cores = connection, code, cores
        self._sender = ThreadPoolExecutor(1)
        self._receiver = ThreadPoolExecutor(1)
        self._lock = Lock()
        self._pending: set[Future[bytes]] = set()
        self._running: dict[Future[bytes], Future[bytes]] = {}
        self._shared: dict[int, tuple[Any, Any]] = {}

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """Return the engine's cores for every `n_jobs` except 1, which means no tasks at all."""
        return 1 if n_jobs == 1 else max(self._cores, 2)  # joblib runs one job in its own process

    def start_call(self) -> None:
        """Begin a call of Parallel."""
        self._shared = {}

    def stop_call(self) -> None:
        """End a call of Parallel: the engine can forget what its tasks shared."""
        self._shared = {}

    def submit(self, func: Any, callback: Callable[[Any], None] | None = None) -> "Future[bytes]":
        """Send a batch; `callback` gets the future, as `retrieve_result_callback` takes it."""
        done: Future[bytes] = Future()
        if callback is not None:
            # Not in the engine's own thread, for joblib sends the next batch from there.
            done.add_done_callback(lambda one: self._receiver.submit(callback, one))
        with self._lock:
            if self.failure is not None:
                raise self.failure
            self._pending.add(done)
            number, self.calls = self.calls, self.calls + len(func)
        call, parts = pickled(number, func.items)
        self._sender.submit(self._send, call, parts, self._shared, done)
        return done

    def retrieve_result_callback(self, out: "Future[bytes]") -> list[Any]:
        """Return the results of a batch, or raise its error."""
        ended, found, trace = pickle.loads(out.result())  # noqa: S301 - of our own workers
        if ended:
            return list(found)
        found.add_note(f"on a worker:\n{trace}")
        raise found

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - joblib's own signature
        """Give up all tasks after an error."""
        with self._lock:
            running, self._running = list(self._running.values()), {}
            self._pending.clear()
        for one in running:
            self._sender.submit(one.cancel)

    def fail(self, failure: MldeployError) -> None:
        """End all tasks, and those to come, with an error."""
        with self._lock:
            self.failure = self.failure or failure
            pending, self._pending = list(self._pending), set()
        for one in pending:
            self._settle(one, error=self.failure)

    def _send(
        self, call: bytes, parts: list[Any], shared: dict[int, tuple[Any, Any]], done: Any
    ) -> None:
        try:
            for one in parts:
                if id(one) not in shared:  # keeps the object, so that its id stays its own
                    content = pickle.dumps(one, protocol=5)
                    shared[id(one)] = one, self._connection.put(content)
            references = [shared[id(one)][1] for one in parts]
            running = self._connection.submit(self._code, call, references)
        except Exception as error:  # noqa: BLE001 - it ends the training, whatever it is
            self.fail(_lost(error))
            return
        with self._lock:
            self._running[done] = running
        running.add_done_callback(lambda one: self._received(done, one))

    def _received(self, done: "Future[bytes]", running: "Future[bytes]") -> None:
        with self._lock:
            wanted = done in self._pending
            self._running.pop(done, None)
            self._pending.discard(done)
        if not wanted:
            return
        try:
            self._settle(done, running.result())
        except (Exception, CancelledError) as error:  # noqa: BLE001 - not of the user's code
            with self._lock:
                self._pending.add(done)
            self.fail(_lost(error))

    @staticmethod
    def _settle(done: "Future[bytes]", content: bytes = b"", error: Any = None) -> None:
        try:
            if error is None:
                done.set_result(content)
            else:
                done.set_exception(error)
        except InvalidStateError:
            pass  # it has ended in the meantime


def _lost(error: BaseException) -> MldeployError:
    said = " ".join(str(error).split())[:300]
    return MldeployError(
        "MLD252",
        f"the engine failed during the training: {type(error).__name__}: {said}",
        "look at the logs of the scheduler and the workers (a worker may have run out of memory), "
        "then train again",
    )
