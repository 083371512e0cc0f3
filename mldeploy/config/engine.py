"""The address of a distributed engine that trains a model: `[training] on`, `--on`."""

import ipaddress
import re
from dataclasses import dataclass

HERE = "local"
"""The value of `on` that means this machine."""
_FORM = re.compile(r"(dask|tls|ray)://([\w.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})", re.ASCII)
_PORTS = 65535
ALLOWED = (
    'must be "local", "dask://HOST:PORT", "tls://HOST:PORT" (Dask with TLS) or "ray://HOST:PORT"'
)


@dataclass(frozen=True)
class Engine:
    """The address of an engine.

    Attributes:
        url: as the user wrote it.
        library: "dask" or "ray", also the name of mldeploy's extra.
        host: a name or an IP address, without brackets.
        port: of Dask's scheduler, or of Ray's client server.
        tls: whether the address itself demands TLS.
    """

    url: str
    library: str
    host: str
    port: int
    tls: bool = False

    @property
    def on_this_machine(self) -> bool:
        """Whether only this machine can be meant."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def engine_of(text: str) -> Engine | None:
    """Return the engine at an address; None for "local".

    Raises:
        ValueError: the text is neither; with what is allowed.
    """
    if text == HERE:
        return None
    found = _FORM.fullmatch(text)
    if found is None or not 0 < int(found[3]) <= _PORTS:
        raise ValueError(ALLOWED)
    scheme, host, port = found.groups()
    library = "ray" if scheme == "ray" else "dask"
    return Engine(text, library, host.strip("[]"), int(port), scheme == "tls")


def on_engine(text: str) -> str:
    """Check `[training] on`."""
    engine_of(text)
    return text
