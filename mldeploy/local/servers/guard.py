"""Protects the servers on this machine from other origins' pages and requests for other hosts.

A browser lets any page send requests to this machine. `Origin` and `Sec-Fetch-Site` identify the
page; a page whose name resolves to this machine (DNS rebinding) sends its own name as host.
Source: https://web.dev/articles/fetch-metadata and RFC 6454.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mldeploy.config import CorsConfig
from mldeploy.local.api.cors import permits

_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_OWN = {"", "none", "same-origin"}
"""Sec-Fetch-Site without a browser, from its address bar, and from the server's own page."""
_HTTP = 80


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused. `code`: from docs/errors.md."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


Rules = Callable[[], CorsConfig | None]
"""Returns the origins that the user allows; called only for requests from other origins."""


def nobody() -> None:
    """Allow no other origin."""


def refusal(header: Callable[[str], str], port: int, rules: Rules = nobody) -> Refusal | None:
    """Return why a request is refused, or None.

    Args:
        header: returns a header's value by its lower-case name, or "".
        port: that the server listens on.
        rules: the allowed origins.
    """
    hosts = {f"{name}:{port}" for name in _HOSTS} | (set(_HOSTS) if port == _HTTP else set())
    host = header("host").lower()
    if host and host not in hosts:  # all browsers send one; HTTP/1.0 doesn't require it
        return Refusal("MLD616", f"call this server as 127.0.0.1:{port} or localhost:{port}")
    origin = header("origin").lower()
    if not origin and header("sec-fetch-site").lower() in _OWN:
        return None
    if origin in {f"http://{host}" for host in hosts} or permits(rules(), origin):
        return None
    return Refusal(
        "MLD617", "a page of another origin sent this request; [api.cors] can allow origins"
    )
