"""Checks whether a package index uses an unprotected connection."""

import ipaddress
from urllib.parse import urlsplit


def unprotected_host(url: str) -> str:
    """Return the host of a URL whose responses can be tampered with on the network, or "".

    http to loopback is safe; pip has the same rule (its `SECURE_ORIGINS`,
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
