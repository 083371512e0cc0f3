"""Whether a package index is asked over a connection that others can change."""

import ipaddress
from urllib.parse import urlsplit


def unprotected_host(url: str) -> str:
    """Return the host of an address whose answers anybody on the way can change, or "".

    http to this machine itself is safe; pip has the same rule (its `SECURE_ORIGINS`,
    https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host).
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or host == "localhost":
        return ""
    try:
        return "" if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host
