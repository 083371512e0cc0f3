"""What an engine can do, whichever library speaks to it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Future


class Connection(Protocol):
    """A connection to an engine.

    Every method may raise any exception of the library, and may never return.
    """

    def cores(self) -> int:
        """Return the number of tasks that all workers can run at once."""

    def everywhere(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """Run a function on each worker, also on a busy one.

        It is one of the standard library's, or `sending.by_value`.

        Returns:
            Results or exceptions, by the workers' addresses.
        """

    def put(self, content: Any) -> Any:
        """Send content to the engine once; return a reference for `submit`."""

    def submit(self, code: Any, call: bytes, parts: list[Any]) -> "Future[bytes]":
        """Start `worker.run`; code and parts are references."""

    def close(self) -> None:
        """Give back what the engine has of this training."""
