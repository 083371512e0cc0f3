"""One session for all commands: making a client takes longer than all its calls."""

from collections.abc import Callable
from typing import Any

import boto3


class Reused:
    """A client that each command gets as if it were new: without the handlers of the last one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._given: list[tuple[str, Any]] = []
        self._register = client.meta.events.register
        client.meta.events.register = self._remember

    def _remember(self, event: str, handler: Any) -> None:
        self._given.append((event, handler))
        self._register(event, handler)

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
        which = service, str(config.retries), str(params)
        if which not in self._clients:
            made = self._real.client(service, config=config, **params)
            self._clients[which] = Reused(made)
        return self._clients[which].anew()


def one_session() -> Callable[..., OneSession]:
    """Return what makes sessions, one for each region and profile."""
    made: dict[str, OneSession] = {}
    make = boto3.Session

    def session(botocore_session: Any = None, **params: Any) -> OneSession:
        if str(params) not in made:
            made[str(params)] = OneSession(make(botocore_session=botocore_session, **params))
        return made[str(params)]

    return session
