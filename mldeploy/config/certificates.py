"""Reads the certificates of a CA file; nothing else of it may leave this machine."""

import re
import ssl
from pathlib import Path

_BLOCK = re.compile(
    rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----", re.ASCII
)


def certificates_of(path: Path) -> bytes:
    """Return the certificates of a PEM file, without comments, keys and other contents.

    Raises:
        OSError: it can't be read.
        ValueError: it contains none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found = [block for block in _BLOCK.findall(path.read_bytes()) if _takes(context, block)]
    if not found:
        raise ValueError(f"{path} contains no certificate in PEM format")
    return b"\n".join(found) + b"\n"


def _takes(context: ssl.SSLContext, block: bytes) -> bool:
    try:
        context.load_verify_locations(cadata=block.decode("ascii"))
    except (ssl.SSLError, ValueError):
        return False
    return True
