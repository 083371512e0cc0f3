"""Dask's scheduler and workers, by `distributed`'s client."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mldeploy.config.engine import Engine
from mldeploy.model.engines.sending import by_value

if TYPE_CHECKING:
    from concurrent.futures import Future


class DaskConnection:
    """A connection to a scheduler. TLS files come from Dask's own configuration.

    Source: distributed's documentation, "TLS/SSL": `tls://` uses
    `distributed.comm.tls` of Dask's configuration files and variables.
    """

    def __init__(self, engine: Engine, seconds: float) -> None:
        from distributed import Client

        host = f"[{engine.host}]" if ":" in engine.host else engine.host
        scheme = "tls" if engine.tls else "tcp"
        self._client = Client(
            f"{scheme}://{host}:{engine.port}", timeout=seconds, set_as_default=False
        )
        # The tasks are in no cache: a function of the same arguments runs again.
        self._executor = self._client.get_executor(pure=False)
        self._run = by_value()

    def cores(self) -> int:
        """Return the number of the workers' threads."""
        return sum(self._client.ncores().values())

    def everywhere(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Run a function on each worker, also if it is busy."""
        return dict(self._client.run(function, *arguments, on_error="return"))

    def put(self, content: Any) -> Any:
        """Send content to one worker, from which the others get it."""
        return self._client.scatter([content], hash=False)[0]

    def submit(self, code: Any, call: bytes, parts: list[Any]) -> "Future[bytes]":
        """Start a task."""
        found: Future[bytes] = self._executor.submit(self._run, code, call, *parts)
        return found

    def close(self) -> None:
        """Close the client; the scheduler then drops its tasks."""
        self._client.close(timeout=5)
