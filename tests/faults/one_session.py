"""One session for all commands: making a client takes longer than all its calls."""

from collections.abc import Callable
from functools import cache
from typing import Any


class Reused:
    """A client that each command gets as if it were new: without the handlers of the last one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._given: list[tuple[str, Any]] = []
        events = client.meta.events
        # botocore's three ways; a handler that stayed would be called by all later commands.
        for way in ("register", "register_first", "register_last"):
            setattr(events, way, self._remembering(getattr(events, way)))

    def _remembering(self, register: Callable[[str, Any], None]) -> Callable[[str, Any], None]:
        def remember(event: str, handler: Any) -> None:
            self._given.append((event, handler))
            register(event, handler)

        return remember

    def anew(self) -> Any:
        """Return the client without what was registered since."""
        for event, handler in self._given:
            self._client.meta.events.unregister(event, handler)
        self._given.clear()
        return self._client


class OneSession:
    """Stands in for a session of boto3's."""

    def __init__(self, session: Any) -> None:
        self._real = session
        self._clients: dict[tuple[str, ...], Reused] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def client(self, service: str, config: Any = None, **params: Any) -> Any:
        """Return a client that was made before with the same settings, if there is one."""
        if config is None:  # a test's own
            return self._real.client(service, **params)
        which = service, str(config.retries), str(config.read_timeout), str(params)
        if which not in self._clients:
            made = self._real.client(service, config=config, **params)
            self._clients[which] = Reused(made)
        return self._clients[which].anew()


def one_session(make: Callable[..., Any]) -> Callable[..., OneSession]:
    """Return what makes sessions as the program does, one for each region and profile."""
    return cache(lambda *which: OneSession(make(*which)))
